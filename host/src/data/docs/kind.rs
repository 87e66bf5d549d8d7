//! What kinds of values are called where people read it.

use picloud_sdk::value::Value;

/// `value`'s kind, with its article.
pub(super) const fn of(value: &Value) -> &'static str {
    match value {
        Value::Unit => "()",
        Value::Bool(_) => "a bool",
        Value::Int(_) => "an int",
        Value::Float(_) => "a float",
        Value::Char(_) => "a char",
        Value::Text(_) => "a string",
        Value::Blob(_) => "a blob",
        Value::Time(_) => "a time",
        Value::Array(_) => "an array",
        Value::Map(_) => "a map",
    }
}
