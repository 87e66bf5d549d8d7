//! `picloud serve` as a process of its own, on free ports, with a folder that outlives it.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::binary::{Ended, picloud};

/// A server; killed when it is dropped.
pub(crate) struct Server {
    child: Child,
    /// What `serve --json` says of itself.
    pub(crate) addresses: Value,
    log: tempfile::NamedTempFile,
}

impl Server {
    /// Starts it and waits until it says where it listens.
    pub(crate) fn start(data: &Path) -> Self {
        Self::with(data, "", &[])
    }

    /// The same after a line of shell such as `ulimit -n 100`, and with settings.
    pub(crate) fn with(data: &Path, limits: &str, settings: &[(&str, &str)]) -> Self {
        let log = tempfile::NamedTempFile::new().expect("a file for its log");
        let mut child = command(data, limits, settings)
            .stdout(Stdio::piped())
            .stderr(log.reopen().expect("the same file"))
            .spawn()
            .expect("the server starts");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let mut text = String::new();
        while !text.ends_with("}\n") {
            let Some(line) = lines.next() else {
                panic!(
                    "the server ended: {}",
                    std::fs::read_to_string(&log).unwrap_or_default()
                );
            };
            text += &line.expect("as text");
            text.push('\n');
        }
        Self {
            child,
            addresses: serde_json::from_str(&text).expect("as JSON"),
            log,
        }
    }

    /// What it says instead of starting.
    pub(crate) fn refusal(data: &Path, limits: &str, settings: &[(&str, &str)]) -> String {
        let ended = Ended::of(&mut command(data, limits, settings));
        assert_ne!(ended.code, 0, "it started");
        ended.stderr
    }

    /// What it said to stderr.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).expect("its log")
    }

    /// Where one of its listeners is.
    pub(crate) fn address(&self, name: &str) -> SocketAddr {
        let url = self.at(name).strip_prefix("http://").expect("an address");
        url.split('/')
            .next()
            .and_then(|address| address.parse().ok())
            .expect("an address")
    }

    /// Runs the command line against it.
    fn command<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Value {
        let mut command = picloud(args);
        command
            .arg("--json")
            .env("PICLOUD_URL", self.url())
            .env("PICLOUD_TOKEN", self.token());
        let ended = Ended::of(&mut command);
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        if ended.stdout.is_empty() {
            Value::Null
        } else {
            ended.json()
        }
    }

    /// An app whose paths, for `GET` when no method is there, each have a script of their own.
    pub(crate) fn app(&self, name: &str, routes: &[(&str, &str)]) {
        self.command(["app", "create", name]);
        let folder = tempfile::tempdir().expect("a folder");
        for (number, (path, source)) in routes.iter().enumerate() {
            let file = folder.path().join(format!("script_{number}.rhai"));
            std::fs::write(&file, source).expect("a script");
            let file = file.to_str().expect("a path");
            let route = if path.contains(' ') {
                (*path).to_owned()
            } else {
                format!("GET {path}")
            };
            self.command(["push", file, "--app", name, "--route", &route]);
        }
    }

    /// How many executions of the app are recorded.
    pub(crate) fn executions(&self, app: &str) -> usize {
        let (mut count, mut cursor) = (0, String::new());
        loop {
            let page = self.get(&format!("/apps/{app}/executions?limit=100{cursor}"));
            count += page["items"].as_array().expect("a page").len();
            let Some(next) = page["next"].as_str() else {
                return count;
            };
            cursor = format!("&after={next}");
        }
    }

    /// How many scripts run now.
    pub(crate) fn runs(&self) -> u64 {
        self.get("/system")["load"]["runs_in_flight"]
            .as_u64()
            .expect("a number")
    }

    /// Saves a script; the status.
    pub(crate) fn put(&self, path: &str, source: &str) -> u16 {
        let body = serde_json::json!({ "kind": "endpoint", "source": source }).to_string();
        let mut command = Command::new("curl");
        command
            .args([
                "-sS",
                "-o",
                "/dev/null",
                "-w",
                "%{http_code}",
                "-X",
                "PUT",
                "--json",
                &body,
            ])
            .args(["-H", &format!("authorization: Bearer {}", self.token())])
            .arg(format!("{}{path}", self.at("management")));
        Ended::of(&mut command).text().parse().expect("a status")
    }

    /// `GET /api/v1{path}`, as an operator.
    fn get(&self, path: &str) -> Value {
        let mut command = Command::new("curl");
        command
            .args([
                "-sS",
                "--fail",
                "-H",
                &format!("authorization: Bearer {}", self.token()),
            ])
            .arg(format!("{}{path}", self.at("management")));
        let ended = Ended::of(&mut command);
        assert_eq!(ended.code, 0, "{path}: {}", ended.stderr);
        ended.json()
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

fn command(data: &Path, limits: &str, settings: &[(&str, &str)]) -> Command {
    let server = picloud(["serve", "--json"]);
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("{limits}\nexec \"$0\" \"$@\"")])
        .arg(server.get_program())
        .args(server.get_args())
        .current_dir(server.get_current_dir().expect("the repository"));
    for (name, value) in server.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
        .env("PICLOUD_DATA", data)
        .env("PICLOUD_BIND", "127.0.0.1:0")
        .env("PICLOUD_ADMIN_BIND", "127.0.0.1:0")
        .envs(settings.iter().copied());
    command
}
