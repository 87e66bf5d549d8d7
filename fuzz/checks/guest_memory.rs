//! Any program for the hostile guest (`host/executor/src/hostile.wat`): whatever it does to the host is an ending.

use std::sync::{Arc, OnceLock};

use picloud_executor::{Attempt, Budget, Ending, Executor, Job, PoolConfig, Program, Run as _, Said};
use picloud_sdk::call::{Answer, Envelope, HostCall, body, log};
use picloud_sdk::limits::{Limit, Limits};
use picloud_sdk::sidecar::Sidecar;
use picloud_sdk::wire;
use serde::Serialize;
use tokio::runtime::Runtime;

/// So little that endless loops end at once.
const LIMITS: Limits = Limits {
    fuel_max: 500_000,
    memory_bytes_max: 1 << 20,
    ..Limits::for_tests()
};

/// Says each kind of answer in turn.
fn parrot(question: &[u8]) -> Said {
    let refused: Answer<'_, ()> = Answer::Refused {
        code: "no",
        message: "no",
    };
    Said::Answer(match wire::decode(question, question.len()) {
        Ok(HostCall::Body(body::Call::Read)) => envelope(Answer::Given(body::Reply(b"a body of some bytes"))),
        Ok(
            HostCall::Log(log::Call::Line { message: "", .. })
            | HostCall::Kv(_)
            | HostCall::Docs(_)
            | HostCall::Secret(_)
            | HostCall::Env(_)
            | HostCall::Http(_)
            | HostCall::Crypto(_)
            | HostCall::Queue(_)
            | HostCall::Topic(_)
            | HostCall::Invoke(_),
        ) => envelope(refused),
        Ok(HostCall::Log(log::Call::Line { message, .. })) => envelope(Answer::Given(message)),
        Err(error) => return Said::Fault(error.into()),
    })
}

fn envelope<R: Serialize>(answer: Answer<'_, R>) -> Vec<u8> {
    wire::encode(&Envelope { now_ms: 0, answer })
}

pub(crate) fn check(bytes: &[u8]) {
    static HOST: OnceLock<(Runtime, Executor)> = OnceLock::new();
    let (runtime, executor) = HOST.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let executor = Executor::hostile(PoolConfig {
            runs_max: 4,
            memory_bytes_max: LIMITS.memory_bytes_max,
        });
        (runtime.expect("a runtime"), executor.expect("four sandboxes"))
    });
    let program = Program {
        bytecode: bytes.to_vec(),
        sidecar: Sidecar::default(),
        functions: Vec::new(),
    };
    let (execution, _) = runtime.block_on(executor.run(Job {
        program: Arc::new(Arc::new(program).into()),
        identity: Arc::default(),
        attempt: Attempt {
            number: 1,
            seed: [1; 32],
            now_ms: 0,
        },
        event: Vec::new().into(),
        limits: LIMITS,
        memory: Budget::new(u64::MAX),
        world: Box::new(parrot),
    }));
    let usage = execution.usage;
    assert!(usage.fuel <= LIMITS.fuel_max, "{usage:?}");
    assert!(usage.memory_bytes <= LIMITS.memory_bytes_max, "{usage:?}");
    if let Ending::Replied(reply) = &execution.ending {
        assert!(reply.body.len() <= LIMITS.reply_bytes_max as usize);
    }
    if let Ending::Stopped(stop, _) = execution.ending {
        assert_ne!(stop.limit, Limit::Wall, "{usage:?}");
    }
}
