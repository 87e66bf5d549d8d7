//! Scripts that run within another's run: on what that has left, and in its world.

use std::any::Any;
use std::sync::Arc;

use picloud_executor::{Boxed, Ending, Enter, Execution, Executor, Job, PoolConfig, Program, Run as _, Said, World};
use picloud_sdk::call::crypto::Bytes;
use picloud_sdk::call::invoke::{Call, Question};
use picloud_sdk::call::{Answer, Envelope, HostCall};
use picloud_sdk::event::{self, Event};
use picloud_sdk::limits::{Limit, Limits, Stop};
use picloud_sdk::wire;

use crate::harness::{NOW_MS, compile, executor, get, job, render};

/// Has one program run for each call, and notes what was asked.
struct Calling {
    callee: Arc<Program>,
    notes: Vec<String>,
}

impl Calling {
    fn say<R: serde::Serialize>(answer: Answer<'_, R>) -> Said {
        Said::Answer(wire::encode(&Envelope { now_ms: NOW_MS, answer }))
    }
}

impl World for Calling {
    fn call<'a>(&'a mut self, question: &'a [u8], _: usize) -> Boxed<'a, Said> {
        let asked = wire::decode(question, question.len());
        let said = if let Ok(HostCall::Invoke(Question::Call(Call { script, .. }))) = asked {
            self.notes.push(format!("call {script}"));
            Said::Enter(Box::new(Enter {
                program: Arc::new(Arc::clone(&self.callee).into()),
                script: script.into(),
                version: 7,
                event: wire::encode(&Event::Call(event::Call { from: "test" })).into(),
            }))
        } else {
            self.notes.push("asked".to_owned());
            Self::say(Answer::Given(()))
        };
        Box::pin(std::future::ready(said))
    }

    fn question_bytes_max(&self) -> usize {
        1 << 20
    }

    fn too_long(&mut self, _: &[u8], _: usize) -> Said {
        unreachable!("its questions are short")
    }

    fn now_ms(&self) -> i64 {
        NOW_MS
    }

    fn returned(&mut self, ending: Option<Ending>) -> Said {
        match ending {
            Some(Ending::Replied(reply)) => {
                self.notes.push("returned".to_owned());
                Self::say(Answer::Given(Bytes(&reply.body)))
            }
            Some(Ending::Threw(error)) => {
                let message = format!("within: {}", error.message);
                let (code, message) = (&*error.code, &*message);
                let refused: Answer<'_, ()> = Answer::Refused { code, message };
                Self::say(refused)
            }
            other => Said::Fault(anyhow::anyhow!("{other:?}")),
        }
    }
}

async fn both(outer: &str, callee: &str, limits: Limits) -> (Execution, Vec<String>) {
    both_in(executor(), outer, callee, limits).await
}

async fn both_in(executor: &Executor, outer: &str, callee: &str, limits: Limits) -> (Execution, Vec<String>) {
    let (outer, callee) = (compile(outer).await.unwrap(), compile(callee).await.unwrap());
    let notes = Vec::new();
    let job = Job {
        limits,
        world: Box::new(Calling { callee, notes }),
        ..job(outer, get(), b"")
    };
    let (execution, world) = executor.run(job).await;
    let world: Box<dyn Any> = world;
    let world: Box<Calling> = world.downcast().expect("the world comes back");
    (execution, world.notes)
}

async fn check(outer: &str, callee: &str) -> String {
    render(&both(outer, callee, Limits::for_tests()).await.0)
}

#[tokio::test]
async fn what_a_script_returns_is_the_callers() {
    let callee = "#{ a: [1, 2.5, \"x\", (), true], kind: event.kind, name: event.name, script: ctx.script, version: ctx.version, run: ctx.execution }";
    let ended = check("invoke::call(\"price\")", callee).await;
    let expected = r#"200 application/json {"a":[1,2.5,"x",null,true],"kind":"call","name":"test","run":"exe_1","script":"price","version":7}"#;
    assert_eq!(ended, expected);
    let reply = "reply(404).header(\"x-a\", \"1\").header(\"x-a\", \"2\").text(\"no\")";
    let ended = check("invoke::call(\"price\")", reply).await;
    assert_eq!(
        ended,
        r#"200 application/json {"body":"no","headers":{"content-type":"text/plain; charset=utf-8","x-a":"1, 2"},"status":404}"#
    );
    let (_, notes) = both(
        "invoke::call(\"a\"); log::info(\"x\")",
        "log::info(\"y\")",
        Limits::for_tests(),
    )
    .await;
    assert_eq!(notes, ["call a", "asked", "returned", "asked"]);
}

#[tokio::test]
async fn what_a_script_throws_is_thrown_where_it_was_called() {
    let caught =
        "let told = (); try { told = invoke::call(\"a\"); } catch (e) { told = `${e.code}: ${e.message}`; } told";
    assert_eq!(
        check(caught, "throw #{ code: \"mine\", message: \"no\" }").await,
        "200 text/plain; charset=utf-8 mine: within: no"
    );
    let ended = check(caught, "[1, |x| x]").await;
    assert!(ended.contains("bad_value: within: what the script returns"), "{ended}");
    let ended = check(
        "let x = 1;\ninvoke::call(\"a\")",
        "throw #{ code: \"mine\", message: \"no\" }",
    )
    .await;
    assert_eq!(ended, "threw mine: within: no @ 2:9");
    let ended = check(caught, "req.path").await;
    assert!(
        ended.contains("no_request") && ended.contains("call \"test\""),
        "{ended}"
    );
}

