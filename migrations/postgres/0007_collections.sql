-- What each collection of an app takes, of what its clock has in all: what is left is keys and values.

create table collections (
    app_id    uuid   not null constraint collections_app_id_fkey references apps (id) on delete cascade,
    name      text   collate "C" not null,
    documents bigint not null,
    -- Documents, what stands in indexes, and what is declared, and what they take, keys included.
    keys      bigint not null,
    bytes     bigint not null,
    constraint collections_pkey primary key (app_id, name)
);

-- Those that are there. A key says what it is by its first byte; the name follows, up to a zero or, of what is declared (m),
-- to the end.
insert into collections (app_id, name, documents, keys, bytes)
    select app_id, name, count(*) filter (where kind = '\x64'), count(*), sum(size) from (
        select e.app_id, substring(e.key from 1 for 1) as kind, length(e.key) + length(e.value) as size,
            convert_from(case substring(e.key from 1 for 1) when '\x6d' then substring(e.key from 2)
                else substring(e.key from 2 for position('\x00'::bytea in e.key) - 2) end, 'UTF8') as name
        from entries e join apps a on a.id = e.app_id
        where substring(e.key from 1 for 1) in ('\x62', '\x64', '\x69', '\x6d', '\x75')
    ) of_collections group by app_id, name;
