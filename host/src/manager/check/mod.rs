//! `POST /check`, and the one way in which the manager compiles a source: in a compiler sandbox, when it is its turn.

mod turns;

use axum::extract::State;
use picloud_executor::Compilation;
use picloud_sdk::compile::{Artifact, Compiled};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::access::{Caller, Role};
use super::error::Result;
use super::extract::Json;
use crate::host::Host;
use crate::ids::AppId;
use crate::problem::{Code, Problem};

pub(super) fn router() -> OpenApiRouter<Host> {
    OpenApiRouter::new().routes(routes!(check))
}

/// A source that is not saved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// Rhai.
    source: String,
}

/// What is wrong with a draft.
#[derive(Debug, Serialize, ToSchema)]
pub struct Checked {
    /// Whether it could be saved.
    ok: bool,
    /// Empty when it could.
    diagnostics: Vec<Diagnostic>,
}

/// One thing wrong with a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Diagnostic {
    /// A stable word: `syntax`, `eval`, `limit`, ...
    pub code: String,
    /// A sentence for the author.
    pub message: String,
    /// 1-based; 0 when the position is not known.
    pub line: u32,
    /// 1-based, in Unicode characters; 0 when the position is not known.
    pub column: u32,
    /// Where it ends (exclusive), where known.
    pub end: Option<End>,
}

/// Where a diagnostic ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct End {
    /// 1-based.
    pub line: u32,
    /// 1-based.
    pub column: u32,
}

/// Compiles a draft and keeps nothing. That the draft is wrong is an answer, not an error.
#[utoipa::path(post, path = "/check", tag = "check", request_body = Draft, responses((status = 200, body = Checked)))]
async fn check(caller: Caller, State(host): State<Host>, Json(draft): Json<Draft>) -> Result<axum::Json<Checked>> {
    caller.must_be(Role::Deployer)?;
    let diagnostics = compile(&host, caller.app, "draft", &draft.source)
        .await?
        .err()
        .unwrap_or_default();
    Ok(axum::Json(Checked {
        ok: diagnostics.is_empty(),
        diagnostics,
    }))
}

/// The artifact of `source`, or what is wrong with it. Waits for the turn of `app`.
pub(super) async fn compile(
    host: &Host,
    app: Option<AppId>,
    name: &str,
    source: &str,
) -> Result<std::result::Result<Artifact, Vec<Diagnostic>>> {
    let (bytes, bytes_max) = (source.len(), host.config.limits.source_bytes_max);
    if bytes > bytes_max as usize {
        let message = format!("the source has {bytes} bytes, {bytes_max} are allowed (PICLOUD_SOURCE_BYTES_MAX)");
        let details = serde_json::json!({ "used": bytes, "allowed": bytes_max });
        return Err(Problem::new(Code::SourceTooLarge, message).with(details).into());
    }
    if let Some(before) = source.split('\0').next().filter(|before| before.len() < bytes) {
        return Ok(Err(vec![Diagnostic::nul_after(before)]));
    }
    let _turn = turns::turn(app).await;
    match host.compiler.compile(name, source).await {
        Compilation::Done(Compiled::Artifact(artifact)) => Ok(Ok(artifact)),
        Compilation::Done(Compiled::Refused(diagnostics)) => {
            Ok(Err(diagnostics.into_iter().map(Diagnostic::from).collect()))
        }
        Compilation::Stopped(stop) => Ok(Err(vec![Diagnostic {
            code: "limit".to_owned(),
            message: format!("compiling was {stop}"),
            line: 0,
            column: 0,
            end: None,
        }])),
        Compilation::Broke(why) => Err(anyhow::anyhow!("the compiler broke on {name:?}: {why}").into()),
    }
}

/// A draft that has to compile: what is wrong with it is the client's error.
pub(super) async fn must_compile(host: &Host, app: Option<AppId>, name: &str, source: &str) -> Result<Artifact> {
    compile(host, app, name, source).await?.map_err(|diagnostics| {
        let first = diagnostics.first().map_or_else(String::new, |first| {
            if first.line == 0 {
                first.message.clone()
            } else {
                format!("line {}: {}", first.line, first.message)
            }
        });
        Problem::new(Code::CompileFailed, format!("{name} does not compile: {first}"))
            .with(serde_json::json!({ "diagnostics": diagnostics }))
            .into()
    })
}

impl Diagnostic {
    /// The databases agree on no text with a NUL, and no script needs one: `\0` is written `\x00`.
    fn nul_after(before: &str) -> Self {
        let last_line = before.rsplit('\n').next().unwrap_or_default();
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX).saturating_add(1);
        Self {
            code: "syntax".to_owned(),
            message: "a source has no NUL characters; write \\x00 in a string".to_owned(),
            line: count(before.matches('\n').count()),
            column: count(last_line.chars().count()),
            end: None,
        }
    }
}

impl From<picloud_sdk::compile::Diagnostic> for Diagnostic {
    fn from(from: picloud_sdk::compile::Diagnostic) -> Self {
        let picloud_sdk::compile::Diagnostic {
            code,
            message,
            line,
            column,
            end,
        } = from;
        Self {
            code,
            message,
            line,
            column,
            end: end.map(|(line, column)| End { line, column }),
        }
    }
}
