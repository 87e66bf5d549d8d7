//! `picloud logs`: what an app's scripts said, oldest first.

use std::time::Duration;

use anyhow::Context;
use clap::Args;
use picloud_sdk::api::{Execution, ExecutionWithLog, LogLine, Page};
use picloud_sdk::report::ExecutionError;
use reqwest::{Method, StatusCode};

use super::remote::{Client, Remote, segment};
use super::{Done, Failure, say};

/// How often `--follow` looks for new runs.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Runs that are asked for at a time.
const LOOK_RUNS: usize = 100;

/// Show the log lines and errors of an app's latest runs.
#[derive(Debug, Args)]
pub(super) struct Logs {
    /// The app.
    #[arg(long)]
    app: String,
    /// Of how many runs at most.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100))]
    limit: u32,
    /// Go on with new runs until interrupted.
    #[arg(short, long)]
    follow: bool,
}

impl Logs {
    pub(super) async fn run(self, remote: &Remote, json: bool) -> Done {
        let client = remote.client()?;
        let path = format!("/apps/{}/executions", segment(&self.app)?);
        let latest: Page<Execution> = client.get(&format!("{path}?limit={}", self.limit)).await?;
        for run in latest.items.iter().rev() {
            show_run(&client, &path, run, json).await?;
        }
        if !self.follow {
            return Ok(());
        }
        let mut last = latest.items.first().map_or(0, |run| run.seq);
        let follow = async {
            loop {
                tokio::time::sleep(LOOK_EVERY).await;
                last = show_since(&client, &path, last, json).await?;
            }
        };
        tokio::select! {
            () = say::unread() => Ok(()),
            ended = follow => ended,
        }
    }
}

/// Shows every run that was recorded after `last`, in that order; the place of the last one.
async fn show_since(client: &Client, path: &str, mut last: i64, json: bool) -> Result<i64, Failure> {
    loop {
        let page: Page<Execution> = client.get(&format!("{path}?since={last}&limit={LOOK_RUNS}")).await?;
        for run in &page.items {
            show_run(client, path, run, json).await?;
            last = run.seq;
        }
        if page.items.len() < LOOK_RUNS {
            return Ok(last);
        }
    }
}

async fn show_run(client: &Client, path: &str, run: &Execution, json: bool) -> Done {
    let id = &run.id;
    let execution = client
        .ask::<ExecutionWithLog>(Method::GET, &format!("{path}/{id}"), None::<&()>)
        .await?;
    match execution {
        Ok(execution) => show(&execution, json),
        // It made room for later ones since it was listed.
        Err(refused) if refused.status == StatusCode::NOT_FOUND => {
            say::note(&format!("{id} was forgotten before it could be shown"));
            Ok(())
        }
        Err(refused) => Err(client.failure(refused)),
    }
}

fn show(execution: &ExecutionWithLog, json: bool) -> Done {
    if json {
        // One line for each run, so that a stream of them can be read.
        let line = serde_json::to_value(execution).context("an execution is plain data")?;
        return say::bytes(format!("{line}\n").as_bytes());
    }
    let ExecutionWithLog {
        execution: run, log, ..
    } = execution;
    let begin = format!("{} {} {}", run.started_at, run.id, run.script);
    for LogLine { level, message, fields } in log {
        let fields = fields.as_ref().map_or_else(String::new, |fields| format!(" {fields}"));
        say::result(&format!("{begin} {} {message}{fields}", level.as_str()))?;
    }
    if let Some(ExecutionError { message, stack, .. }) = &run.error {
        let place = stack
            .first()
            .map_or_else(String::new, |frame| format!(" at {}:{}", frame.line, frame.column));
        say::result(&format!("{begin} {} {message}{place}", run.ending.as_str()))?;
    }
    Ok(())
}
