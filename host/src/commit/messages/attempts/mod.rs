//! What comes of attempts that do not end with a commit: they go on, failed, or were lost with a server.

pub(crate) mod queries;
