//! A guest that wants to hurt the host (`src/hostile.wat`): every attempt is an ending, and the host goes on.

mod program;

use picloud_executor::Ending;
use picloud_sdk::call::HostCall;
use picloud_sdk::call::body::Call as Body;
use picloud_sdk::call::log::{Call as Log, LogLevel};
use picloud_sdk::outcome::{Caller, Met, Outcome, REPLY_HEADERS_MAX, Reply, Stopped, Thrown, Trace, Watched};
use picloud_sdk::sidecar::{Blame, Fault};

use self::program::{Hostile, MAX, MEMORY_BYTES, Op, REPLY_BYTES_MAX, hostile, len};
use crate::harness::{Recording, render};

fn log(message: &str) -> HostCall<'_> {
    HostCall::Log(Log::Line {
        level: LogLevel::Info,
        message,
        fields: "",
    })
}

/// The host goes on: the next guest is served as if nothing had been.
async fn assert_fine() {
    assert_eq!(hostile().fine().run().await, "200 text/plain fine");
}

async fn assert_breaks(attempt: Hostile, says: &str) {
    let ended = attempt.run().await;
    assert!(ended.starts_with("broke ") && ended.contains(says), "{says}: {ended}");
    assert_fine().await;
}

#[tokio::test]
async fn what_lies_outside_of_memory_is_not_read() {
    // every pair that does not lie in memory, those that wrap included; a negative length is a huge one.
    for (address, len) in [
        (0, MEMORY_BYTES + 1),
        (1, MEMORY_BYTES),
        (MEMORY_BYTES - 1, 2),
        (MEMORY_BYTES, 1),
        (MEMORY_BYTES + 1, 0),
        (MAX, 0),
        (MAX, 1),
        (0, 0x7fff_ffff),
        (MEMORY_BYTES / 2, 0x7fff_ffff),
        (0x7fff_ffff, 0x7fff_ffff),
        (2, MAX - 1),
    ] {
        let ended = hostile().then(Op::Call, [address, len]).run().await;
        // A length is paid for before it is looked at.
        let expected = if len > 5_000_000 { "stopped fuel" } else { "broke " };
        assert!(ended.starts_with(expected), "{address:#x} {len:#x}: {ended}");
        assert_breaks(hostile().then(Op::Answer, [address, len]), "the guest named").await;
    }
    assert_fine().await;
}

#[tokio::test]
async fn an_empty_range_at_the_end_is_inside() {
    for address in [0, 1, MEMORY_BYTES] {
        assert_breaks(hostile().then(Op::Call, [address, 0]), "malformed").await;
        assert_breaks(hostile().then(Op::Answer, [address, 0]), "malformed").await;
    }
}

#[tokio::test]
async fn nothing_is_written_outside_of_memory() {
    // an answer where there is no room for it.
    for address in [MEMORY_BYTES, MEMORY_BYTES - 1, MAX, 0x8000_0000] {
        let attempt = hostile().ask(&HostCall::Body(Body::Read)).then(Op::Take, [address]);
        assert_breaks(attempt, "the guest named").await;
        assert_breaks(hostile().then(Op::Random, [address, 8]), "the guest named").await;
        assert_breaks(hostile().then(Op::Sizes, [address, 0]), "the guest named").await;
        assert_breaks(hostile().then(Op::Sizes, [0, address]), "the guest named").await;
        assert_breaks(hostile().then(Op::Write, [2, 0, 0, address]), "the guest named").await;
    }
}

#[tokio::test]
async fn buffers_may_overlap() {
    // the list of pieces, a piece and the place for the count are one and the same.
    let ended = hostile()
        .data(0, &[0, 0, 0, 0, 8, 0, 0, 0])
        .then(Op::Write, [2, 0, 1, 0])
        .then(Op::Sizes, [0, 0])
        .then(Op::Sizes, [0, 2])
        .ask(&log("x"))
        .then(Op::Take, [0])
        .fine()
        .run()
        .await;
    assert_eq!(ended, "200 text/plain fine");
}

#[tokio::test]
async fn a_question_is_read_once() {
    // what the guest does to its memory after it has asked changes nothing.
    let (execution, world) = hostile()
        .ask(&log("as it was asked"))
        .then(Op::Fill, [0, 0x58, 4096])
        .then(Op::MemoryGrow, [2])
        .then(Op::Take, [MEMORY_BYTES])
        .fine()
        .run_in_a_world()
        .await;
    assert_eq!(render(&execution), "200 text/plain fine");
    assert_eq!(Recording::of(world).lines, ["info as it was asked"]);
}

