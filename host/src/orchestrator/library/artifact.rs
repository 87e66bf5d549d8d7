//! Version → artifact: from the database, or from the source when the artifact there is another guest's.

use anyhow::{Context, bail};
use picloud_executor::Compilation;
use picloud_sdk::compile::{Artifact, Compiled};
use picloud_sdk::wire;

use crate::ids::{AppId, VersionId};

use super::{Source, queries};

/// Larger than anything the compiler makes of a source that may be saved.
const ARTIFACT_BYTES_MAX: usize = 64 << 20;

/// What is `stored`, if it was made for the guest of this build: nothing is known of another's until it is compiled anew.
#[must_use]
pub fn own_artifact(stored: &[u8], made_for: &str, guest_hash: &str) -> Option<Artifact> {
    if made_for != guest_hash {
        return None;
    }
    wire::decode(stored, ARTIFACT_BYTES_MAX).ok()
}

/// The artifact of a version of `app`; of no other.
pub(super) async fn load(from: &Source, app: AppId, version: VersionId) -> anyhow::Result<Artifact> {
    let stored = find(from, app, version).await?;
    if let Some(artifact) = own_artifact(&stored.artifact, &stored.guest_hash, from.guest_hash) {
        return Ok(artifact);
    }
    compile(from, app, version, &stored).await
}

/// The same, compiled anew whatever is stored: the guest would not load that.
pub(super) async fn renew(from: &Source, app: AppId, version: VersionId) -> anyhow::Result<Artifact> {
    let stored = find(from, app, version).await?;
    compile(from, app, version, &stored).await
}

pub(super) async fn find(from: &Source, app: AppId, version: VersionId) -> anyhow::Result<queries::Version> {
    let found = queries::find_version(&from.db, app, version).await?;
    found.with_context(|| format!("{version} is gone, or not of {app}"))
}

/// Compiles the source and keeps the artifact for the next start.
async fn compile(from: &Source, app: AppId, version: VersionId, stored: &queries::Version) -> anyhow::Result<Artifact> {
    tracing::info!(version.id = %version, "compiling {version} anew for this build's guest");
    let artifact = match from.compiler.compile(&stored.script, &stored.source).await {
        Compilation::Done(Compiled::Artifact(artifact)) => *artifact,
        Compilation::Done(Compiled::Refused(diagnostics)) => {
            let first = diagnostics
                .first()
                .map(|first| format!("{}:{} {}", first.line, first.column, first.message));
            bail!(
                "the source of {version} does not compile any more: {}",
                first.unwrap_or_default()
            );
        }
        Compilation::Stopped(stop) => bail!("compiling {version} was {stop}"),
        Compilation::Broke(why) => bail!("compiling {version} broke: {why}"),
    };
    if let Err(error) = queries::keep_artifact(&from.db, app, version, &wire::encode(&artifact), from.guest_hash).await
    {
        tracing::warn!(version.id = %version, "the artifact of {version} was not kept, the next start compiles again: {error:#}");
    }
    Ok(artifact)
}
