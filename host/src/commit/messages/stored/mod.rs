//! What is on its way, for people: looked at, sent again, deleted.

pub(crate) mod queries;
