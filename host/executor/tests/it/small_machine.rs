//! Machines with little address space, played with `ulimit -v`: the pool is arranged more modestly, and scripts run.

use std::process::Command;

use picloud_executor::{Compilation, Compile as _, Executor, Layout, PoolConfig, Run as _};
use picloud_sdk::compile::Compiled;

use crate::harness::{get, job, render};

/// Set for the test's second self.
const WITHIN: &str = "PICLOUD_TEST_WITHIN_ULIMIT";
const CHILD: &str = "small_machine::within_the_limit";

/// What an executor for 64 runs at a time makes of `kib` of address space, after a script has run there.
fn arrangement(kib: u64) -> String {
    let this = std::env::current_exe().expect("the test's own path");
    let output = Command::new("sh")
        .args([
            "-c",
            r#"ulimit -v "$1" && exec "$0" --exact "$2" --nocapture --test-threads=1"#,
        ])
        .arg(this)
        .args([&kib.to_string(), CHILD])
        .env(WITHIN, "1")
        .output()
        .expect("sh runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &*String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{kib} KiB: {text}");
    let line = text.lines().find_map(|line| line.split_once("arranged: "));
    line.unwrap_or_else(|| panic!("{kib} KiB: {text}")).1.to_owned()
}

/// Run by [`arrangement`] only.
#[tokio::test]
async fn within_the_limit() {
    use std::io::Write as _;

    if std::env::var_os(WITHIN).is_none() {
        return;
    }
    let wanted = PoolConfig {
        runs_max: 64,
        memory_bytes_max: 64 << 20,
    };
    let executor = Executor::new(wanted).expect("an arrangement that fits");
    let compiled = executor.compile("test", "let n = 0; for i in 0..10 { n += i } n").await;
    let Compilation::Done(Compiled::Artifact(artifact)) = compiled else {
        panic!("{compiled:?}")
    };
    let execution = executor
        .run(job(std::sync::Arc::new((*artifact).into()), get(), b""))
        .await;
    assert_eq!(render(&execution.0), "200 application/json 45");
    let arrangement = executor.arrangement();
    let layout = match arrangement.layout {
        Layout::Wide => "wide",
        Layout::Narrow => "narrow",
    };
    let places = arrangement
        .places
        .map_or("on demand".to_owned(), |places| places.to_string());
    writeln!(std::io::stdout(), "\narranged: {layout} {places}").expect("somebody listens");
}

#[test]
fn with_room_for_everything_it_is_wide() {
    assert_eq!(arrangement(400 << 20), "wide 64");
}

#[test]
fn with_room_for_half_it_is_wide_and_half() {
    assert_eq!(arrangement(200 << 20), "wide 32");
}

#[test]
fn with_little_room_it_is_narrow_and_leaves_some() {
    assert_eq!(arrangement(12 << 20), "narrow 64");
    // Without what the pool leaves, compiling would find no memory in about every second one of these.
    for mib in [3000, 2000, 1600, 1300, 1000] {
        let found = arrangement(mib << 10);
        let places = found.strip_prefix("narrow ").and_then(|places| places.parse().ok());
        assert!(
            places.is_some_and(|places: u32| (4..64).contains(&places)),
            "{mib} MiB: {found}"
        );
    }
}

#[test]
fn with_hardly_any_room_there_is_no_pool() {
    for mib in [700, 600, 550] {
        assert_eq!(arrangement(mib << 10), "narrow on demand");
    }
}
