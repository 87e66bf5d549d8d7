//! `If-Match`: a change of a script is made only on the version that its author saw.
//!
//! A script's tag is the number of its live version, `"7"`, as `ETag` says it. Two people who edit one script, or one
//! person in two windows, do not lose what the other saved.

use axum::extract::FromRequestParts;
use axum::http::header::{ETAG, IF_MATCH, IF_NONE_MATCH};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue};
use serde_json::json;
use utoipa::IntoParams;

use crate::error::{Error, Result};
use crate::orchestrator::Host;
use crate::problem::{Code, Problem};

/// What has to be so for a script to be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Precondition {
    /// Whatever is there.
    None,
    /// This version is live.
    Version(i64),
    /// The script is there.
    Some,
    /// It is not there.
    Absent,
}

/// The headers, for the document.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "`Precondition` reads them; this describes them")]
pub(super) struct PreconditionHeaders {
    /// Change the script only while this is its `ETag`: the number of its live version in quotes, or `*` for any.
    #[param(rename = "If-Match")]
    if_match: Option<String>,
    /// `*`: only when there is no script of the name.
    #[param(rename = "If-None-Match")]
    if_none_match: Option<String>,
}

impl FromRequestParts<Host> for Precondition {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &Host) -> Result<Self> {
        match (one(parts, &IF_MATCH)?, one(parts, &IF_NONE_MATCH)?) {
            (None, None) => Ok(Self::None),
            (Some("*"), None) => Ok(Self::Some),
            (None, Some("*")) => Ok(Self::Absent),
            (Some(tag), None) => match tag
                .strip_prefix('"')
                .and_then(|tag| tag.strip_suffix('"')?.parse().ok())
            {
                Some(number) => Ok(Self::Version(number)),
                None => Err(bad(
                    "If-Match",
                    tag,
                    "the number of a version in quotes, such as \"7\", or *",
                )),
            },
            (None, Some(tag)) => Err(bad("If-None-Match", tag, "*")),
            (Some(_), Some(_)) => {
                let message = "send If-Match or If-None-Match, not both";
                Err(Problem::new(Code::BadRequest, message).into())
            }
        }
    }
}

fn one<'p>(parts: &'p Parts, name: &HeaderName) -> Result<Option<&'p str>> {
    let mut values = parts.headers.get_all(name).into_iter();
    match (values.next().map(HeaderValue::to_str), values.next()) {
        (None, _) => Ok(None),
        (Some(Ok(value)), None) => Ok(Some(value.trim())),
        _ => Err(bad(name.as_str(), "", "one value")),
    }
}

fn bad(header: &str, value: &str, wanted: &str) -> Error {
    Problem::new(Code::BadRequest, format!("{header}: {value:?} is not {wanted}")).into()
}

impl Precondition {
    /// Refuses to change `script`, whose live version this is, if that is not what was seen.
    pub(super) fn holds(self, script: &str, live: Option<i64>) -> Result<()> {
        let message = match (self, live) {
            (Self::None, _) | (Self::Some, Some(_)) | (Self::Absent, None) => return Ok(()),
            (Self::Version(seen), Some(live)) if seen == live => return Ok(()),
            (Self::Version(seen), Some(live)) => {
                format!(
                    "{script:?} was changed meanwhile: version {live} is live, and this is a change of version {seen}"
                )
            }
            (Self::Version(_) | Self::Some, None) => format!("there is no script {script:?} (any more)"),
            (Self::Absent, Some(live)) => format!("a script {script:?} is there already, in version {live}"),
        };
        let expected = match self {
            Self::Version(seen) => json!(seen),
            _ => json!(null),
        };
        let details = json!({ "script": script, "expected": expected, "actual": live });
        Err(Problem::new(Code::VersionConflict, message).with(details).into())
    }
}

/// The tag of a script whose live version this is.
pub(super) fn tag(version: i64) -> [(HeaderName, String); 1] {
    [(ETAG, format!("\"{version}\""))]
}
