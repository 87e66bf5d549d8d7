-- What an app's scripts are told: secrets, which stand here sealed, and plain settings.

-- A value of a secret. What was set before stays for a while, for runs that were told it and are run again.
create table secrets (
    id         blob    not null constraint secrets_pkey primary key,
    app_id     blob    not null constraint secrets_app_id_fkey references apps (id) on delete cascade,
    name       text    not null,
    -- Whether scripts are told it now.
    live       boolean not null,
    -- Names the key that it is sealed with.
    key_id     text    not null,
    -- 24 bytes of nonce, and XChaCha20-Poly1305 of the value.
    sealed     blob   not null,
    updated_at bigint  not null
);
create unique index secrets_live_key on secrets (app_id, name) where live;
create index secrets_app_id_name_idx on secrets (app_id, name);
create index secrets_key_id_idx on secrets (key_id);

create table settings (
    app_id     blob   not null constraint settings_app_id_fkey references apps (id) on delete cascade,
    name       text   not null,
    value      text   not null,
    updated_at bigint not null,
    constraint settings_pkey primary key (app_id, name)
);
