//! Requests that were accepted, and are answered later: whoever has the id of one may ask for it, and let go of it.

pub(crate) mod queries;
