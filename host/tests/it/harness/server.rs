//! `picloud serve` as a process of its own, on free ports, with a folder that outlives it.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::binary::picloud;

/// A server; killed when it is dropped.
pub(crate) struct Server {
    child: Child,
    /// What `serve --json` says of itself.
    pub(crate) addresses: Value,
}

impl Server {
    /// Starts it and waits until it says where it listens.
    pub(crate) fn start(data: &Path) -> Self {
        let mut command = picloud(["serve", "--json"]);
        command
            .env("PICLOUD_DATA", data)
            .env("PICLOUD_BIND", "127.0.0.1:0")
            .env("PICLOUD_ADMIN_BIND", "127.0.0.1:0");
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let mut text = String::new();
        while !text.ends_with("}\n") {
            text += &lines
                .next()
                .expect("the server says where it listens")
                .expect("as text");
            text.push('\n');
        }
        Self {
            child,
            addresses: serde_json::from_str(&text).expect("as JSON"),
        }
    }

    /// One of the addresses.
    pub(crate) fn at(&self, name: &str) -> &str {
        self.addresses[name]
            .as_str()
            .unwrap_or_else(|| panic!("no {name} in {}", self.addresses))
    }

    /// The management API for the command line.
    pub(crate) fn url(&self) -> &str {
        self.at("management").strip_suffix("/api/v1").expect("the API's prefix")
    }

    /// The operator's token.
    pub(crate) fn token(&self) -> String {
        let token = std::fs::read_to_string(self.at("operator_token_file")).expect("the operator's token");
        token.trim().to_owned()
    }

    /// The process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGTERM; the exit code.
    pub(crate) fn stop(mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status().expect("kill");
        assert!(told.success());
        self.child.wait().expect("its end").code()
    }

    /// SIGKILL, in the middle of whatever it does.
    pub(crate) fn kill(mut self) {
        // It may have been killed already.
        let _ = self.child.kill();
        self.child.wait().expect("its end");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
