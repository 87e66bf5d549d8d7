//! One run in the sandbox against the same script in native Rhai with a cached AST, side by side in one process.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use bytes::Bytes;
use picloud_executor::{
    Attempt, Budget, Compilation, Compile as _, Ending, Executor, Identity, Job, Linked, PoolConfig, Run as _, Said,
};
use picloud_sdk::call::{Answer, Envelope, HostCall, body};
use picloud_sdk::compile::{Artifact, Compiled};
use picloud_sdk::event::{Event, HttpRequest};
use picloud_sdk::limits::Limits;
use picloud_sdk::wire;

use crate::scripts::{ALL, HELLO, Script, order};

const MODULES: usize = 5;
const FUNCTIONS: usize = 20;
const ROUNDS: usize = 9;
const ROUND: Duration = Duration::from_millis(200);

/// It has a body, and hears what is logged without keeping it.
fn world(body: Bytes) -> impl FnMut(&[u8]) -> Said {
    move |question| {
        let now_ms = 0;
        Said::Answer(match wire::decode(question, question.len()) {
            Ok(HostCall::Body(_)) => wire::encode(&Envelope {
                now_ms,
                answer: Answer::Given(body::Reply(&body)),
            }),
            _ => wire::encode(&Envelope {
                now_ms,
                answer: Answer::Given(()),
            }),
        })
    }
}

pub(crate) fn report() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let executor = Executor::new(PoolConfig {
        runs_max: 64,
        memory_bytes_max: 64 << 20,
    })?;
    println!("\n## In the sandbox ({})\n", executor.arrangement());
    println!("| what | PiCloud, CPU us | native Rhai, CPU us | ratio |\n|---|---:|---:|---:|");

    let instantiate = runtime.block_on(median(async || executor.instantiate().await))?;
    println!("| instantiate + drop | {instantiate:.1} | | |");
    for script in ALL {
        let artifact = runtime.block_on(compile(&executor, script.name, script.ours))?;
        let ours = runtime.block_on(sandboxed(&executor, script.name, Linked::of(artifact, [])))?;
        let native = runtime.block_on(native(&script))?;
        println!("| {} | {ours:.1} | {native:.1} | {:.2} |", script.name, ours / native);
    }
    modules(&runtime, &executor)
}

/// What imports cost: hello alone, with five modules of 20 functions that it does not use, and calling one of each.
fn modules(runtime: &tokio::runtime::Runtime, executor: &Executor) -> anyhow::Result<()> {
    println!("\n| hello with modules | CPU us | to hello |\n|---|---:|---:|");
    let mut modules = Vec::new();
    for index in 0..MODULES {
        let artifact = runtime.block_on(compile(executor, "module", &module_source(index)))?;
        modules.push((Arc::from(format!("m{index}")), artifact));
    }
    let lines = |line: &dyn Fn(usize) -> String| (0..MODULES).map(line).collect::<Vec<_>>().join("\n");
    let imports = lines(&|index| format!("import \"m{index}\" as m{index};"));
    let calls = lines(&|index| format!("m{index}::f7(1);"));
    let mut alone = 0.0;
    for (what, source) in [
        ("no imports", HELLO.ours.to_owned()),
        (
            "5 modules of 20 functions imported",
            format!("{imports}\n{}", HELLO.ours),
        ),
        (
            "one function of each called",
            format!("{imports}\n{calls}\n{}", HELLO.ours),
        ),
    ] {
        let script = runtime.block_on(compile(executor, what, &source))?;
        let linked = Linked::of(script, modules.clone());
        let us = runtime.block_on(sandboxed(executor, what, linked))?;
        if alone == 0.0 {
            alone = us;
        }
        println!("| {what} | {us:.1} | {:.2} |", us / alone);
    }
    Ok(())
}

fn module_source(index: usize) -> String {
    let function = |at: usize| {
        format!(
            "/// Adds {at}.\nfn f{at}(x) {{ let sum = x + {at}; if sum > LIMIT_{index} {{ throw \"too much\"; }} sum * 2 }}\n"
        )
    };
    format!(
        "const LIMIT_{index} = 1000;\n{}",
        (0..FUNCTIONS)
            .map(function)
            .collect::<String>()
            .replace("LIMIT", "global::LIMIT")
    )
}

