-- What runs have to know of triggers is found without a look at schedules, of which there may be thousands.
create index triggers_wired_idx on triggers (source, app_id, name) where source <> 'schedule';
