-- What runs were told, so that they can be run again: a ring bounded by bytes per app, of its own.

create table journals (
    execution_id blob    not null constraint journals_pkey primary key
        constraint journals_execution_id_fkey references executions (id) on delete cascade,
    app_id       blob    not null,
    -- Whether the run did not reply below 500: such stay longest.
    failed       boolean not null,
    -- What this row counts for in the app's ring.
    bytes        bigint  not null,
    -- An encoded and compressed journal.
    data         blob    not null
);
create index journals_app_id_failed_idx on journals (app_id, failed, execution_id);

-- Whether its runs are recorded so that they can be run again.
alter table apps add column journal boolean not null default true;

-- Apps that are gone while entries of theirs are still there: those go in steps.
create table gone_apps (
    app_id blob not null constraint gone_apps_pkey primary key
);

-- Every app has a clock from its beginning.
insert into app_clocks (app_id, csn, bytes, keys, turn_of, turn_until) select id, 0, 0, 0, 0, 0 from apps where true
    on conflict do nothing;
