//! Messages that are not done, though somebody had them.

pub(crate) mod queries;
