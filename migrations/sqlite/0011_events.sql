-- What happens without a request: what sets it off, and what is on its way.

-- What an app's scripts are run for: one model for queues, schedules, subscriptions and changes.
create table triggers (
    app_id     blob    not null constraint triggers_app_id_fkey references apps (id) on delete cascade,
    -- `queue`, `schedule`, `subscription` or `change`.
    source     text    not null,
    name       text    not null,
    script_id  blob    not null constraint triggers_script_id_fkey references scripts (id),
    paused     boolean not null,
    -- JSON: what is of this source alone, and how it is delivered.
    settings   text    not null,
    -- When a schedule fires next, in milliseconds since 1970; null of all else, of paused ones, and when it never does.
    next_at    bigint,
    updated_at bigint  not null,
    constraint triggers_pkey primary key (app_id, source, name)
);
create index triggers_script_id_idx on triggers (script_id);
create index triggers_next_at_idx on triggers (next_at) where next_at is not null;

-- What is on its way. No foreign key: those of an app that is gone go in steps.
create table messages (
    seq          integer not null constraint messages_pkey primary key autoincrement,
    app_id       blob    not null,
    source       text    not null,
    name         text    not null,
    -- Given up; else it waits or is being handled.
    dead         boolean not null,
    -- When it is to be handed out, in milliseconds since 1970. Of one that was handed out: when it is taken to be lost.
    -- Null while another of its key is before it, and when it is dead.
    due_at       bigint,
    -- When it was to be handed out first.
    not_before   bigint  not null,
    -- How often it was handed out.
    attempt      bigint  not null,
    -- The number of the server that has it; null when none has.
    leased_by    bigint,
    -- Those of one key are handed out one after another.
    key          text,
    sent_at      bigint  not null,
    expires_at   bigint,
    attempts_max bigint,
    -- What it is a consequence of: how many messages, and which.
    hops         bigint  not null,
    chain        text    not null,
    -- A kept value.
    body         blob    not null,
    -- JSON: why its last attempt failed.
    error        text,
    -- Of a dead one, in milliseconds since 1970.
    died_at      bigint
);
create index messages_due_idx on messages (app_id, source, name, due_at, seq) where due_at is not null;
create index messages_key_idx on messages (app_id, source, name, key, seq) where key is not null and not dead;
create index messages_leased_idx on messages (app_id, source, name) where leased_by is not null;
create index messages_app_id_idx on messages (app_id, dead, seq);
create index messages_died_at_idx on messages (died_at) where died_at is not null;

-- One for each queue with messages, schedule, ...: when to look at it next, and how many there are.
create table lines (
    app_id blob    not null,
    source text    not null,
    name   text    not null,
    -- Null when nothing waits.
    due_at bigint,
    paused boolean not null,
    depth  bigint  not null,
    dead   bigint  not null,
    -- What all of them take, the dead ones included.
    bytes  bigint  not null,
    constraint lines_pkey primary key (app_id, source, name)
) without rowid;
create index lines_due_at_idx on lines (due_at) where due_at is not null and not paused;

-- What was sent lately and is not to be sent again.
create table message_dedup (
    app_id blob   not null,
    source text   not null,
    name   text   not null,
    dedup  text   not null,
    until  bigint not null,
    constraint message_dedup_pkey primary key (app_id, source, name, dedup)
) without rowid;
create index message_dedup_until_idx on message_dedup (until);
