-- What a run was for, where it was no request: a trigger's runs are found without a look at others. Older runs have no name.
alter table executions add column name text;
create index executions_name_idx on executions (app_id, kind, name, seq) where name is not null;
