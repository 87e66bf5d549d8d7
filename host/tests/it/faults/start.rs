//! What a server does not start with.

use crate::harness::binary::{Ended, picloud};

fn refusal(name: &str, value: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut command = picloud(["serve"]);
    command.env("PICLOUD_DATA", folder.path()).env(name, value);
    let ended = Ended::of(&mut command);
    assert_eq!(ended.code, 2, "{}", ended.stderr);
    ended.stderr
}

#[test]
fn settings_that_would_do_something_else_are_refused() {
    let said = refusal("PICLOUD_LOG", "verbose");
    assert!(said.contains("verbose is no level"), "{said}");
    let said = refusal("PICLOUD_BODIES_BYTES_MAX", "1048576");
    assert!(said.contains("is less than PICLOUD_BODY_BYTES_MAX=10485760"), "{said}");
}
