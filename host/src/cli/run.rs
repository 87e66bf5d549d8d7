//! `picloud run`: one run of a file in the sandbox, without a server or a database.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use bytes::Bytes;
use clap::Args;
use picloud_executor::{Attempt, Budget, Ending, Execution, Frame, Identity, Reply};
use picloud_sdk::api::{GivenEvent, HostPattern, Kind, LogLine, OutboundCall};
use picloud_sdk::limits::{Limits, Usage};
use serde_json::{Value, json};

use super::finding::Finding;
use super::folder::Folder;
use super::kept::Kept;
use super::modules::{self, Imports};
use super::plan::{Given, plan};
use super::sandbox::{self, Sandbox};
use super::source::{self, Source};
use super::variables::{named, of_files};
use super::{Done, Failure, say};
use crate::clock::Clock;
use crate::commit::spaces::{Session, Spaces};
use crate::ids::{AppId, ExecutionId};
use crate::orchestrator::given::encode;
use crate::orchestrator::{Attempted, Prepared, attempt, quota, report, textual};
use crate::outbound::{AllowList, Allowed, Calls, Hint, Outbound, Reach};
use crate::secrets::Vault;
use crate::world::{AtHand, Mailing};

/// An event's file is a request with its body; servers take no more by default.
const EVENT_BYTES_MAX: u64 = 16 << 20;

/// Run a script once in the sandbox: its reply on stdout, its log and what it used on stderr.
#[derive(Debug, Args)]
pub(super) struct Run {
    /// A Rhai source.
    file: PathBuf,
    /// The folder of the modules that it imports; its own when left out.
    #[arg(long, value_name = "DIR")]
    modules: Option<PathBuf>,
    /// The event as JSON: method, host, path, query, params, headers, `client_ip`, and body or `body_base64`; GET / when left out.
    #[arg(long, value_name = "FILE")]
    event: Option<PathBuf>,
    /// A file of JSON lines with what it keeps, as `picloud kv export` and `picloud docs export --with-collection` write them;
    /// it is changed when the run ends well. In memory when left out.
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// A secret, its value in a file; as often as there are some.
    #[arg(long, value_name = "NAME=FILE")]
    secret: Vec<String>,
    /// A plain setting; as often as there are some.
    #[arg(long, value_name = "NAME=VALUE")]
    env: Vec<String>,
    /// Send what it sends to other services, to the hosts that are given, or to every one; nothing goes out without this.
    #[arg(long, value_name = "HOST,...", num_args = 0..=1, require_equals = true, value_delimiter = ',', default_missing_value = "*")]
    allow_net: Vec<HostPattern>,
    /// Fuel it may use, in units.
    #[arg(long, value_name = "N")]
    fuel: Option<u64>,
    /// Memory it may use, in bytes.
    #[arg(long, value_name = "N")]
    memory: Option<u32>,
}

impl Run {
    pub(super) async fn run(self, json: bool) -> Done {
        let (event, body) =
            encode(&given(self.event.as_deref())?).map_err(|bad| Failure::Usage(anyhow!("the event's {bad}")))?;
        let vault = self.vault()?;
        let sandbox = sandbox::start_with(|limits| Limits {
            fuel_max: self.fuel.unwrap_or(limits.fuel_max),
            memory_bytes_max: self.memory.unwrap_or(limits.memory_bytes_max),
            ..limits
        })?;
        let beside = self.modules.clone().unwrap_or_else(|| modules::folder_of(&self.file));
        let (source, imports) = self.read(&beside, &sandbox, json).await?;
        let linked = Arc::new(imports.linked());
        let calls = self.calls(&sandbox);
        let prepared = Prepared {
            vault,
            ..prepared(&source.name, (event, body), (&sandbox, Arc::clone(&calls)))
        };
        let spaces = Arc::new(Spaces::new(None, quota(&sandbox.data)));
        let app = AppId::new(0);
        let mut kept = self.data.as_deref().map(Kept::open).transpose()?;
        if let Some(kept) = &mut kept {
            kept.load(&spaces, app).await?;
        }
        let session = Session::open(&spaces, app);
        let now_ms = prepared.attempt.now_ms;
        let Attempted { execution, closed } = attempt(&sandbox.executor, linked, prepared, session).await;
        let mut lines = Vec::new();
        if let Some(closed) = closed {
            lines = closed.log;
            let keeps = matches!(&execution.ending, Ending::Replied(reply) if reply.status < 500);
            if let Some(kept) = kept.as_mut().filter(|_| keeps) {
                let written = closed.session.commit(&mut None).await;
                let written = written.context("keeping what it wrote")?;
                written.durable(&mut None).await.context("keeping what it wrote")?;
                kept.save(&spaces, app, now_ms).await?;
            }
        }
        if json {
            say::json(&as_json(&execution, &lines, &calls.told()))?;
        } else {
            calls.told().iter().for_each(tell_of_call);
            tell(&execution, &lines, &source.file, &beside)?;
        }
        if matches!(execution.ending, Ending::Replied(_)) {
            Ok(())
        } else {
            Err(Failure::Told(1))
        }
    }
}

impl Run {
    /// Whom it may call, and what it calls.
    fn calls(&self, sandbox: &Sandbox) -> Arc<Calls> {
        let allowed = self.allow_net.iter().map(|host| Allowed {
            host: host.clone(),
            methods: Vec::new(),
        });
        let reach = Reach {
            outbound: Arc::new(Outbound::with_dns(sandbox.outbound.clone())),
            app: AppId::new(0),
            allowed: Arc::new(AllowList::new(allowed.collect(), Hint::Run)),
            dry: false,
            here: None,
        };
        Arc::new(Calls::new(reach, &Budget::new(u64::MAX)))
    }