#[tokio::test]
async fn the_bounds_are_the_callers() {
    let limits = Limits::for_tests();
    for (callee, limit, allowed) in [
        ("loop {}", Limit::Fuel, limits.fuel_max),
        (
            "let s = \"x\"; loop { s += s; }",
            Limit::Memory,
            limits.memory_bytes_max.into(),
        ),
        (
            "loop { log::info(\"\") }",
            Limit::HostCalls,
            limits.host_calls_max.into(),
        ),
    ] {
        let (execution, _) = both("let n = 0;\ninvoke::call(\"a\")", callee, limits).await;
        let Ending::Stopped(stop, stack) = &execution.ending else {
            panic!("{callee}: {execution:?}")
        };
        assert_eq!((stop.limit, stop.allowed), (limit, allowed), "{callee}");
        assert!(stop.used >= allowed, "{callee}: {stop:?}");
        let frames: Vec<(&str, u32)> = stack.iter().map(|frame| (&*frame.module, frame.line)).collect();
        assert_eq!(frames, [("a", 1), ("", 2)], "{callee}");
    }
}

#[tokio::test]
async fn what_it_uses_counts_as_the_callers_and_is_the_same_each_time() {
    let callee = "let n = 0; for i in 0..1000 { n += random::int(1, 9); } let b = blob(3000000, 1); n";
    let limits = Limits::for_tests();
    let (alone, _) = both("1", "1", limits).await;
    let (first, _) = both("[invoke::call(\"a\"), invoke::call(\"a\")]", callee, limits).await;
    let (again, _) = both("[invoke::call(\"a\"), invoke::call(\"a\")]", callee, limits).await;
    assert_eq!((&first.ending, first.usage.fuel), (&again.ending, again.usage.fuel));
    assert_eq!(first.usage.memory_bytes, again.usage.memory_bytes);
    assert!(
        first.usage.memory_bytes >= alone.usage.memory_bytes * 2 + 3_000_000,
        "{first:?}"
    );
    assert!(first.usage.fuel > alone.usage.fuel + 2 * 250_000, "{first:?}");
    let Ending::Replied(reply) = &first.ending else {
        panic!("{first:?}")
    };
    let drawn: Vec<i64> = serde_json::from_slice(&reply.body).unwrap();
    assert_ne!(drawn[0], drawn[1], "each draws for itself");
}

#[tokio::test]
async fn a_clock_ends_both_and_the_world_comes_back() {
    let limits = Limits {
        wall_ms_max: 50,
        fuel_max: u64::MAX / 2,
        ..Limits::for_tests()
    };
    // One that asks now and then hears of it, one that computes in a native function does not.
    for callee in [
        "loop {}",
        "let a = []; a.pad(100000, 1); loop { a.sort(); a.reverse(); }",
    ] {
        let (execution, notes) = both("log::info(\"x\"); invoke::call(\"a\")", callee, limits).await;
        let Ending::Stopped(Stop { limit, allowed, .. }, _) = execution.ending else {
            panic!("{execution:?}")
        };
        assert_eq!((limit, allowed), (Limit::Wall, 50));
        assert_eq!(notes, ["asked", "call a"]);
    }
}

#[tokio::test]
async fn runs_within_each_other_need_no_places_and_share_their_memory() {
    let program = "invoke::call(\"a\")";
    // It calls itself on and on, and this world has no bound to that: their memory has one.
    let limits = Limits {
        fuel_max: u64::MAX / 2,
        memory_bytes_max: 64 << 20,
        ..Limits::for_tests()
    };
    // More at once than there are places.
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..24 {
        all.spawn(both(program, program, limits));
    }
    for (execution, notes) in all.join_all().await {
        let Ending::Stopped(stop, _) = &execution.ending else {
            panic!("{execution:?}")
        };
        assert_eq!((stop.limit, stop.allowed), (Limit::Memory, 64 << 20));
        assert!(notes.len() > 8, "{notes:?}");
    }
}

#[tokio::test]
async fn a_script_within_may_have_as_much_memory_as_the_installation_allows() {
    let memory_bytes_max = 160 << 20;
    let executor = Executor::new(PoolConfig {
        runs_max: 1,
        memory_bytes_max,
    })
    .unwrap();
    let limits = Limits {
        memory_bytes_max,
        fuel_max: u64::MAX / 2,
        ..Limits::for_tests()
    };
    let (execution, _) = both_in(&executor, "invoke::call(\"a\")", "blob(100000000, 1).len()", limits).await;
    assert_eq!(render(&execution), "200 application/json 100000000");
    let (execution, _) = both_in(&executor, "invoke::call(\"a\")", "blob(200000000, 1).len()", limits).await;
    assert_eq!(render(&execution), "stopped memory");
}
