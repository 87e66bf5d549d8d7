//! Any text, compiled and run in the real sandboxes: it may be refused, throw, be stopped or reply; nothing breaks.

use std::sync::{Arc, OnceLock};

use picloud_executor::{Attempt, Budget, Compilation, Compile as _, Ending, Executor, Job, PoolConfig, Run as _, Said};
use picloud_sdk::call::{Answer, Envelope, HostCall, body};
use picloud_sdk::compile::Compiled;
use picloud_sdk::event::{Event, HttpRequest};
use picloud_sdk::limits::Limits;
use picloud_sdk::wire;
use tokio::runtime::Runtime;

/// The default bound on a source.
const SOURCE_BYTES_MAX: usize = 64 << 10;
const BODY: &[u8] = br#"{"items": [{"name": "tea", "price": 3.5}], "n": 1}"#;

/// What is no business of a fuzzer's.
const REFUSED: Answer<'static, ()> = Answer::Refused {
    code: "no",
    message: "not here",
};

/// What may break, with the reason. Nothing does.
const KNOWN: &[&str] = &[];

/// Has a body, does not hear what is logged, and refuses all else.
fn deaf(question: &[u8]) -> Said {
    let now_ms = 0;
    Said::Answer(match wire::decode(question, question.len()) {
        Ok(HostCall::Body(_)) => wire::encode(&Envelope {
            now_ms,
            answer: Answer::Given(body::Reply(BODY)),
        }),
        Ok(HostCall::Log(_)) => wire::encode(&Envelope {
            now_ms,
            answer: Answer::Given(()),
        }),
        _ => wire::encode(&Envelope {
            now_ms,
            answer: REFUSED,
        }),
    })
}

pub(crate) fn check(bytes: &[u8]) {
    static HOST: OnceLock<(Runtime, Executor)> = OnceLock::new();
    let Some(text) = std::str::from_utf8(bytes)
        .ok()
        .filter(|text| text.len() <= SOURCE_BYTES_MAX)
    else {
        return;
    };
    let (runtime, executor) = HOST.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let executor = Executor::new(PoolConfig {
            runs_max: 4,
            memory_bytes_max: Limits::for_tests().memory_bytes_max,
        });
        (runtime.expect("a runtime"), executor.expect("four sandboxes"))
    });
    let artifact = match runtime.block_on(executor.compile("fuzz", text)) {
        Compilation::Done(Compiled::Artifact(artifact)) => artifact,
        Compilation::Done(Compiled::Refused(diagnostics)) => {
            assert!(!diagnostics.is_empty(), "refused without a reason: {text}");
            return;
        }
        Compilation::Stopped(_) => return,
        Compilation::Broke(why) => return broke(&why, text),
    };
    let (execution, _) = runtime.block_on(executor.run(job((*artifact).into())));
    match execution.ending {
        Ending::Replied(_) | Ending::Threw(_) | Ending::Stopped(..) | Ending::GivenUp(_) => {}
        Ending::Stale(why) => panic!("the compiler's own artifact is stale: {why}: {text}"),
        Ending::Broke(why) => broke(&why, text),
    }
}

fn broke(why: &str, text: &str) {
    assert!(KNOWN.iter().any(|known| why.contains(known)), "broke: {why}: {text}");
}

fn job(program: picloud_executor::Program) -> Job {
    Job {
        program: Arc::new(Arc::new(program).into()),
        identity: Arc::default(),
        attempt: Attempt {
            number: 1,
            seed: [1; 32],
            now_ms: 0,
        },
        event: wire::encode(&Event::Http(HttpRequest {
            method: "POST",
            host: "acme.localhost",
            path: "/orders/7",
            query: "a=1&b=%C3%A9",
            params: vec![("id", "7")],
            headers: vec![("content-type", b"application/json"), ("cookie", b"a=b")],
            client_ip: "192.0.2.1",
            body_bytes: u32::try_from(BODY.len()).expect("a short body"),
        }))
        .into(),
        limits: Limits {
            fuel_max: 20_000_000,
            ..Limits::for_tests()
        },
        memory: Budget::new(u64::MAX),
        world: Box::new(deaf),
    }
}
