-- Modules: what a version imports, and which versions of modules it runs with.

-- The literal imports of a version, as its source has them.
create table imports (
    version_id blob   not null constraint imports_version_id_fkey references versions (id) on delete cascade,
    -- Counted from 0, in the order of the source.
    place      bigint not null,
    name       text   not null,
    -- The module that had this name when the version was saved; null when that one is gone.
    module_id  blob            constraint imports_module_id_fkey references scripts (id) on delete set null,
    line       bigint not null,
    col        bigint not null,
    constraint imports_pkey primary key (version_id, place)
);
create index imports_module_id_idx on imports (module_id);

-- The modules that a version runs with: all that it imports, directly or through another, as they were when it was saved.
create table links (
    version_id        blob not null constraint links_version_id_fkey references versions (id) on delete cascade,
    name              text not null,
    -- Null when the module is gone: the version cannot be made live again.
    module_version_id blob          constraint links_module_version_id_fkey references versions (id) on delete set null,
    constraint links_pkey primary key (version_id, name)
);
create index links_module_version_id_idx on links (module_version_id);

-- The module whose change made this version; null when somebody saved it.
alter table versions add column relinked_for text;
