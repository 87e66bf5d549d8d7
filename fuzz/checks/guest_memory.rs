//! Any program for the hostile guest (`host/executor/src/hostile.wat`): whatever it does to the host is an ending.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use picloud_executor::{
    Answer, Boxed, Capabilities, Context, Ending, Executor, HostFault, Job, PoolConfig, Program, Run as _,
};
use picloud_sdk::call::HostCall;
use picloud_sdk::limits::{Limit, Limits};
use picloud_sdk::sidecar::Sidecar;
use tokio::runtime::Runtime;

/// So little that endless loops end at once.
const LIMITS: Limits = Limits {
    fuel_max: 500_000,
    memory_bytes_max: 1 << 20,
    ..Limits::for_tests()
};

/// Says each kind of answer in turn.
struct Parrot;

impl Capabilities for Parrot {
    fn call<'a>(&'a self, call: HostCall<'a>) -> Boxed<'a, Result<Answer, HostFault>> {
        let answer = match call {
            HostCall::Log { message, .. } if message.len() > 8 => Answer::Bytes(message.as_bytes().to_vec()),
            HostCall::Log { message: "", .. } => Answer::Refused {
                code: "no",
                message: "no".to_owned(),
            },
            _ => Answer::Done,
        };
        Box::pin(std::future::ready(Ok(answer)))
    }
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
    let execution = runtime.block_on(executor.run(Job {
        program: Arc::new(Arc::new(program).into()),
        context: Context::default(),
        event: Vec::new(),
        body: Bytes::from_static(b"a body of some bytes"),
        limits: LIMITS,
        seed: 1,
        capabilities: Arc::new(Parrot),
    }));
    let usage = execution.usage;
    assert!(usage.fuel <= LIMITS.fuel_max, "{usage:?}");
    assert!(usage.memory_bytes <= LIMITS.memory_bytes_max, "{usage:?}");
    assert!(usage.log_bytes <= LIMITS.log_bytes_max, "{usage:?}");
    if let Ending::Replied(reply) = &execution.ending {
        assert!(reply.body.len() <= LIMITS.reply_bytes_max as usize);
    }
    if let Ending::Stopped(stop) = execution.ending {
        assert_ne!(stop.limit, Limit::Wall, "{usage:?}");
    }
}
