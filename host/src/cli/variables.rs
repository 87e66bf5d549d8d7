//! Secrets and settings that somebody gives on the command line, for a run without a server.

use std::path::Path;

use anyhow::{Context as _, anyhow};
use picloud_sdk::api::{SECRET_BYTES_MAX, VariableName};

use super::Failure;
use super::secret::value_of;
use super::source::read_bounded;
use crate::secrets::Secret;

/// `NAME=FILE`, read.
pub(super) fn of_files(given: &[String]) -> Result<Vec<(String, Secret)>, Failure> {
    let read = |given: &String| -> anyhow::Result<(String, Secret)> {
        let (name, file) = named(given, "FILE")?;
        let bytes = read_bounded(Path::new(&file), SECRET_BYTES_MAX as u64 + 2)?;
        let value = value_of(bytes).with_context(|| file.clone())?;
        Ok((name, Secret::new(value)))
    };
    given
        .iter()
        .map(read)
        .collect::<anyhow::Result<_>>()
        .map_err(Failure::Usage)
}

/// `NAME=VALUE`, in two.
pub(super) fn named(given: &str, what: &str) -> anyhow::Result<(String, String)> {
    let (name, value) = given
        .split_once('=')
        .with_context(|| format!("{given:?} is not NAME={what}"))?;
    let name: VariableName = name.parse().map_err(|why| anyhow!("{name:?}: {why}"))?;
    Ok((name.as_str().to_owned(), value.to_owned()))
}
