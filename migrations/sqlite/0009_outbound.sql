-- Whom scripts may call, and what runs sent.

create table allowed_hosts (
    app_id     blob   not null constraint allowed_hosts_app_id_fkey references apps (id) on delete cascade,
    -- `api.example.com`, `*.example.com`, with a port if it is only that.
    host       text   not null,
    -- By comma; none for all.
    methods    text   not null,
    updated_at bigint not null,
    constraint allowed_hosts_pkey primary key (app_id, host)
);

-- A JSON array; null when nothing was sent.
alter table executions add column outbound text;
