//! Each bound, met: the run is stopped by name, the host goes on, and the figures are the same every time.

use std::sync::Arc;

use picloud_executor::{Boxed, Ending, GivenUp, Run as _, Said, World};
use picloud_sdk::call::{Answer, Envelope};
use picloud_sdk::limits::{Limit, Limits, Stop};
use picloud_sdk::wire;

use crate::harness::{check, compile, executor, get, job, render, run};

#[tokio::test]
async fn every_limit_stops_a_run_by_its_name() {
    for (script, limit) in [
        ("loop {}", Limit::Fuel),
        (r#"let s = "x"; loop { s += s; }"#, Limit::Memory),
        ("let a = [0]; loop { a += a; }", Limit::Memory),
        ("let b = blob(1, 7); loop { b += b; }", Limit::Memory),
        (
            r#"let s = "x"; while s.len < 100000 { s += s; } let m = #{}; let i = 0; loop { i += 1; m[`k${i}`] = s + i; }"#,
            Limit::Memory,
        ),
        ("blob(2000000000, 65)", Limit::Memory),
        ("fn f(n) { f(n + 1) } f(0)", Limit::CallDepth),
        (
            r#"loop { print("flood flood flood flood flood flood flood flood flood flood flood flood flood flood flood flood flood flood flood flood flood flood flood flood flood flood flood flood flood flood flood flood flood flood flood") }"#,
            Limit::LogBytes,
        ),
        (r#"loop { log::info("") }"#, Limit::HostCalls),
        ("blob(2000000, 65)", Limit::ReplyBytes),
        ("let a = []; for i in 0..20000 { a = [a]; } a", Limit::Fuel),
    ] {
        let ended = check(script).await;
        assert_eq!(ended, format!("stopped {}", limit.as_str()), "{script}");
    }
}

#[tokio::test]
async fn a_stop_says_what_was_used_and_what_was_allowed() {
    let program = compile("fn f(n) { f(n + 1) } f(0)").await.unwrap();
    let execution = run(job(program, get(), b"")).await;
    let Ending::Stopped(stop, stack) = execution.ending else {
        panic!("{execution:?}")
    };
    let expected = Stop {
        limit: Limit::CallDepth,
        used: 33,
        allowed: 32,
    };
    assert_eq!(stop, expected);
    assert_eq!(stack.len(), 32, "{stack:?}");
    assert_eq!(stack[0].line, 1, "{stack:?}");
    let text = Stop {
        limit: Limit::Memory,
        used: 20,
        allowed: 10,
    }
    .to_string();
    assert_eq!(text, "stopped by the limit memory: used 20 bytes, allowed 10");
}

#[tokio::test]
async fn a_stop_says_where_the_run_was() {
    for (script, place) in [
        ("let x = 1;\nloop { x += 1; }", "fuel:  2:6"),
        (
            "fn spin() {\n  loop { }\n}\nfn turn(n) { spin() }\n\nturn(1)",
            "fuel: spin 2:8, turn 4:14,  6:1",
        ),
        ("fn f(n) {\n  f(n + 1)\n}\nf(0)", "call_depth: f 2:3, f 2:3, f 2:3"),
        (
            "[1].map(|x| {\n  while true { x += 1; }\n})",
            "fuel: closure 2:14,  1:5",
        ),
        ("let a = [3, 1, 2];\na.sort(|a, b| a.x);\nloop { }", "fuel:  3:6"),
        ("for i in 0..1000 {\n  log::info(\"x\");\n}", "host_calls:  2:8"),
        ("for i in 0..1000 {\n  print(\"x\");\n}", "host_calls:  1:18"),
        ("let s = \"x\";\nloop {\n  s += s;\n}", "memory:  2:6"),
        (
            "fn grow(s) {\n  loop { s += s; }\n}\nlet s = \"x\";\ngrow(s)",
            "memory: grow 2:8,  5:1",
        ),
        (
            "let l = [];\nlet s = \"x\";\ns.pad(200000, \"x\");\nfor i in 0..1000 {\n  l.push(s + i);\n}",
            "memory:  5:5",
        ),
        (
            "let s = \"x\";\ns.pad(10000, \"x\");\nloop {\n  print(s);\n}",
            "log_bytes:  3:6",
        ),
        (
            "let a = [3, 1, 2, 5, 4];\nfor i in 0..1000 {\n  a.sort(|a, b| { log::info(\"\"); b - a });\n}",
            "host_calls:  2:18",
        ),
    ] {
        let execution = run(job(compile(script).await.unwrap(), get(), b"")).await;
        let Ending::Stopped(stop, stack) = execution.ending else {
            panic!("{script}: {execution:?}")
        };
        assert_eq!(execution.usage.fuel.min(50_000_000), execution.usage.fuel, "{script}");
        let frames = stack.iter().take(3);
        let frames = frames.map(|frame| format!("{} {}:{}", frame.function, frame.line, frame.column));
        let told = format!("{}: {}", stop.limit.as_str(), frames.collect::<Vec<_>>().join(", "));
        assert_eq!(told, place, "{script}");
    }
}

#[tokio::test]
async fn a_limit_that_was_caught_and_lived_with_is_no_stop() {
    let ended = check("let n = 0; fn f(n) { f(n + 1) } try { f(0) } catch { n = 1 } n").await;
    assert!(ended.ends_with(" 1") || ended == "stopped call_depth", "{ended}");
}

/// Waits for ever, as a slow upstream would.
struct Silent;

impl World for Silent {
    fn call<'a>(&'a mut self, _: &'a [u8], _: usize) -> Boxed<'a, Said> {
        Box::pin(std::future::pending())
    }

    fn question_bytes_max(&self) -> usize {
        1024
    }

    fn too_long(&mut self, _: &[u8], _: usize) -> Said {
        unreachable!("its questions are short")
    }

    fn now_ms(&self) -> i64 {
        0
    }
}

/// Opens something at each call, as a pool of connections would.
struct Opening(Vec<tokio::net::TcpListener>);

impl World for Opening {
    fn call<'a>(&'a mut self, _: &'a [u8], _: usize) -> Boxed<'a, Said> {
        Box::pin(async {
            match tokio::net::TcpListener::bind("127.0.0.1:0").await {
                Ok(opened) => self.0.push(opened),
                Err(error) => return Said::Fault(error.into()),
            }
            let done = tokio::spawn(tokio::time::sleep(std::time::Duration::from_millis(1))).await;
            done.map_or_else(|gone| Said::Fault(gone.into()), |()| Said::GiveUp(GivenUp::Unavailable))
        })
    }

    fn question_bytes_max(&self) -> usize {
        1024
    }

    fn too_long(&mut self, _: &[u8], _: usize) -> Said {
        unreachable!("its questions are short")
    }

    fn now_ms(&self) -> i64 {
        0
    }
}

#[tokio::test]
async fn a_long_run_opens_what_it_needs_where_it_came_from() {
    let program = compile(r#"let n = 0; for i in 0..300000 { n += i; } log::info("x"); n"#)
        .await
        .unwrap();
    let mut job = job(program, get(), b"");
    job.world = Box::new(Opening(Vec::new()));
    job.limits = Limits {
        fuel_max: u64::MAX / 2,
        ..Limits::for_tests()
    };
    let (execution, world) = executor().run(job).await;
    assert_eq!(execution.ending, Ending::GivenUp(GivenUp::Unavailable));
    let world: Box<dyn std::any::Any> = world;
    let opened = &world.downcast::<Opening>().unwrap().0;
    // It is of this runtime, and works in it.
    let address = opened[0].local_addr().unwrap();
    let (asked, accepted) = tokio::join!(tokio::net::TcpStream::connect(address), opened[0].accept());
    assert!(asked.is_ok() && accepted.is_ok());
}

#[tokio::test]
async fn the_wall_stops_a_run_that_waits() {
    let program = compile(r#"log::info("x"); 1"#).await.unwrap();
    let mut job = job(program, get(), b"");
    job.world = Box::new(Silent);
    job.limits = Limits {
        wall_ms_max: 20,
        ..Limits::for_tests()
    };
    let execution = run(job).await;
    assert_eq!(render(&execution), "stopped wall");
    assert_eq!(execution.usage.host_calls, 1);
}

#[tokio::test]
async fn the_wall_stops_a_run_that_computes_and_says_where() {
    for (script, place) in [
        ("fn spin() {\n  loop {}\n}\nspin()", "spin 2:8"),
        ("let n = 0;\nloop {\n  log::debug(\"\");\n}", " 3:8"),
    ] {
        let program = compile(script).await.unwrap();
        // On a machine that is busy, a run may have come to nothing yet when its time is over.
        for wall_ms in [20, 200, 2_000, 20_000] {
            let mut job = job(program.clone(), get(), b"");
            job.limits = Limits {
                wall_ms_max: wall_ms,
                fuel_max: u64::MAX / 2,
                host_calls_max: u32::MAX,
                ..Limits::for_tests()
            };
            let execution = run(job).await;
            let Ending::Stopped(stop, stack) = execution.ending else {
                panic!("{script}: {execution:?}")
            };
            assert_eq!(
                (stop.limit, stop.allowed),
                (Limit::Wall, u64::from(wall_ms)),
                "{script}"
            );
            assert!(stop.used >= u64::from(wall_ms), "{script}: {stop}");
            let top = stack
                .first()
                .map(|top| format!("{} {}:{}", top.function, top.line, top.column));
            if top.as_deref() == Some(place) || wall_ms == 20_000 {
                assert_eq!(top.as_deref(), Some(place), "{script}");
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_host_call_that_fails_is_our_fault() {
    let program = compile(r#"try { log::info("x") } catch { } 1"#).await.unwrap();
    let mut job = job(program, get(), b"");
    job.world = Box::new(|_: &[u8]| Said::Fault(anyhow::anyhow!("the disk is gone")));
    let ended = render(&run(job).await);
    assert!(
        ended.starts_with("broke the disk is gone") || ended.contains("the disk is gone"),
        "{ended}"
    );
}

#[tokio::test]
async fn dropped_runs_give_their_places_back() {
    let program = compile("loop {}").await.unwrap();
    for _ in 0..100 {
        let mut job = job(program.clone(), get(), b"");
        job.limits = Limits {
            fuel_max: u64::MAX / 2,
            ..Limits::for_tests()
        };
        let mut run = executor().run(job);
        // Polled until it computes in the slow lane, and then dropped.
        let waker = std::task::Waker::noop();
        for _ in 0..20 {
            let polled = run.as_mut().poll(&mut std::task::Context::from_waker(waker));
            assert!(polled.is_pending());
        }
    }
    assert!(check("1").await.ends_with(" 1"));
}

#[tokio::test]
async fn the_same_event_gives_the_same_bytes_and_the_same_fuel() {
    let source = r#"
        let m = #{}; for i in 0..100 { m[`k${i}`] = i * 1.5; }
        fn f(n) { if n < 2 { n } else { f(n - 1) + f(n - 2) } }
        log::info("x"); #{m: m, f: f(10), nan: 0.0 / 0.0, now: ctx.now}
    "#;
    let program = compile(source).await.unwrap();
    let first = run(job(program.clone(), get(), b"")).await;
    for _ in 0..20 {
        let again = run(job(program.clone(), get(), b"")).await;
        assert_eq!(again.ending, first.ending);
        assert_eq!(again.usage.fuel, first.usage.fuel);
        assert_eq!(again.usage.memory_bytes, first.usage.memory_bytes);
    }
}

#[tokio::test]
async fn an_instance_sees_nothing_of_the_one_before() {
    // Each fills memory with its own mark and ends in its own way; the next one looks at fresh zeroes only.
    let dirty = compile(
        r#"let s = "SECRET-CANARY"; let a = []; for i in 0..2000 { a.push(s + i); } if req.path == "/throw" { throw 1 } 1"#,
    );
    let dirty = dirty.await.unwrap();
    let look = compile("if blob(100000).contains(65) { 1 } else { 0 }").await.unwrap();
    for path in ["/", "/throw"].repeat(20) {
        let mut request = get();
        request.path = path;
        run(job(dirty.clone(), request, b"")).await;
        let looked = run(job(look.clone(), get(), b"")).await;
        assert_eq!(render(&looked), "200 application/json 0");
    }
}

#[tokio::test]
async fn a_stale_artifact_is_told_as_such() {
    let program = picloud_executor::Program {
        bytecode: b"not bytecode".to_vec(),
        sidecar: picloud_sdk::sidecar::Sidecar::default(),
        functions: Vec::new(),
    };
    let execution = run(job(Arc::new(program), get(), b"")).await;
    assert!(matches!(execution.ending, Ending::Stale(_)), "{execution:?}");
}

/// Wants this much fuel for each answer, and counts them.
struct Dear {
    price: u64,
    answers: u32,
}

impl World for Dear {
    fn call<'a>(&'a mut self, _: &'a [u8], _: usize) -> Boxed<'a, Said> {
        self.answers += 1;
        let answer = wire::encode(&Envelope {
            now_ms: 0,
            answer: Answer::Given(()),
        });
        Box::pin(std::future::ready(Said::Answer(answer)))
    }

    fn price(&self, _: &[u8]) -> u64 {
        self.price
    }

    fn question_bytes_max(&self) -> usize {
        1024
    }

    fn too_long(&mut self, _: &[u8], _: usize) -> Said {
        unreachable!("its questions are short")
    }

    fn now_ms(&self) -> i64 {
        0
    }
}

#[tokio::test]
async fn an_answer_that_is_dear_is_paid_before_it_is_made() {
    let program = compile("let n = 0;\nloop {\n  log::info(\"x\");\n  n += 1;\n}")
        .await
        .unwrap();
    let limits = Limits::for_tests();
    for (price, answers) in [(limits.fuel_max / 4, 3), (limits.fuel_max, 0), (u64::MAX, 0)] {
        let mut job = job(program.clone(), get(), b"");
        job.world = Box::new(Dear { price, answers: 0 });
        let (execution, world) = executor().run(job).await;
        let Ending::Stopped(stop, stack) = execution.ending else {
            panic!("{execution:?}")
        };
        assert_eq!((stop.limit, stop.used), (Limit::Fuel, limits.fuel_max));
        assert_eq!(execution.usage.fuel, limits.fuel_max);
        assert!(stack.iter().any(|frame| frame.line == 3), "{stack:?}");
        let world: Box<dyn std::any::Any> = world;
        assert_eq!(world.downcast::<Dear>().expect("it comes back").answers, answers);
    }
}
