//! A stand-in for the executor: a program is its own source, and a run answers it. For tests that are not about wasm.

use std::sync::Arc;

use picloud::orchestrator::Engine;
use picloud_executor::{Boxed, Compilation, Compile, Ending, Execution, Frame, Job, Reply, Run, ScriptError, World};
use picloud_sdk::call::log::{Call, LogLevel};
use picloud_sdk::compile::{Artifact, Compiled, Diagnostic};
use picloud_sdk::limits::{Limit, Stop, Usage};

use super::names::Names;
use super::puppet::ask;

/// - A source with `!!` does not compile, one with `deep` meets a limit of the compiler.
/// - A program with `throw` throws, one with `loop` is stopped; every other one logs a line and replies itself.
pub(crate) struct Echo;

/// It, as a host takes it.
pub(crate) fn engine() -> Engine {
    Engine {
        runner: Arc::new(Echo),
        compiler: Arc::new(Echo),
        guest_hash: "echo",
        resolver: Arc::new(Names::default()),
    }
}

impl Compile for Echo {
    fn compile<'a>(&'a self, _name: &'a str, text: &'a str) -> Boxed<'a, Compilation> {
        Box::pin(async move {
            if text.contains("deep") {
                return Compilation::Stopped(Stop {
                    limit: Limit::Fuel,
                    used: 11,
                    allowed: 10,
                });
            }
            let Some(at) = text.lines().position(|line| line.contains("!!")) else {
                return Compilation::Done(Compiled::Artifact(Box::new(Artifact {
                    program: text.as_bytes().to_vec(),
                    ..Artifact::default()
                })));
            };
            Compilation::Done(Compiled::Refused(vec![Diagnostic {
                code: "syntax".to_owned(),
                message: "unexpected !!".to_owned(),
                line: u32::try_from(at).unwrap() + 1,
                column: 1,
                end: Some((u32::try_from(at).unwrap() + 1, 3)),
            }]))
        })
    }
}

impl Run for Echo {
    fn run(&self, mut job: Job) -> Boxed<'_, (Execution, Box<dyn World>)> {
        Box::pin(async move {
            let text = String::from_utf8_lossy(&job.program.script.bytecode).into_owned();
            let line = Call::Line {
                level: LogLevel::Info,
                message: "ran",
                fields: r#"{"n":1}"#,
            };
            ask(&mut *job.world, line.into()).await;
            let ending = if text.contains("throw") {
                let frame = Frame {
                    module: String::new(),
                    function: "f".to_owned(),
                    line: 3,
                    column: 5,
                };
                Ending::Threw(ScriptError {
                    code: "thrown".to_owned(),
                    message: text,
                    caller_status: None,
                    stack: vec![frame],
                })
            } else if text.contains("loop") {
                let (limit, used, allowed) = (Limit::Fuel, 101, 100);
                Ending::Stopped(Stop { limit, used, allowed }, Vec::new())
            } else {
                let headers = vec![("content-type".to_owned(), "text/plain".to_owned())];
                Ending::Replied(Reply {
                    status: 200,
                    headers,
                    body: text.into_bytes().into(),
                })
            };
            let usage = Usage {
                fuel: 7,
                memory_bytes: 65_536,
                wall_us: 9,
                host_calls: 1,
                log_bytes: 3,
            };
            (Execution { ending, usage }, job.world)
        })
    }
}