#[tokio::test]
async fn questions_that_are_none_are_refused() {
    // not UTF-8, unknown variants, lengths that lie, bytes left over.
    for question in [
        &[1, 0, 1, 2, 0xc3, 0x28, 0][..],
        &[1, 0, 1, 1, 0xff, 0],
        &[1, 0, 9, 0, 0],
        &[1, 1],
        &[0, 1],
        &[2],
        &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
        &[1, 0, 1, 0xff, 0xff, 0xff, 0xff, 0x0f, 0],
        &[1, 0, 1, 5, b'a'],
        &[0, 0, 0],
    ] {
        let attempt = hostile().data(0, question).then(Op::Call, [0, len(question)]);
        assert_breaks(attempt, "malformed").await;
    }
    let nul = hostile().ask(&log("a\0b")).fine();
    assert_eq!(nul.run().await, "200 text/plain fine");
    let long = hostile().then(Op::MemoryGrow, [1]).ask(&log(&"x".repeat(20_000)));
    assert_eq!(long.run().await, "stopped log_bytes");
}

#[tokio::test]
async fn answers_that_are_none_are_refused() {
    //
    for answer in [
        &[][..],
        &[4],
        &[0, 200, 1, 0xff, 0xff, 0xff, 0xff, 0x0f],
        &[0, 200, 1, 1, 2, 0xc3, 0x28, 0, 0],
        &[0, 200, 1, 0, 0, 0],
        &[2, 1, 9, 1, 1, 0],
    ] {
        assert_breaks(hostile().answer_bytes(answer), "the guest's answer").await;
    }
    assert_breaks(hostile(), "malformed").await;
    assert_breaks(hostile().then(Op::Exit, [0]), "exit code 0").await;
    assert_breaks(hostile().then(Op::Trap, []), "unreachable").await;
}

#[tokio::test]
async fn an_answer_is_bounded() {
    // more than a reply may be, more than any message may be, and more headers than the host could hold.
    let body = vec![b'x'; REPLY_BYTES_MAX as usize + 1];
    let large = Outcome::Replied(Reply {
        status: 200,
        headers: Vec::new(),
        body: &body,
    });
    assert_eq!(hostile().answer(&large).run().await, "stopped reply_bytes");
    assert_breaks(hostile().then(Op::Answer, [0, MEMORY_BYTES]), "bytes, ").await;
    let headers = vec![("a", ""); REPLY_HEADERS_MAX + 1];
    let many = Outcome::Replied(Reply {
        status: 200,
        headers,
        body: b"",
    });
    assert_breaks(hostile().answer(&many), "257 headers").await;
}

#[tokio::test]
async fn a_stack_that_was_made_up_is_not_shown() {
    let fault = Fault {
        address: MAX,
        slot: Some(MAX),
    };
    let call = Caller {
        module: "never/linked",
        function: "f",
    };
    let thrown = Outcome::Threw(Thrown {
        code: "made_up",
        message: "x",
        caller_status: Some(0),
        trace: Trace {
            faults: vec![fault; 5000],
            calls: vec![call; 5000],
            blame: Blame::Operator,
        },
    });
    let (execution, _) = hostile().answer(&thrown).run_in_a_world().await;
    let Ending::Threw(error) = execution.ending else {
        panic!("{execution:?}")
    };
    assert_eq!(error.stack.len(), 1);
    assert_eq!((error.stack[0].line, error.stack[0].column), (0, 0));
}

#[tokio::test]
async fn writing_without_end_is_paid_for() {
    // the host's work is bounded by the guest's fuel, not by its patience.
    let piece = [0_u32.to_le_bytes(), (1_u32 << 16).to_le_bytes()].concat();
    for (op, numbers) in [
        (Op::Write, [2, 0, 16, 256]),
        (Op::Random, [0, 4096, 0, 0]),
        (Op::Sizes, [0, 0, 0, 0]),
        (Op::Environ, [0, 0, 0, 0]),
        (Op::Poll, [0, 0, 0, 0]),
        (Op::Take, [0, 0, 0, 0]),
    ] {
        let mut attempt = hostile().data(0, &piece.repeat(16));
        let again = len(&attempt.0);
        attempt = attempt.then(op, numbers).then(Op::Jump, [again]);
        assert_eq!(attempt.run().await, "stopped fuel", "{numbers:?}");
        assert_fine().await;
    }
}

