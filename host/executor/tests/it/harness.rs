//! One executor for all tests, a world that records the log, and endings as one line of text.

use std::sync::{Arc, Mutex, OnceLock};

use bytes::Bytes;
use picloud_executor::{
    Answer, Boxed, Capabilities, Compilation, Compile, Context, Ending, Execution, Executor, HostFault, Job, Linked,
    PoolConfig, Program, Run,
};
use picloud_sdk::call::HostCall;
use picloud_sdk::compile::{Artifact, Compiled, Diagnostic};
use picloud_sdk::event::{Event, HttpRequest};
use picloud_sdk::limits::Limits;
use picloud_sdk::wire;

/// The executor all tests share: sandboxes are apart, so tests are.
pub(crate) fn executor() -> &'static Executor {
    static EXECUTOR: OnceLock<Executor> = OnceLock::new();
    EXECUTOR.get_or_init(|| {
        Executor::new(PoolConfig {
            runs_max: 16,
            memory_bytes_max: 64 << 20,
        })
        .expect("this machine holds 16 sandboxes")
    })
}

/// Log lines as `level message fields`.
#[derive(Default)]
pub(crate) struct Recording(pub(crate) Mutex<Vec<String>>);

impl Capabilities for Recording {
    fn call<'a>(&'a self, call: HostCall<'a>) -> Boxed<'a, Result<Answer, HostFault>> {
        if let HostCall::Log { level, message, fields } = call {
            let line = format!("{} {message} {fields}", level.as_str());
            self.0.lock().unwrap().push(line.trim_end().to_owned());
        }
        Box::pin(std::future::ready(Ok(Answer::Done)))
    }
}

pub(crate) async fn compile(text: &str) -> Result<Arc<Program>, Vec<Diagnostic>> {
    artifact(text).await.map(|artifact| Arc::new(artifact.into()))
}

pub(crate) async fn artifact(text: &str) -> Result<Artifact, Vec<Diagnostic>> {
    match executor().compile("test", text).await {
        Compilation::Done(Compiled::Artifact(artifact)) => Ok(*artifact),
        Compilation::Done(Compiled::Refused(diagnostics)) => Err(diagnostics),
        other => panic!("{other:?}"),
    }
}

pub(crate) fn job(program: impl Into<Linked>, request: HttpRequest<'_>, body: &[u8]) -> Job {
    let body_bytes = u32::try_from(body.len()).unwrap();
    Job {
        program: Arc::new(program.into()),
        context: Context {
            app: "acme".into(),
            script: "test".into(),
            version: 3,
            execution: "exe_1".to_owned(),
            attempt: 1,
            trace: "0af7651916cd43dd8448eb211c80319c".to_owned(),
            now_ms: 1_700_000_000_000,
        },
        event: wire::encode(&Event::Http(HttpRequest { body_bytes, ..request })),
        body: Bytes::copy_from_slice(body),
        limits: Limits::for_tests(),
        seed: 7,
        capabilities: Arc::new(Recording::default()),
    }
}

pub(crate) fn get() -> HttpRequest<'static> {
    HttpRequest {
        method: "GET",
        host: "acme.localhost:8080",
        path: "/",
        client_ip: "192.0.2.1",
        ..HttpRequest::default()
    }
}

/// Runs `text` for `GET /` and renders the ending.
pub(crate) async fn check(text: &str) -> String {
    check_with(text, get(), b"").await
}

pub(crate) async fn check_with(text: &str, request: HttpRequest<'_>, body: &[u8]) -> String {
    match compile(text).await {
        Ok(program) => render(&executor().run(job(program, request, body)).await),
        Err(diagnostics) => {
            let Diagnostic {
                code,
                message,
                line,
                column,
                ..
            } = &diagnostics[0];
            format!("refused {line}:{column} {code}: {message}")
        }
    }
}

/// Runs the last of `sources` for `GET /`, linked with all the others, and renders the ending.
pub(crate) async fn check_linked(sources: &[(&str, &str)]) -> String {
    let (recording, execution) = run_linked(sources).await;
    let log = recording.0.lock().unwrap().join(", ");
    let log = if log.is_empty() { log } else { format!(" [{log}]") };
    format!("{}{log}", render(&execution))
}

pub(crate) async fn run_linked(sources: &[(&str, &str)]) -> (Arc<Recording>, Execution) {
    let mut artifacts = Vec::new();
    for (name, source) in sources {
        let artifact = artifact(source)
            .await
            .unwrap_or_else(|wrong| panic!("{name}: {wrong:?}"));
        artifacts.push((Arc::from(*name), artifact));
    }
    let (_, script) = artifacts.pop().expect("a script");
    let linked = Linked::of(script, artifacts);
    let recording = Arc::new(Recording::default());
    let job = Job {
        capabilities: recording.clone(),
        ..job(linked, get(), b"")
    };
    (recording, executor().run(job).await)
}

/// `200 text/plain hello`, `threw 1:5 code: message < fn 2:1`, `stopped fuel`, `broke ...`
pub(crate) fn render(execution: &Execution) -> String {
    match &execution.ending {
        Ending::Replied(reply) => {
            let kind = reply.headers.iter().find(|(name, _)| name == "content-type");
            let kind = kind.map_or("-", |(_, value)| value.as_str());
            format!("{} {kind} {}", reply.status, String::from_utf8_lossy(&reply.body))
                .trim_end()
                .to_owned()
        }
        Ending::Threw(error) => {
            let stack: Vec<_> = error
                .stack
                .iter()
                .map(|frame| {
                    let colon = if frame.module.is_empty() { "" } else { ":" };
                    format!(
                        "{} {}{colon}{}:{}",
                        frame.function, frame.module, frame.line, frame.column
                    )
                })
                .collect();
            format!("threw {}: {} @{}", error.code, error.message, stack.join(" <"))
        }
        Ending::Stopped(stop) => format!("stopped {}", stop.limit.as_str()),
        Ending::Stale(why) => format!("stale {why}"),
        Ending::Broke(why) => format!("broke {why}"),
    }
}
