-- What each collection of an app takes, of what its clock has in all: what is left is keys and values.

create table collections (
    app_id    blob   not null constraint collections_app_id_fkey references apps (id) on delete cascade,
    name      text   not null,
    documents bigint not null,
    -- Documents, what stands in indexes, and what is declared, and what they take, keys included.
    keys      bigint not null,
    bytes     bigint not null,
    constraint collections_pkey primary key (app_id, name)
);

-- Those that are there. A key says what it is by its first byte; the name follows, up to a zero or, of what is declared (m),
-- to the end.
insert into collections (app_id, name, documents, keys, bytes)
    select app_id, name, sum(kind = x'64'), count(*), sum(size) from (
        select e.app_id, substr(e.key, 1, 1) as kind, length(e.key) + length(e.value) as size,
            cast(case substr(e.key, 1, 1) when x'6d' then substr(e.key, 2)
                else substr(e.key, 2, instr(e.key, x'00') - 2) end as text) as name
        from entries e join apps a on a.id = e.app_id
        where substr(e.key, 1, 1) in (x'62', x'64', x'69', x'6d', x'75')
    ) group by app_id, name;
