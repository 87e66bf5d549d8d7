//! Documents of scripts: maps in collections, in the app's ordered space, found by filters.
//!
//! ```text
//! filter, order, indexes ─▶ Plan ─▶ Find ─▶ asks for rows and documents ─▶ a page of documents, a cursor
//! document, schema ─▶ nothing, or the first Violation
//! old and new document, indexes ─▶ Difference: the entries to delete and to add
//! ```
//!
//! A document is an encoded map of the SDK (`picloud_sdk::value`) that has its own `id`, a text, among its fields. A
//! field that is not there is `()`, everywhere: to filters, to sorts and to indexes.
//!
//! All of this is pure: [`find::Find`] says what it wants to read and is told.

pub mod about;
pub mod advice;
#[cfg(test)]
mod asked;
mod bad_schema;
mod best;
pub mod bounds;
mod compare;
pub mod condition;
pub mod cursor;
pub mod entries;
mod extent;
pub mod filter;
pub mod find;
mod foreign;
mod found;
pub mod id;
pub mod index;
mod kind;
pub mod layout;
#[cfg(test)]
mod model;
#[cfg(test)]
mod naive;
pub mod page;
mod part;
pub mod path;
mod pattern;
pub mod plan;
pub mod project;
mod said;
mod scan;
pub mod schema;
pub mod sort;
mod stage;
#[cfg(test)]
mod turns;
pub mod update;
mod walk;
mod way;