#[tokio::test]
async fn questions_out_of_turn_have_answers() {
    // taken before anything was asked, twice, or never.
    let never = hostile()
        .ask(&HostCall::Body(Body::Read))
        .ask(&HostCall::Body(Body::Read))
        .fine();
    assert_eq!(never.run().await, "200 text/plain fine");
    let twice = hostile()
        .then(Op::Take, [MEMORY_BYTES])
        .ask(&HostCall::Body(Body::Read))
        .then(Op::Take, [0])
        .then(Op::Take, [MEMORY_BYTES])
        .fine();
    assert_eq!(twice.run().await, "200 text/plain fine");
    let flood = hostile().ask(&HostCall::Body(Body::Read)).then(Op::Jump, []);
    assert_eq!(flood.run().await, "stopped host_calls");
}

#[tokio::test]
async fn there_is_no_way_back_in_and_no_end_to_fall_off() {
    // the host calls nothing of the guest's but `run`, and that ends.
    assert_eq!(hostile().then(Op::Recurse, []).run().await, "stopped stack");
    assert_eq!(hostile().then(Op::Spin, []).run().await, "stopped fuel");
    assert_fine().await;
}

#[tokio::test]
async fn randomness_comes_by_the_spoon() {
    //
    for wanted in [4097, 1 << 30, MAX] {
        assert_breaks(hostile().then(Op::Random, [0, wanted]), "4096 allowed").await;
    }
}

#[tokio::test]
async fn there_is_no_file_but_the_panic_log() {
    for file in [0, 1, 3, MAX] {
        let ended = hostile().then(Op::Write, [file, MAX, MAX, MAX]).fine().run().await;
        assert_eq!(ended, "200 text/plain fine");
    }
    assert_breaks(hostile().then(Op::Write, [2, MAX, 1, 0]), "the guest named").await;
    assert_breaks(hostile().then(Op::Write, [2, MAX - 8, 16, 0]), "the guest named").await;
}

#[tokio::test]
async fn growing_at_the_limit_is_refused_and_paid_for() {
    //
    for (op, by, stop) in [
        (Op::MemoryGrow, MAX, "fuel"),
        // It comes to its bound, and goes on for as long as it has fuel; what it is given then has a bound, too.
        (Op::MemoryGrow, 1, "memory"),
        (Op::MemoryGrow, 0, "fuel"),
        (Op::TableGrow, MAX, "fuel"),
        (Op::TableGrow, 1, "fuel"),
        (Op::TableGrow, 0, "fuel"),
    ] {
        let attempt = hostile().then(op, [by]).then(Op::Jump, []);
        let ended = attempt.run().await;
        assert_eq!(ended, format!("stopped {stop}"), "{by:#x}");
        assert_fine().await;
    }
}

#[tokio::test]
async fn the_next_guest_sees_fresh_pages() {
    // whatever was written, the next in the same place starts from the image.
    for _ in 0..8 {
        let dirty = hostile().then(Op::Fill, [0, 0xff, 60_000]).then(Op::MemoryGrow, [8]);
        assert_breaks(dirty.then(Op::Fill, [MEMORY_BYTES, 0xff, 8 << 16]), "malformed").await;
        // The answer of zeroes at both places: no outcome has status 0, but its bytes are all there.
        let look = hostile().then(Op::MemoryGrow, [8]).then(Op::Answer, [MEMORY_BYTES, 4]);
        assert_eq!(look.run().await, "0 -");
        let look = hostile().then(Op::Answer, [0, 4]);
        assert_eq!(look.run().await, "0 -");
    }
}

#[tokio::test]
async fn a_stop_that_was_made_up_harms_nobody() {
    let made_up = Met {
        watched: Watched::CallDepth,
        used: u64::MAX,
        allowed: 0,
    };
    let stopped = |met| {
        Outcome::Stopped(Stopped {
            met,
            ..Stopped::default()
        })
    };
    assert_eq!(
        hostile().answer(&stopped(Some(made_up))).run().await,
        "stopped call_depth"
    );
    assert_breaks(hostile().answer(&stopped(None)), "which it was not").await;
    let store = hostile().then(Op::Store, [MAX, 1]);
    assert_eq!(store.run().await, "stopped stack");
}
