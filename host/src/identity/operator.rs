//! The first token: made at the first start, kept in a file that only its owner may read.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use picloud_sdk::api::Role;

use super::token::prepare;
use super::{queries, secret};
use crate::orchestrator::Host;

/// The file in the data folder.
pub const OPERATOR_FILE: &str = "operator.token";

/// Where the operator's token is.
pub struct OperatorToken {
    /// The file that holds it.
    pub file: PathBuf,
    /// The token itself when it was just made: the one moment to print it.
    pub made: Option<String>,
}

/// Sees to it that the file in the data folder holds a valid operator's token; makes a new one when it does not.
///
/// So whoever lost the token deletes the file and starts the server anew; older tokens stay valid until they are
/// revoked. Called again, it changes nothing.
///
/// # Errors
/// When the database or the file cannot be read or written.
pub async fn ensure_operator(host: &Host) -> anyhow::Result<OperatorToken> {
    let file = host.config.store.data.join(OPERATOR_FILE);
    if holds_valid_token(host, &file).await? {
        return Ok(OperatorToken { file, made: None });
    }
    let (row, secret) = prepare(host.clock.now_us(), None, "made at start", Role::Operator, None)
        .map_err(|error| anyhow::anyhow!("making the operator's token: {error:?}"))?;
    let mut tx = host.db.write().await?;
    queries::insert(&mut tx, &row)
        .await
        .context("storing the operator's token")?;
    // The file first: a token that nobody knows is of no use, one that is not yet valid is made again.
    write_private(&file, secret.reveal()).with_context(|| format!("writing {}", file.display()))?;
    let committed = host.changes.commit(tx, None).await;
    committed.context("storing the operator's token")?;
    Ok(OperatorToken {
        file,
        made: Some(secret.reveal().to_owned()),
    })
}

async fn holds_valid_token(host: &Host, file: &Path) -> anyhow::Result<bool> {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error).with_context(|| format!("reading {}", file.display())),
    };
    let Some(secret) = secret::parse(text.trim()) else {
        return Ok(false);
    };
    let mut tx = host.db.read().await?;
    let known = queries::find_by_handle(&mut tx, secret.handle()).await?;
    Ok(known.is_some_and(|token| token.role == Role::Operator && secret.is_hashed_to(&token.hash)))
}

/// Writes the whole file or nothing, with mode 0600 from the start.
fn write_private(file: &Path, text: &str) -> std::io::Result<()> {
    let draft = file.with_extension("token.new");
    match std::fs::remove_file(&draft) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut open = options.open(&draft)?;
    writeln!(open, "{text}")?;
    open.sync_all()?;
    std::fs::rename(&draft, file)
}
