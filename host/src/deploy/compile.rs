//! The one way in which the control plane compiles a source: in a compiler sandbox, when it is its turn.

use picloud_executor::Compilation;
use picloud_sdk::api::{Diagnostic, Kind, ScriptName};
use picloud_sdk::compile::{Artifact, Compiled};
use serde_json::json;

use super::turns::turn;
use crate::error::Result;
use crate::ids::AppId;
use crate::linking::{Draft, nul_after, refused};
use crate::orchestrator::Host;
use crate::problem::{Code, Problem};

/// The artifact of `source`, or what is wrong with it. Waits for the turn of `app`.
///
/// # Errors
/// When the source is too large, or the compiler broke.
pub async fn compile(
    host: &Host,
    app: Option<AppId>,
    name: &str,
    source: &str,
) -> Result<std::result::Result<Artifact, Vec<Diagnostic>>> {
    let (bytes, bytes_max) = (source.len(), host.config.limits.source_bytes_max);
    if bytes > bytes_max as usize {
        let message = format!("the source has {bytes} bytes, {bytes_max} are allowed (PICLOUD_SOURCE_BYTES_MAX)");
        let details = json!({ "script": name, "used": bytes, "allowed": bytes_max });
        return Err(Problem::new(Code::SourceTooLarge, message).with(details).into());
    }
    if let Some(before) = source.split('\0').next().filter(|before| before.len() < bytes) {
        return Ok(Err(vec![nul_after(before)]));
    }
    let _turn = turn(app).await;
    match host.compiler.compile(name, source).await {
        Compilation::Done(Compiled::Artifact(artifact)) => Ok(Ok(*artifact)),
        Compilation::Done(Compiled::Refused(diagnostics)) => {
            Ok(Err(diagnostics.into_iter().map(Diagnostic::from).collect()))
        }
        Compilation::Stopped(stop) => {
            let message = format!("compiling was {stop}");
            Ok(Err(vec![Diagnostic::error("limit", message, (0, 0), None)]))
        }
        Compilation::Broke(why) => Err(anyhow::anyhow!("the compiler broke on {name:?}: {why}").into()),
    }
}

/// The artifact of a source that has to compile: what is wrong with it is its author's error.
///
/// # Errors
/// When it does not.
pub async fn must_compile(host: &Host, app: Option<AppId>, name: &str, source: &str) -> Result<Artifact> {
    match compile(host, app, name, source).await? {
        Ok(artifact) => Ok(artifact),
        Err(diagnostics) => Err(refused(name, "does not compile", &diagnostics).into()),
    }
}

/// What is to be saved, compiled before any transaction is open.
///
/// # Errors
/// When it does not compile.
pub async fn draft(host: &Host, app: Option<AppId>, name: ScriptName, kind: Kind, mut source: String) -> Result<Draft> {
    // Some editors begin every file with it; it is no part of what was written.
    if source.starts_with('\u{feff}') {
        source.drain(..'\u{feff}'.len_utf8());
    }
    let artifact = must_compile(host, app, name.as_str(), &source).await?;
    Ok(Draft {
        name,
        kind,
        source,
        artifact,
        guest_hash: host.guest_hash,
    })
}
