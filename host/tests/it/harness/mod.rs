//! What tests share: databases, hosts, clients, and the binary as people call it.

pub(crate) mod api;
pub(crate) mod binary;
mod both;
pub(crate) mod database;
pub(crate) mod disk;
pub(crate) mod echo;
pub(crate) mod host;
pub(crate) mod http;
pub(crate) mod names;
pub(crate) mod peer;
pub(crate) mod puppet;
pub(crate) mod sandbox;
pub(crate) mod server;
pub(crate) mod waiting;