async fn compile(executor: &Executor, name: &str, source: &str) -> anyhow::Result<Artifact> {
    match executor.compile(name, source).await {
        Compilation::Done(Compiled::Artifact(artifact)) => Ok(*artifact),
        other => bail!("{name} does not compile: {other:?}"),
    }
}

async fn sandboxed(executor: &Executor, name: &str, linked: Linked) -> anyhow::Result<f64> {
    let asked = Asked::of(linked);
    median(async || asked.run(executor, name).await).await
}

/// A script, and a request for it.
struct Asked {
    program: Arc<Linked>,
    event: Bytes,
    body: Bytes,
}

impl Asked {
    fn of(linked: Linked) -> Self {
        let body = Bytes::from(order());
        Self {
            program: Arc::new(linked),
            event: wire::encode(&Event::Http(request(&body))).into(),
            body,
        }
    }

    async fn run(&self, executor: &Executor, name: &str) -> anyhow::Result<()> {
        let job = job(self.program.clone(), self.event.clone(), self.body.clone());
        let (execution, _) = executor.run(job).await;
        match execution.ending {
            Ending::Replied(_) => Ok(()),
            other => bail!("{name}: {other:?}"),
        }
    }
}

/// Runs a script so often and measures nothing: for `valgrind --tool=callgrind`, which counts instructions.
pub(crate) fn repeat(name: &str, runs: u32) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let executor = Executor::new(PoolConfig {
        runs_max: 1,
        memory_bytes_max: 64 << 20,
    })?;
    let script = ALL.iter().find(|script| script.name == name);
    let script = script.with_context(|| format!("there is no script {name:?}"))?;
    runtime.block_on(async {
        let asked = Asked::of(Linked::of(compile(&executor, name, script.ours).await?, []));
        for _ in 0..runs {
            asked.run(&executor, name).await?;
        }
        Ok(())
    })
}

fn request(body: &Bytes) -> HttpRequest<'static> {
    HttpRequest {
        method: "POST",
        host: "demo.localhost:8080",
        path: "/order",
        headers: vec![
            ("host", b"demo.localhost:8080"),
            ("user-agent", b"bench"),
            ("content-type", b"application/json"),
        ],
        client_ip: "127.0.0.1",
        body_bytes: u32::try_from(body.len()).unwrap_or(u32::MAX),
        ..HttpRequest::default()
    }
}

fn job(program: Arc<Linked>, event: Bytes, body: Bytes) -> Job {
    Job {
        program,
        identity: Arc::new(Identity {
            app: "demo".into(),
            script: "order".into(),
            version: 1,
            ..Identity::default()
        }),
        attempt: Attempt {
            number: 1,
            seed: [1; 32],
            now_ms: 0,
        },
        event,
        limits: Limits {
            fuel_max: 1_000_000_000,
            memory_bytes_max: 64 << 20,
            ..Limits::for_tests()
        },
        memory: Budget::new(u64::MAX),
        world: Box::new(world(body)),
    }
}

async fn native(script: &Script) -> anyhow::Result<f64> {
    let engine = rhai::Engine::new();
    let ast = engine.compile(script.native)?;
    let body: rhai::ImmutableString = order().into();
    median(async || {
        let mut scope = rhai::Scope::new();
        scope.push("body", body.clone());
        let value: rhai::Dynamic = engine
            .eval_ast_with_scope(&mut scope, &ast)
            .map_err(|error| anyhow::anyhow!("{error}"))?;
        let _ = std::hint::black_box(value);
        Ok(())
    })
    .await
    .with_context(|| format!("{} in native Rhai", script.name))
}

/// CPU microseconds of one `work`: the median of several rounds' means. CPU time rather than wall time, as other work on
/// the machine would count in the latter, and more for the threads of low priority that long runs end on.
async fn median(work: impl AsyncFn() -> anyhow::Result<()>) -> anyhow::Result<f64> {
    let mut rounds = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let (started, before) = (Instant::now(), cpu_us());
        let mut times = 0_u32;
        while started.elapsed() < ROUND {
            for _ in 0..10 {
                work().await?;
            }
            times += 10;
        }
        rounds.push((cpu_us() - before) / f64::from(times));
    }
    rounds.sort_by(f64::total_cmp);
    Ok(rounds[ROUNDS / 2])
}

/// What this process has used so far, all threads together.
#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn cpu_us() -> f64 {
    let used = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    used.tv_sec as f64 * 1e6 + used.tv_nsec as f64 / 1e3
}
