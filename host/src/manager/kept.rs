//! What an app keeps, on its way to and from clients: values as JSON, and what is refused as problems.

use picloud_sdk::value::Value;
use serde_json::json;
use serde_json::value::RawValue;

use crate::data::docs::layout::Name;
use crate::data::json as values;
use crate::error::{Error, Result};
use crate::problem::{Code, Problem};
use crate::world::No;

/// Entries or documents of one page at most.
pub(super) const ITEMS_MAX: u32 = 1000;
const ITEMS: u32 = 50;

/// How many entries or documents a page may have.
pub(super) fn limit(asked: Option<u32>) -> Result<u32> {
    match asked.unwrap_or(ITEMS) {
        limit @ 1..=ITEMS_MAX => Ok(limit),
        limit => Err(Error::invalid(
            "limit",
            format_args!("{limit} is not within 1 to {ITEMS_MAX}"),
        )),
    }
}

/// The bytes of a value that stands in `field`.
pub(super) fn bytes_of(field: &str, json: &RawValue) -> Result<Vec<u8>> {
    let value = values::read(json.get()).map_err(|why| Error::invalid(field, why))?;
    Ok(value.encode())
}

/// A value as JSON.
pub(super) fn json_of(bytes: &[u8]) -> Result<Box<RawValue>> {
    let value = Value::decode(bytes).map_err(anyhow::Error::from)?;
    Ok(values::write(&value).map_err(anyhow::Error::from)?)
}

/// The collection of that name.
pub(super) fn collection(name: &str) -> Result<Name> {
    Name::of_collection(name).map_err(|why| refusal("bad_collection", why.to_string()))
}

/// Why the world said no.
pub(super) fn refused(no: No) -> Error {
    match no {
        No::Refused { code, message } => refusal(code, message),
        No::Overtaken(_) => {
            let message = "others wrote the same at every attempt; nothing was done, try again";
            Problem::new(Code::Overtaken, message).into()
        }
        No::Unavailable(why) => {
            tracing::warn!("what an app keeps could not be had: {why}");
            Problem::new(
                Code::Unavailable,
                "what the app keeps cannot be had at the moment; nothing was done, try again",
            )
            .into()
        }
        No::Stop(stop) => Error::Internal(anyhow::anyhow!("there is no run to be stopped by {stop:?}")),
        No::Fault(fault) => Error::Internal(fault),
    }
}

/// What a script would catch with this `code`.
fn refusal(code: &'static str, message: String) -> Error {
    let word = match code {
        "exists" => Code::Exists,
        "not_unique" => Code::NotUnique,
        "too_many" => Code::TooMany,
        _ => Code::DataRefused,
    };
    Problem::new(word, message).with(json!({ "code": code })).into()
}
