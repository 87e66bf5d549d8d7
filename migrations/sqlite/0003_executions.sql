-- A run is of any kind of happening, keeps its place in the order in which runs were recorded, and texts as they are.

-- One row: the number of the next execution. Whoever takes numbers holds it until they are committed.
create table execution_order (
    next bigint not null
);
insert into execution_order (next) select count(*) + 1 from executions;

create table executions_next (
    id           blob    not null constraint executions_pkey primary key,
    app_id       blob    not null constraint executions_app_id_fkey references apps (id) on delete cascade,
    -- Grows with every record, whatever the clock does.
    seq          bigint  not null,
    script       text    not null,
    version      bigint  not null,
    -- http, run
    kind         text    not null,
    -- One line that tells it from others of its kind.
    summary      text    not null,
    -- Of a request: its method, its path, the HTTP status that was answered.
    method       text,
    path         text,
    status       integer,
    -- replied, threw, stopped, broke, cancelled
    ending       text    not null,
    -- JSON: {code, message, limit, used, allowed, stack: [{module, function, line, column}]}; null when it replied.
    error        text,
    fuel         bigint  not null,
    memory_bytes bigint  not null,
    wall_us      bigint  not null,
    host_calls   integer not null,
    log_bytes    bigint  not null,
    -- JSON: [{level, message, fields}]; null when nothing was logged.
    log          text,
    -- What this row counts for in the app's ring.
    bytes        bigint  not null,
    started_at   bigint  not null
);
insert into executions_next (id, app_id, seq, script, version, kind, summary, method, path, status, ending, error, fuel,
        memory_bytes, wall_us, host_calls, log_bytes, log, bytes, started_at)
    select id, app_id, row_number() over (order by id), script, version, event, method || ' ' || path, method, path, status,
        ending, error, fuel, memory_bytes, wall_us, host_calls, 0, log, bytes, started_at
    from executions;
drop table executions;
alter table executions_next rename to executions;
create index executions_app_id_seq_idx on executions (app_id, seq);
