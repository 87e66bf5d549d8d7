-- What scripts keep: one ordered space of keys for each app, and the clock that numbers its commits.

create table app_clocks (
    app_id     uuid   not null constraint app_clocks_pkey primary key
        constraint app_clocks_app_id_fkey references apps (id) on delete cascade,
    -- The number of the last commit; without gaps.
    csn        bigint not null,
    -- What the entries take, keys included, and how many they are.
    bytes      bigint not null,
    keys       bigint not null,
    -- Whose turn it is to commit, of several servers, and until when (microseconds since 1970).
    turn_of    bigint not null,
    turn_until bigint not null
);

-- No foreign key: those of an app that is gone go in steps.
create table entries (
    app_id     uuid   not null,
    key        bytea  not null,
    value      bytea  not null,
    -- Milliseconds since 1970; null when it stays.
    expires_at bigint,
    constraint entries_pkey primary key (app_id, key)
);
create index entries_expires_at_idx on entries (expires_at) where expires_at is not null;

-- The write log: the keys that commits wrote, for servers that follow. A row may stand for several commits, by the last.
create table writes (
    app_id uuid   not null,
    csn    bigint not null,
    keys   bytea  not null,
    constraint writes_pkey primary key (app_id, csn)
);
