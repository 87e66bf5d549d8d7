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
use super::error::{Error, Result};
use super::extract::Json;
use super::names::ScriptName;
use super::scripts::{self, Kind};
use super::{apps, links};
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
    /// What it is to be.
    #[serde(default)]
    kind: Kind,
    /// The app whose modules it would import; that of the token when left out.
    app: Option<String>,
    /// What it is to be called there.
    #[schema(value_type = Option<String>)]
    name: Option<ScriptName>,
}

/// What is wrong with a draft.
#[derive(Debug, Serialize, ToSchema)]
pub struct Checked {
    /// Whether it compiles, and may be of its kind.
    ok: bool,
    /// What is wrong with it, and what is worth a warning. That it imports what the app does not have is a warning here,
    /// and refused when it is saved.
    diagnostics: Vec<Diagnostic>,
}

/// One thing wrong with a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Diagnostic {
    /// A stable word: `syntax`, `eval`, `limit`, `unknown_module`, ...
    pub code: String,
    /// Whether it is in the way.
    pub severity: Severity,
    /// A sentence for the author.
    pub message: String,
    /// 1-based; 0 when the position is not known.
    pub line: u32,
    /// 1-based, in Unicode characters; 0 when the position is not known.
    pub column: u32,
    /// Where it ends (exclusive), where known.
    pub end: Option<End>,
}

/// How much a diagnostic matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It has to go before the source can be saved.
    Error,
    /// It may stay.
    Warning,
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
    let app = app_of(&caller, &host, draft.app.as_deref()).await?;
    let name = draft.name.unwrap_or_else(ScriptName::of_draft);
    let diagnostics = match compile(&host, caller.app, name.as_str(), &draft.source).await? {
        Err(diagnostics) => diagnostics,
        Ok(artifact) if draft.kind == Kind::Module && !artifact.unfit.is_empty() => {
            artifact.unfit.into_iter().map(Diagnostic::from).collect()
        }
        Ok(artifact) => {
            let draft = scripts::Draft {
                name,
                kind: draft.kind,
                source: draft.source,
                artifact,
                guest_hash: host.guest_hash,
            };
            warnings(&host, app, &draft).await?
        }
    };
    Ok(axum::Json(Checked {
        ok: diagnostics
            .iter()
            .all(|diagnostic| diagnostic.severity == Severity::Warning),
        diagnostics,
    }))
}

/// The app that a draft is for: the token's own, or the one that an operator names.
async fn app_of(caller: &Caller, host: &Host, named: Option<&str>) -> Result<Option<AppId>> {
    let Some(named) = named else { return Ok(caller.app) };
    let found = apps::find_named(&mut host.db.read().await?, named).await?;
    match found.filter(|app| caller.app.is_none_or(|own| own == app.id)) {
        Some(app) => Ok(Some(app.id)),
        None => Err(Error::not_found(format_args!("app {named:?}"))),
    }
}

async fn warnings(host: &Host, app: Option<AppId>, draft: &scripts::Draft) -> Result<Vec<Diagnostic>> {
    if let Some(app) = app {
        return links::warnings(&mut host.db.read().await?, host, app, draft).await;
    }
    let warnings = draft.artifact.warnings.iter().cloned();
    Ok(warnings.map(Diagnostic::from).map(Diagnostic::into_warning).collect())
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
        let details = serde_json::json!({ "script": name, "used": bytes, "allowed": bytes_max });
        return Err(Problem::new(Code::SourceTooLarge, message).with(details).into());
    }
    if let Some(before) = source.split('\0').next().filter(|before| before.len() < bytes) {
        return Ok(Err(vec![Diagnostic::nul_after(before)]));
    }
    let _turn = turns::turn(app).await;
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

/// A draft that has to compile: what is wrong with it is the client's error.
pub(super) async fn must_compile(host: &Host, app: Option<AppId>, name: &str, source: &str) -> Result<Artifact> {
    match compile(host, app, name, source).await? {
        Ok(artifact) => Ok(artifact),
        Err(diagnostics) => Err(refused(name, "does not compile", &diagnostics)),
    }
}

/// Refuses a draft with errors, naming the first.
pub(super) fn must_be_empty(name: &str, what: &str, errors: &[Diagnostic]) -> Result<()> {
    if errors.is_empty() {
        return Ok(());
    }
    Err(refused(name, what, errors))
}

fn refused(name: &str, what: &str, diagnostics: &[Diagnostic]) -> Error {
    let first = diagnostics.first().map_or_else(String::new, |first| {
        if first.line == 0 {
            first.message.clone()
        } else {
            format!("line {}: {}", first.line, first.message)
        }
    });
    Problem::new(Code::CompileFailed, format!("{name} {what}: {first}"))
        .with(serde_json::json!({ "script": name, "diagnostics": diagnostics }))
        .into()
}

impl Diagnostic {
    /// One of our own.
    pub(super) fn error(code: &str, message: String, (line, column): (u32, u32), end: Option<(u32, u32)>) -> Self {
        Self {
            code: code.to_owned(),
            severity: Severity::Error,
            message,
            line,
            column,
            end: end.map(|(line, column)| End { line, column }),
        }
    }

    /// The same, not in the way.
    #[must_use]
    pub(super) fn into_warning(self) -> Self {
        Self {
            severity: Severity::Warning,
            ..self
        }
    }

    /// The databases agree on no text with a NUL, and no script needs one: `\0` is written `\x00`.
    fn nul_after(before: &str) -> Self {
        let last_line = before.rsplit('\n').next().unwrap_or_default();
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX).saturating_add(1);
        let message = "a source has no NUL characters; write \\x00 in a string".to_owned();
        let at = (count(before.matches('\n').count()), count(last_line.chars().count()));
        Self::error("syntax", message, at, None)
    }
}

impl From<picloud_sdk::compile::Diagnostic> for Diagnostic {
    fn from(from: picloud_sdk::compile::Diagnostic) -> Self {
        Self::error(&from.code, from.message, (from.line, from.column), from.end)
    }
}
