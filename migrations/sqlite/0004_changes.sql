-- What the control plane changed: every node follows it and serves by it.

-- One row: the number of the last change. Whoever takes the next one holds it until the change is committed.
create table change_order (
    last bigint not null
);
insert into change_order (last) values (0);

create table changes (
    -- Without gaps, in the order in which changes became visible.
    id     bigint not null constraint changes_pkey primary key,
    -- Null: of the installation. No foreign key: that an app is gone is a change too.
    app_id blob
);
