-- What a header Idempotency-Key does on a route.

alter table routes add column idempotency text not null default 'accept'
    constraint routes_idempotency_check check (idempotency in ('off', 'accept', 'require'));
