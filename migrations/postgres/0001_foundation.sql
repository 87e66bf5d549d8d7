-- Apps, their scripts and versions, the routes to them, what ran, and who may manage it.
-- Constraint names are part of the contract: the manager turns them into errors.
-- Ids are UUID v7 (they sort by time); times are microseconds since 1970; JSON is jsonb.

create table apps (
    id          uuid    not null constraint apps_pkey primary key,
    name        text    not null constraint apps_name_key unique,
    -- Whether callers are shown a script's own errors instead of an execution id.
    show_errors boolean not null,
    created_at  bigint  not null
);

-- Own host names; a name belongs to one app of the installation.
create table app_hosts (
    host   text not null constraint app_hosts_pkey primary key,
    app_id uuid not null constraint app_hosts_app_id_fkey references apps (id) on delete cascade
);
create index app_hosts_app_id_idx on app_hosts (app_id);

create table scripts (
    id           uuid   not null constraint scripts_pkey primary key,
    app_id       uuid   not null constraint scripts_app_id_fkey references apps (id) on delete cascade,
    name         text   not null,
    kind         text   not null constraint scripts_kind_check check (kind in ('endpoint', 'module')),
    -- The number of the version that answers.
    live_version bigint not null,
    created_at   bigint not null,
    updated_at   bigint not null,
    constraint scripts_app_id_name_key unique (app_id, name)
);

-- A saved state of a script: the source is the truth, the artifact can be made again.
create table versions (
    id         uuid   not null constraint versions_pkey primary key,
    script_id  uuid   not null constraint versions_script_id_fkey references scripts (id) on delete cascade,
    app_id     uuid   not null constraint versions_app_id_fkey references apps (id) on delete cascade,
    number     bigint not null,
    source     text   not null,
    -- An encoded picloud_sdk::compile::Artifact.
    artifact   bytea  not null,
    -- The compiler guest that made the artifact; another one compiles anew.
    guest_hash text   not null,
    created_at bigint not null,
    -- The token that saved it, as text: it outlives the token.
    created_by text   not null,
    constraint versions_script_id_number_key unique (script_id, number)
);
create index versions_app_id_idx on versions (app_id);

create table routes (
    id         uuid   not null constraint routes_pkey primary key,
    app_id     uuid   not null constraint routes_app_id_fkey references apps (id) on delete cascade,
    script_id  uuid   not null constraint routes_script_id_fkey references scripts (id) on delete cascade,
    -- Empty: any address of the app; else one of its own hosts.
    host       text   not null,
    -- A method in upper case, or ANY.
    method     text   not null,
    pattern    text   not null,
    -- The pattern with its parameter names blanked: two routes of one shape conflict.
    shape      text   not null,
    created_at bigint not null,
    constraint routes_shape_key unique (app_id, host, method, shape)
);
create index routes_script_id_idx on routes (script_id);

-- What ran: a ring bounded by bytes per app. No foreign key to scripts or versions: the record outlives them.
create table executions (
    id           uuid    not null constraint executions_pkey primary key,
    app_id       uuid    not null constraint executions_app_id_fkey references apps (id) on delete cascade,
    script       text    not null,
    version      bigint  not null,
    -- http, run
    event        text    not null,
    method       text    not null,
    path         text    not null,
    -- The HTTP status that was answered.
    status       integer not null,
    -- replied, threw, stopped, broke, cancelled
    ending       text    not null,
    -- JSON: {code, message, limit, used, allowed, stack: [{function, line, column}]}; null when it replied.
    error        jsonb,
    fuel         bigint  not null,
    memory_bytes bigint  not null,
    wall_us      bigint  not null,
    host_calls   integer not null,
    -- JSON: [{level, message, fields}]; null when nothing was logged.
    log          jsonb,
    -- What this row counts for in the app's ring.
    bytes        bigint  not null,
    started_at   bigint  not null
);
create index executions_app_id_id_idx on executions (app_id, id);

create table tokens (
    id         uuid   not null constraint tokens_pkey primary key,
    -- Null: an operator's token, good for every app.
    app_id     uuid            constraint tokens_app_id_fkey references apps (id) on delete cascade,
    -- The characters of the secret that name it in the clear: pic_<handle>_…
    handle     text   not null constraint tokens_handle_key unique,
    name       text   not null,
    -- viewer, deployer, owner; operator when app_id is null
    role       text   not null constraint tokens_role_check check (role in ('viewer', 'deployer', 'owner', 'operator')),
    -- SHA-256 of the secret, in hex. The secret itself is nowhere.
    hash       text   not null,
    created_at bigint not null,
    expires_at bigint
);
create index tokens_app_id_idx on tokens (app_id);
