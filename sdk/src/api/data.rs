//! What an app keeps, in all: how much, and much of it at once.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::{Time, object};

/// The most entries and documents of one import.
pub const IMPORT_MAX: usize = 500;

/// How much an app keeps.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct DataUsage {
    /// Bytes, keys included.
    pub bytes: u64,
    /// How many that may be.
    pub bytes_max: u64,
    /// Keys: of values, of documents, and what stands in indexes.
    pub keys: u64,
    /// How many that may be.
    pub keys_max: u64,
    /// Bytes of what is in no collection: keys and values.
    pub kv_bytes: u64,
    /// Keys of that.
    pub kv_keys: u64,
}

/// A collection that has documents or something declared, and what it takes.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Collection {
    /// What it is called.
    pub name: String,
    /// How many documents it has.
    pub documents: u64,
    /// Bytes of its documents and of what stands in its indexes, keys included.
    pub bytes: u64,
}

/// What is to be kept, all of it or nothing: 500 entries and documents at most.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Import {
    /// Values under keys.
    #[serde(default, deserialize_with = "object::many", skip_serializing_if = "Vec::is_empty")]
    pub kv: Vec<ImportedEntry>,
    /// Documents by their collection. One with an `id` takes the place of the document that has it; others get one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = BTreeMap<String, Vec<Object>>)]
    pub documents: BTreeMap<String, Vec<Box<RawValue>>>,
}

/// A value under a key.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportedEntry {
    /// The key.
    pub key: String,
    /// The value.
    #[schema(value_type = Value)]
    pub value: Box<RawValue>,
    /// From when on it is not there any more; never when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Time>,
}

/// What was imported.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Imported {
    /// Values under keys.
    pub kv: u64,
    /// Documents.
    pub documents: u64,
}
