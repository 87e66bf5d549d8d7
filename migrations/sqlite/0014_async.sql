-- Requests that are accepted, and answered later.

-- Which requests of a route those are.
alter table routes add column asynchronous text not null default 'accept'
    constraint routes_asynchronous_check check (asynchronous in ('off', 'accept', 'always'));

-- Whoever has the id of one asks for it: the key of its message.
create index messages_request_idx on messages (app_id, key) where source = 'request';
