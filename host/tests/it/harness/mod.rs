//! What tests share: databases, hosts, clients.

pub(crate) mod api;
pub(crate) mod database;
pub(crate) mod echo;
pub(crate) mod sandbox;
