//! The management API, through its front door, on both databases.

mod access;
mod apps;
mod bodies;
mod dashboard;
mod docs;
mod executions;
mod finds;
mod isolation;
mod kv;
mod leaving;
mod modules;
mod names;
mod openapi;
mod routes;
mod sandboxed;
mod schemas;
mod scripts;
mod tokens;
mod usage;
mod versions;
