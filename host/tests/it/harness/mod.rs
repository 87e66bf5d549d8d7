//! What tests share: databases, hosts, clients.

pub mod database;
