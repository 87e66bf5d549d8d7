//! Documents that an app keeps in collections, and their indexes.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::words::words;

/// Which documents are wanted, and how.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Find {
    /// An object, as `docs::find` takes it; all documents when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub filter: Option<Box<RawValue>>,
    /// By which fields, the first first; with `-` before it from the most to the least.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sort: Vec<String>,
    /// How many documents at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1000, default = 50)]
    pub limit: Option<u32>,
    /// `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Which of their fields; all when left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// Whether to tell how they were found.
    #[serde(default)]
    pub explain: bool,
}

/// Documents that were found.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Found {
    /// In the order that was asked for.
    #[schema(value_type = Vec<Object>)]
    pub items: Vec<Box<RawValue>>,
    /// Pass this as `after` for what follows; `null` on the last page.
    pub next: Option<String>,
    /// How they were found, if that was asked for: which index, how many were looked at, which index would help.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub explained: Option<Box<RawValue>>,
}

/// Which documents are to be counted.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// An object, as `docs::count` takes it; all documents when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub filter: Option<Box<RawValue>>,
}

/// How many documents there are.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Counted {
    /// So many.
    pub count: u64,
}

/// A document that was stored.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct StoredDocument {
    /// Its id, which it has among its fields, too.
    pub id: String,
}

/// An index to be made.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewIndex {
    /// By which fields, the first first; `address.city` is a field of a field.
    pub fields: Vec<String>,
    /// Whether no two documents may have the same values there.
    #[serde(default)]
    pub unique: bool,
    /// Whether the first field, when it is an array, stands there by each of its elements.
    #[serde(default)]
    pub each: bool,
}

/// An index of a collection.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Index {
    /// What it is called.
    pub name: String,
    /// By which fields; none are known of one that failed.
    pub fields: Vec<String>,
    /// Whether no two documents may have the same values there.
    pub unique: bool,
    /// Whether the first field, when it is an array, stands there by each of its elements.
    pub each: bool,
    /// Whether it is of use.
    pub state: IndexState,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

words! {
    /// How far an index is.
    pub enum IndexState {
        /// Documents are found by it.
        Ready = "ready",
        /// Documents that were there before are being put into it.
        Building = "building",
        /// It could not be made, and is declared no more. This server remembers why until it is declared again, or the server stops.
        Failed = "failed",
    }
}
