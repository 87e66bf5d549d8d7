//! One executor for all tests, a world that records the log, and endings as one line of text.

use std::sync::{Arc, OnceLock};

use picloud_executor::{
    Attempt, Boxed, Budget, Compilation, Compile, Ending, Execution, Executor, Identity, Job, Linked, PoolConfig,
    Program, Run, Said, World,
};
use picloud_sdk::call::{Answer, Envelope, HostCall, body, log};
use picloud_sdk::compile::{Artifact, Compiled, Diagnostic};
use picloud_sdk::event::{Event, HttpRequest};
use picloud_sdk::limits::{Limit, Limits, Stop};
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

/// A world with a body, that counts what is logged and keeps it as `level message fields`.
#[derive(Default)]
pub(crate) struct Recording {
    pub(crate) lines: Vec<String>,
    body: Vec<u8>,
    log_bytes: u64,
    log_bytes_max: u64,
}

impl Recording {
    pub(crate) fn new(body: &[u8], limits: Limits) -> Self {
        Self {
            body: body.to_vec(),
            log_bytes_max: limits.log_bytes_max.into(),
            ..Self::default()
        }
    }

    /// What a run gave back.
    pub(crate) fn of(world: Box<dyn World>) -> Self {
        let world: Box<dyn std::any::Any> = world;
        *world.downcast().expect("a recording went in")
    }

    fn line(&mut self, log::Call::Line { level, message, fields }: log::Call<'_>) -> Said {
        self.log_bytes += (message.len() + fields.len()) as u64;
        if self.log_bytes > self.log_bytes_max {
            return self.stop(self.log_bytes);
        }
        let line = format!("{} {message} {fields}", level.as_str());
        self.lines.push(line.trim_end().to_owned());
        given(())
    }

    fn stop(&self, used: u64) -> Said {
        Said::Stop(Stop {
            limit: Limit::LogBytes,
            used,
            allowed: self.log_bytes_max,
        })
    }
}

impl World for Recording {
    fn call<'a>(&'a mut self, question: &'a [u8], _: usize) -> Boxed<'a, Said> {
        let said = match wire::decode(question, question.len()) {
            Ok(HostCall::Body(body::Call::Read)) => given(body::Reply(&self.body)),
            Ok(HostCall::Log(line)) => self.line(line),
            Ok(
                HostCall::Kv(_)
                | HostCall::Docs(_)
                | HostCall::Secret(_)
                | HostCall::Env(_)
                | HostCall::Http(_)
                | HostCall::Crypto(_)
                | HostCall::Queue(_)
                | HostCall::Topic(_)
                | HostCall::Invoke(_),
            ) => refused(),
            Err(error) => Said::Fault(error.into()),
        };
        Box::pin(std::future::ready(said))
    }

    fn question_bytes_max(&self) -> usize {
        1 << 20
    }

    fn too_long(&mut self, _: &[u8], bytes: usize) -> Said {
        self.stop(bytes as u64)
    }

    fn now_ms(&self) -> i64 {
        NOW_MS
    }
}

/// The time in every test's run.
pub(crate) const NOW_MS: i64 = 1_700_000_000_000;

/// What is no business of the executor's tests.
fn refused() -> Said {
    let answer: Answer<'_, ()> = Answer::Refused {
        code: "no",
        message: "not here",
    };
    Said::Answer(wire::encode(&Envelope { now_ms: NOW_MS, answer }))
}

fn given<R: serde::Serialize>(reply: R) -> Said {
    Said::Answer(wire::encode(&Envelope {
        now_ms: NOW_MS,
        answer: Answer::Given(reply),
    }))
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
        identity: Arc::new(Identity {
            app: "acme".into(),
            script: "test".into(),
            version: 3,
            execution: "exe_1".to_owned(),
            trace: "0af7651916cd43dd8448eb211c80319c".to_owned(),
        }),
        attempt: Attempt {
            number: 1,
            seed: [7; 32],
            now_ms: NOW_MS,
        },
        event: wire::encode(&Event::Http(HttpRequest { body_bytes, ..request })).into(),
        limits: Limits::for_tests(),
        memory: Budget::new(u64::MAX),
        world: Box::new(Recording::new(body, Limits::for_tests())),
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
        Ok(program) => render(&run(job(program, request, body)).await),
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
    let (execution, world) = run_linked(sources).await;
    let log = Recording::of(world).lines.join(", ");
    let log = if log.is_empty() { log } else { format!(" [{log}]") };
    format!("{}{log}", render(&execution))
}

pub(crate) async fn run_linked(sources: &[(&str, &str)]) -> (Execution, Box<dyn World>) {
    let mut artifacts = Vec::new();
    for (name, source) in sources {
        let artifact = artifact(source)
            .await
            .unwrap_or_else(|wrong| panic!("{name}: {wrong:?}"));
        artifacts.push((Arc::from(*name), artifact));
    }
    let (_, script) = artifacts.pop().expect("a script");
    let linked = Linked::of(script, artifacts);
    executor().run(job(linked, get(), b"")).await
}

/// How a job ends, whatever becomes of its world.
pub(crate) async fn run(job: Job) -> Execution {
    executor().run(job).await.0
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
        Ending::Stopped(stop, _) => format!("stopped {}", stop.limit.as_str()),
        Ending::GivenUp(why) => format!("given up {why:?}"),
        Ending::Stale(why) => format!("stale {why}"),
        Ending::Broke(why) => format!("broke {why}"),
    }
}
