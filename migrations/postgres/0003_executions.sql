-- A run is of any kind of happening, keeps its place in the order in which runs were recorded, and texts as they are.

-- One row: the number of the next execution. Whoever takes numbers holds it until they are committed.
create table execution_order (
    next bigint not null
);
insert into execution_order (next) select count(*) + 1 from executions;

alter table executions rename column event to kind;
alter table executions
    -- Grows with every record, whatever the clock does.
    add column seq bigint,
    -- One line that tells it from others of its kind.
    add column summary text not null default '',
    add column log_bytes bigint not null default 0,
    -- Of a request only.
    alter column method drop not null,
    alter column path drop not null,
    alter column status drop not null,
    -- JSON as text: scripts may say what jsonb cannot hold.
    alter column error type text using error::text,
    alter column log type text using log::text;
update executions set seq = numbered.seq, summary = method || ' ' || path
    from (select id, row_number() over (order by id) as seq from executions) numbered
    where numbered.id = executions.id;
alter table executions
    alter column seq set not null,
    alter column summary drop default,
    alter column log_bytes drop default;
drop index executions_app_id_id_idx;
create index executions_app_id_seq_idx on executions (app_id, seq);
