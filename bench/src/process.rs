//! A server in a process of its own, and what the kernel says of it.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;

pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    /// From its start to its first answer.
    pub(crate) ready: Duration,
    data: Option<tempfile::TempDir>,
    settings: Vec<(String, String)>,
}

impl Server {
    /// The comparison: this very program.
    pub(crate) fn baseline() -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        let started = Instant::now();
        let mut child = command.arg("axum").stdout(Stdio::piped()).spawn()?;
        let stdout = child.stdout.take().context("it has a standard output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        Ok(Self {
            child,
            address: line.trim().parse()?,
            ready: started.elapsed(),
            data: None,
            settings: Vec::new(),
        })
    }

    /// PiCloud on an empty folder, which makes the app `demo`.
    pub(crate) fn picloud() -> anyhow::Result<Self> {
        Self::picloud_with(&[])
    }

    /// The same with these settings.
    pub(crate) fn picloud_with(settings: &[(&str, &str)]) -> anyhow::Result<Self> {
        let settings = settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Self::start(tempfile::tempdir()?, settings.collect())
    }

    /// The same once more, in the folder that it has: what was in its memory is not.
    pub(crate) fn restarted(mut self) -> anyhow::Result<Self> {
        let (data, settings) = (self.data.take(), std::mem::take(&mut self.settings));
        let data = data.context("it has a folder")?;
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, rustix::process::Signal::TERM)?;
        self.child.wait()?;
        Self::start(data, settings)
    }

    fn start(data: tempfile::TempDir, settings: Vec<(String, String)>) -> anyhow::Result<Self> {
        let (script, control) = (free_port()?, free_port()?);
        let started = Instant::now();
        let child = Command::new(picloud_binary()?)
            .arg("serve")
            .env("PICLOUD_BIND", script.to_string())
            .env("PICLOUD_ADMIN_BIND", control.to_string())
            .env("PICLOUD_DATA", data.path())
            .envs(settings.iter().map(|(name, value)| (name, value)))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut server = Self {
            child,
            address: script,
            ready: Duration::ZERO,
            data: Some(data),
            settings,
        };
        server.wait_until_ready(started)?;
        let token = fs::read_to_string(server.data().join("operator.token"))?;
        std::fs::write(server.data().join("control"), format!("{control}\n{}", token.trim()))?;
        Ok(server)
    }

    fn wait_until_ready(&mut self, started: Instant) -> anyhow::Result<()> {
        while started.elapsed() < Duration::from_secs(20) {
            if crate::load::once(
                self.address,
                "GET /~demo/hello HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
                b"",
            )
            .is_ok_and(|reply| reply.starts_with(b"HTTP/1.1 200"))
            {
                self.ready = started.elapsed();
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        anyhow::bail!("the server does not answer")
    }

    pub(crate) fn data(&self) -> &Path {
        self.data.as_ref().map_or(Path::new("."), tempfile::TempDir::path)
    }

    /// A management request with the operator's token.
    pub(crate) fn manage(&self, method: &str, path: &str, body: &serde_json::Value) -> anyhow::Result<()> {
        self.ask(method, path, &body.to_string()).map(drop)
    }

    /// What the management API has there.
    pub(crate) fn get(&self, path: &str) -> anyhow::Result<serde_json::Value> {
        let reply = self.ask("GET", path, "")?;
        let body = reply.split_once("\r\n\r\n").context("head and body")?.1;
        Ok(serde_json::from_str(body)?)
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> anyhow::Result<String> {
        let access = fs::read_to_string(self.data().join("control"))?;
        let (control, token) = access.split_once('\n').context("address and token")?;
        let head = format!(
            "{method} /api/v1{path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let reply = crate::load::once(control.parse()?, &head, body.as_bytes())?;
        let reply = String::from_utf8_lossy(&reply).into_owned();
        anyhow::ensure!(reply.starts_with("HTTP/1.1 2"), "{method} {path}: {reply}");
        Ok(reply)
    }

    /// CPU time of all its threads.
    pub(crate) fn cpu(&self) -> anyhow::Result<Duration> {
        let mut nanoseconds = 0;
        for task in self.tasks()? {
            let text = fs::read_to_string(task.join("schedstat")).unwrap_or_default();
            nanoseconds += text
                .split(' ')
                .next()
                .and_then(|first| first.parse::<u64>().ok())
                .unwrap_or(0);
        }
        Ok(Duration::from_nanos(nanoseconds))
    }

    /// How often its threads went to sleep of their own will: each is a wake-up.
    pub(crate) fn wakeups(&self) -> anyhow::Result<u64> {
        let mut switches = 0;
        for task in self.tasks()? {
            switches += field(&fs::read_to_string(task.join("status"))?, "voluntary_ctxt_switches:");
        }
        Ok(switches)
    }

    /// Resident memory in MiB.
    pub(crate) fn resident_mib(&self) -> anyhow::Result<u64> {
        Ok(self.resident_kib()? / 1024)
    }

    /// The same in KiB.
    pub(crate) fn resident_kib(&self) -> anyhow::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        Ok(field(&status, "VmRSS:"))
    }

    fn tasks(&self) -> anyhow::Result<Vec<PathBuf>> {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.child.id()))?;
        Ok(tasks.filter_map(|task| Some(task.ok()?.path())).collect())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn field(status: &str, name: &str) -> u64 {
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("0");
    line.split_whitespace()
        .next()
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
}

fn free_port() -> anyhow::Result<SocketAddr> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// Beside this program, as `make bench` builds both.
pub(crate) fn picloud_binary() -> anyhow::Result<PathBuf> {
    let binary = std::env::current_exe()?.with_file_name("picloud");
    anyhow::ensure!(
        binary.exists(),
        "{} is not built; `make bench` builds it",
        binary.display()
    );
    Ok(binary)
}
