//! A stand-in for the executor that does what the source tells it, one command a line: for tests that are not about wasm.

use std::sync::Mutex;

use picloud_executor::{
    Boxed, Compilation, Compile, Ending, Execution, Frame, Job, Reply, Run, Said, ScriptError, World,
};
use picloud_sdk::call::log::{self, LogLevel};
use picloud_sdk::call::{Answer, Envelope, HostCall, body};
use picloud_sdk::compile::{Artifact, Compiled};
use picloud_sdk::event::{Event, HttpRequest};
use picloud_sdk::limits::{Limit, Stop, Usage};
use picloud_sdk::wire;
use serde_json::{Value, json};
use tokio::sync::{Semaphore, watch};

/// - `reply STATUS TEXT`, `header NAME: VALUE`, `fill BYTES`, `echo` (the event as JSON), `body` (the body as it came)
/// - `throw MESSAGE`, `blame STATUS MESSAGE`, `stop LIMIT`, `break`, `panic`, `stale`
/// - `log LEVEL TEXT`, `wait` (until [`Puppet::open`])
#[derive(Debug)]
pub(crate) struct Puppet {
    gate: Semaphore,
    waiting: watch::Sender<usize>,
    /// Sources that were compiled.
    compiled: Mutex<Vec<String>>,
}

impl Default for Puppet {
    fn default() -> Self {
        Self {
            gate: Semaphore::new(0),
            waiting: watch::Sender::new(0),
            compiled: Mutex::default(),
        }
    }
}

impl Puppet {
    /// Waits until exactly this many runs stand at the gate.
    pub(crate) async fn waiting(&self, count: usize) {
        self.waiting
            .subscribe()
            .wait_for(|waiting| *waiting == count)
            .await
            .unwrap();
    }

    /// Lets this many runs through.
    pub(crate) fn open(&self, count: usize) {
        self.gate.add_permits(count);
    }

    /// How often something was compiled.
    pub(crate) fn compilations(&self) -> usize {
        self.compiled.lock().unwrap().len()
    }

    async fn obey(&self, job: &mut Job) -> Ending {
        // A source has no NUL: it is written as an author would.
        let source = String::from_utf8(job.program.script.bytecode.clone())
            .unwrap()
            .replace("\\0", "\0");
        let mut reply = Reply {
            status: 200,
            ..Reply::default()
        };
        for line in source.lines() {
            let (command, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
            match command {
                "" => {}
                "reply" => {
                    let (status, text) = rest.split_once(' ').unwrap_or((rest, ""));
                    reply.status = status.parse().unwrap();
                    reply.body = text.to_owned().into();
                }
                "header" => {
                    let (name, value) = rest.split_once(": ").unwrap();
                    reply.headers.push((name.to_owned(), value.to_owned()));
                }
                "fill" => reply.body = vec![b'.'; rest.parse().unwrap()].into(),
                "body" => reply.body = body_of(&mut *job.world).await.into(),
                "echo" => reply.body = echo(job).await.to_string().into(),
                "log" => log(&mut *job.world, rest).await,
                "wait" => self.wait().await,
                _ => return failing(command, rest),
            }
        }
        Ending::Replied(reply)
    }

    async fn wait(&self) {
        struct Waiting<'a>(&'a watch::Sender<usize>);
        impl Drop for Waiting<'_> {
            fn drop(&mut self) {
                self.0.send_modify(|waiting| *waiting -= 1);
            }
        }
        self.waiting.send_modify(|waiting| *waiting += 1);
        let _waiting = Waiting(&self.waiting);
        self.gate.acquire().await.unwrap().forget();
    }
}

fn failing(command: &str, rest: &str) -> Ending {
    let frame = Frame {
        module: String::new(),
        function: "f".to_owned(),
        line: 3,
        column: 5,
    };
    let error = |message: &str| ScriptError {
        code: "thrown".to_owned(),
        message: message.to_owned(),
        caller_status: None,
        stack: vec![frame.clone()],
    };
    match command {
        "throw" => Ending::Threw(error(rest)),
        "blame" => {
            let (status, message) = rest.split_once(' ').unwrap();
            Ending::Threw(ScriptError {
                caller_status: Some(status.parse().unwrap()),
                ..error(message)
            })
        }
        "stop" => {
            let limit = *Limit::ALL.iter().find(|limit| limit.as_str() == rest).unwrap();
            let (used, allowed) = (11, 10);
            Ending::Stopped(Stop { limit, used, allowed }, vec![frame])
        }
        "break" => Ending::Broke("a puppet's string".to_owned()),
        "stale" => Ending::Stale("another guest's".to_owned()),
        "panic" => panic!("the puppet was told to"),
        _ => panic!("no such command: {command}"),
    }
}

async fn log(world: &mut dyn World, rest: &str) {
    let (level, message) = rest.split_once(' ').unwrap();
    let levels = [LogLevel::Debug, LogLevel::Info, LogLevel::Warn, LogLevel::Error];
    let level = levels.into_iter().find(|known| known.as_str() == level).unwrap();
    let line = log::Call::Line {
        level,
        message,
        fields: "",
    };
    ask(world, line.into()).await;
}

async fn body_of(world: &mut dyn World) -> Vec<u8> {
    let envelope = ask(world, body::Call::Read.into()).await;
    let Envelope {
        answer: Answer::Given(body::Reply(body)),
        ..
    } = wire::decode(&envelope, usize::MAX).unwrap()
    else {
        panic!("there is a body")
    };
    body.to_vec()
}

pub(super) async fn ask(world: &mut dyn World, question: HostCall<'_>) -> Vec<u8> {
    let question = wire::encode(&question);
    match world.call(&question, 1 << 30).await {
        Said::Answer(envelope) => envelope,
        other => panic!("{other:?}"),
    }
}

async fn echo(job: &mut Job) -> Value {
    let body = body_of(&mut *job.world).await;
    let Event::Http(HttpRequest {
        method,
        host,
        path,
        query,
        params,
        headers,
        client_ip,
        body_bytes,
    }) = wire::decode(&job.event, usize::MAX).unwrap()
    else {
        return json!({ "body": String::from_utf8_lossy(&body) });
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let headers: Vec<_> = headers.iter().map(|(name, value)| json!([name, text(value)])).collect();
    json!({
        "method": method, "host": host, "path": path, "query": query, "params": params, "headers": headers,
        "client_ip": client_ip, "body_bytes": body_bytes, "body": text(&body),
        "app": &*job.identity.app, "script": &*job.identity.script, "version": job.identity.version,
        "execution": job.identity.execution, "trace": job.identity.trace, "now_ms": job.attempt.now_ms,
    })
}

impl Compile for Puppet {
    fn compile<'a>(&'a self, _name: &'a str, text: &'a str) -> Boxed<'a, Compilation> {
        self.compiled.lock().unwrap().push(text.to_owned());
        Box::pin(std::future::ready(Compilation::Done(Compiled::Artifact(Box::new(
            Artifact {
                program: text.as_bytes().to_vec(),
                ..Artifact::default()
            },
        )))))
    }
}

impl Run for Puppet {
    fn run(&self, mut job: Job) -> Boxed<'_, (Execution, Box<dyn World>)> {
        Box::pin(async move {
            let ending = self.obey(&mut job).await;
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
