//! What tests share: databases, hosts, clients.

pub mod api;
pub mod database;
pub mod echo;
