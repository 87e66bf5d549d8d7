//! `picloud logs`: what an app's scripts said, oldest first.

use std::time::Duration;

use clap::Args;
use reqwest::{Method, StatusCode};
use serde_json::Value;

use super::remote::{Client, Page, Remote, segment};
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
        let latest: Page = client.get(&format!("{path}?limit={}", self.limit)).await?;
        for run in latest.items.iter().rev() {
            show_run(&client, &path, run, json).await?;
        }
        if !self.follow {
            return Ok(());
        }
        let mut last = latest.items.first().map_or(0, place_of);
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

/// A run's place in the order in which runs were recorded.
fn place_of(run: &Value) -> i64 {
    run["seq"].as_i64().unwrap_or(0)
}

/// Shows every run that was recorded after `last`, in that order; the place of the last one.
async fn show_since(client: &Client, path: &str, mut last: i64, json: bool) -> Result<i64, Failure> {
    loop {
        let page: Page = client.get(&format!("{path}?since={last}&limit={LOOK_RUNS}")).await?;
        for run in &page.items {
            show_run(client, path, run, json).await?;
            last = place_of(run);
        }
        if page.items.len() < LOOK_RUNS {
            return Ok(last);
        }
    }
}

async fn show_run(client: &Client, path: &str, run: &Value, json: bool) -> Done {
    let id = run["id"].as_str().unwrap_or_default();
    let execution = client
        .ask::<Value>(Method::GET, &format!("{path}/{id}"), None::<&()>)
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

fn show(execution: &Value, json: bool) -> Done {
    if json {
        // One line for each run, so that a stream of them can be read.
        return say::bytes(format!("{execution}\n").as_bytes());
    }
    let text = |name: &str| execution[name].as_str().unwrap_or_default().to_owned();
    let begin = format!("{} {} {}", text("started_at"), text("id"), text("script"));
    for line in execution["log"].as_array().into_iter().flatten() {
        let fields = if line["fields"].is_null() {
            String::new()
        } else {
            format!(" {}", line["fields"])
        };
        let (level, message) = (
            line["level"].as_str().unwrap_or_default(),
            line["message"].as_str().unwrap_or_default(),
        );
        say::result(&format!("{begin} {level} {message}{fields}"))?;
    }
    let error = &execution["error"];
    if error.is_object() {
        let message = error["message"].as_str().unwrap_or_default();
        let place = error["stack"]
            .get(0)
            .map(|frame| format!(" at {}:{}", frame["line"], frame["column"]))
            .unwrap_or_default();
        say::result(&format!("{begin} {} {message}{place}", text("ending")))?;
    }
    Ok(())
}
