//! `picloud logs --follow`: every run once, in the order in which runs were recorded.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use crate::harness::binary::{Ended, picloud};
use crate::harness::server::Server;

/// More than a page, and more than a look would show if it asked for the latest ones.
const RUNS: usize = 250;

#[test]
fn every_run_is_shown_once_and_in_order() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(data.path());
    server.app("a", &[("/", "log::info(`run ${req.query[\"n\"]}`); 1")]);
    let url = format!("{}/~a/?n=", server.at("scripts"));
    let visit = |numbers: &str| {
        let ended = Ended::of(Command::new("curl").args(["-sS", "--fail", &format!("{url}{numbers}")]));
        assert_eq!(ended.code, 0, "{}", ended.stderr);
    };
    visit("0");
    let mut follow = picloud(["logs", "--follow", "--app", "a", "--limit", "1"]);
    follow.args(["--url", server.url(), "--token", &server.token()]);
    let mut follow = follow
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary can be started");
    let mut lines = BufReader::new(follow.stdout.take().expect("its output")).lines();
    let mut next = || lines.next().expect("a line").expect("UTF-8");
    assert!(next().ends_with(" info run 0"));
    visit(&format!("[1-{RUNS}]"));
    for number in 1..=RUNS {
        let line = next();
        assert!(line.ends_with(&format!(" info run {number}")), "{number}: {line}");
    }
    follow.kill().expect("it runs");
    follow.wait().expect("its end");
    assert_eq!(server.stop(), Some(0));
}
