//! The one shape of errors.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// Every error of the API.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Error {
    /// What went wrong.
    #[schema(inline)]
    pub error: ErrorBody,
}

/// What went wrong.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ErrorBody {
    /// A stable word.
    pub code: String,
    /// A sentence for a person.
    pub message: String,
    /// Names, bounds, positions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub details: Option<Value>,
}
