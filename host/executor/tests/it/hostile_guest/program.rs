//! Programs for the hostile guest, and what becomes of them.

use std::sync::{Arc, OnceLock};

use picloud_executor::{Execution, Executor, PoolConfig, Program, Run as _, World};
use picloud_sdk::call::HostCall;
use picloud_sdk::limits::Limits;
use picloud_sdk::outcome::{Outcome, Reply};
use picloud_sdk::sidecar::Sidecar;
use picloud_sdk::wire;

use crate::harness::{get, job, render};

pub(super) const MEMORY_BYTES: u32 = 4 << 16;
pub(super) const REPLY_BYTES_MAX: u32 = 64 << 10;
pub(super) const MAX: u32 = u32::MAX;

/// The guest's operations, in the order of its table.
#[derive(Clone, Copy)]
pub(super) enum Op {
    Answer,
    Call,
    Take,
    Random,
    Write,
    Sizes,
    Environ,
    Poll,
    Exit,
    MemoryGrow,
    TableGrow,
    Recurse,
    Trap,
    Spin,
    Fill,
    Store,
    Data,
    Jump,
}

#[derive(Default)]
pub(super) struct Hostile(pub(super) Vec<u8>);

impl Hostile {
    pub(super) fn then<const N: usize>(mut self, op: Op, numbers: [u32; N]) -> Self {
        self.0.push(op as u8);
        for at in 0..4 {
            let number = numbers.get(at).copied().unwrap_or(0);
            self.0.extend(number.to_le_bytes());
        }
        self
    }

    /// Puts `bytes` at `address` of the guest's memory.
    pub(super) fn data(self, address: u32, bytes: &[u8]) -> Self {
        let mut program = self.then(Op::Data, [address, len(bytes)]);
        program.0.extend(bytes);
        program
    }

    pub(super) fn ask(self, question: &HostCall<'_>) -> Self {
        let question = wire::encode(question);
        self.data(0, &question).then(Op::Call, [0, len(&question)])
    }

    pub(super) fn answer(self, outcome: &Outcome<'_>) -> Self {
        self.answer_bytes(&wire::encode(outcome))
    }

    pub(super) fn answer_bytes(self, bytes: &[u8]) -> Self {
        self.data(0, bytes).then(Op::Answer, [0, len(bytes)])
    }

    pub(super) fn fine(self) -> Self {
        self.answer(&Outcome::Replied(Reply {
            status: 200,
            headers: vec![("content-type", "text/plain")],
            body: b"fine",
        }))
    }

    pub(super) async fn run(self) -> String {
        render(&self.run_in_a_world().await.0)
    }

    pub(super) async fn run_in_a_world(self) -> (Execution, Box<dyn World>) {
        let program = Program {
            bytecode: self.0,
            sidecar: Sidecar::default(),
            functions: Vec::new(),
        };
        let mut job = job(Arc::new(program), get(), b"the body");
        job.limits = Limits {
            fuel_max: 5_000_000,
            memory_bytes_max: 1 << 20,
            reply_bytes_max: REPLY_BYTES_MAX,
            ..Limits::for_tests()
        };
        executor().run(job).await
    }
}

fn executor() -> &'static Executor {
    static EXECUTOR: OnceLock<Executor> = OnceLock::new();
    EXECUTOR.get_or_init(|| {
        Executor::hostile(PoolConfig {
            runs_max: 4,
            memory_bytes_max: 1 << 20,
        })
        .expect("this machine holds four sandboxes")
    })
}

pub(super) fn len(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).expect("a test's bytes are few")
}

pub(super) fn hostile() -> Hostile {
    Hostile::default()
}