    /// What it is told by `secret::get` and `env::get`.
    fn vault(&self) -> Result<Arc<Vault>, Failure> {
        let settings = self.env.iter().map(|given| named(given, "VALUE"));
        let settings = settings.collect::<anyhow::Result<_>>().map_err(Failure::Usage)?;
        Ok(Arc::new(Vault::given(
            "local".into(),
            of_files(&self.secret)?,
            settings,
        )))
    }

    /// The script with what it imports, if that can be linked. What has to be said of it is said.
    async fn read(&self, beside: &Path, sandbox: &Sandbox, json: bool) -> Result<(Arc<Source>, Imports), Failure> {
        let mut folder = Folder::new(beside, sandbox);
        let source = folder.open(&self.file).await?;
        let imports = Imports::gather(&mut folder, &self.file, &source).await?;
        let mut findings = Vec::new();
        findings.extend(plan(&[Arc::clone(&source)], Given::Kind(Kind::Endpoint)).findings);
        findings.extend(imports.findings(sandbox.module_depth_max));
        let refused = findings.iter().any(Finding::is_error);
        if json && refused {
            say::json(
                &json!({ "ending": "refused", "diagnostics": findings.iter().map(Finding::of_file).collect::<Vec<_>>() }),
            )?;
        } else if !json {
            for finding in &findings {
                say::excerpts(&finding.render());
            }
        }
        if refused {
            Err(Failure::Told(1))
        } else {
            Ok((source, imports))
        }
    }
}

fn given(path: Option<&Path>) -> Result<GivenEvent, Failure> {
    let Some(path) = path else {
        return Ok(GivenEvent::default());
    };
    let read = || -> anyhow::Result<GivenEvent> {
        let bytes = source::without_mark(source::read_bounded(path, EVENT_BYTES_MAX)?);
        serde_json::from_slice(&bytes).with_context(|| format!("{} is not an event", path.display()))
    };
    read().map_err(Failure::Usage)
}

/// A draft's first attempt, as a server would start it; the same event always runs the same.
fn prepared(name: &str, (event, body): (Vec<u8>, Bytes), (sandbox, calls): (&Sandbox, Arc<Calls>)) -> Prepared {
    let now_us = Clock::System.now_us();
    Prepared {
        identity: Arc::new(Identity {
            app: "local".into(),
            script: name.into(),
            version: 0,
            execution: ExecutionId::new(now_us).to_string(),
            trace: "0".repeat(32),
        }),
        attempt: Attempt {
            number: 1,
            seed: [0; 32],
            now_ms: now_us / 1000,
        },
        event: event.into(),
        body,
        limits: sandbox.limits,
        data: sandbox.data,
        passwords: sandbox.passwords,
        journal_bytes_max: 0,
        memory: Budget::new(u64::MAX),
        vault: Arc::default(),
        calls,
        mailing: Mailing::open(),
        messages: Vec::new(),
        scripts: Arc::new(AtHand::default()),
    }
}

/// A request that it sent, on stderr.
fn tell_of_call(call: &OutboundCall) {
    let OutboundCall {
        method,
        host,
        status,
        error,
        ms,
        sent_bytes,
        received_bytes,
    } = call;
    let came = status.map_or_else(|| error.clone().unwrap_or_default(), |status| status.to_string());
    say::note(&format!(
        "http {method} {host}: {came}, {ms} ms, {sent_bytes} bytes sent, {received_bytes} received"
    ));
}

/// The reply's body on stdout; status, headers, log and usage, or the error with its stack, on stderr.
fn tell(execution: &Execution, lines: &[LogLine], file: &str, beside: &Path) -> Done {
    for LogLine { level, message, fields } in lines {
        let fields = fields
            .as_ref()
            .map_or(String::new(), |fields| format!(" {}", fields.get()));
        say::note(&format!("{:5} {message}{fields}", level.as_str()));
    }
    let mut said = Ok(());
    if let Ending::Replied(Reply { status, headers, body }) = &execution.ending {
        say::note(&format!("{status}"));
        for (name, value) in headers {
            say::note(&format!("{name}: {value}"));
        }
        said = say::foreign(body);
    }
    if let Ending::Stale(why) | Ending::Broke(why) = &execution.ending {
        say::note(&format!("not the script's fault: {why}"));
    }
    if let (_, Some(error)) = report(&execution.ending) {
        let word = error.limit.map_or(&*error.code, |limit| limit.as_str());
        say::note(&format!("error[{word}]: {}", error.message));
        for frame in &error.stack {
            say::note(&place(frame, file, beside));
        }
    }
    let Usage {
        fuel,
        memory_bytes,
        wall_us,
        host_calls,
        log_bytes,
    } = execution.usage;
    say::note(&format!(
        "used: fuel {fuel}, memory {memory_bytes} bytes, {wall_us} us, host calls {host_calls}, log {log_bytes} bytes"
    ));
    said
}

fn place(frame: &Frame, file: &str, beside: &Path) -> String {
    let Frame {
        module,
        function,
        line,
        column,
    } = frame;
    let within = if function.is_empty() {
        String::new()
    } else {
        format!(" in {function}")
    };
    let at = if module.is_empty() {
        file.to_owned()
    } else {
        beside.join(format!("{module}.rhai")).display().to_string()
    };
    format!("  at {at}:{line}:{column}{within}")
}

/// The same as one value, in the management API's words.
fn as_json(execution: &Execution, lines: &[LogLine], outbound: &[OutboundCall]) -> Value {
    let (ending, error) = report(&execution.ending);
    let reply = match &execution.ending {
        Ending::Replied(reply) => Some(textual(reply.clone())),
        _ => None,
    };
    json!({ "ending": ending, "reply": reply, "error": error, "log": lines, "outbound": outbound, "usage": execution.usage })
}
