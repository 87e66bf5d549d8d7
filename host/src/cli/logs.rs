//! `picloud logs`: what an app's scripts said, oldest first.

use std::collections::HashSet;
use std::time::Duration;

use clap::Args;
use serde_json::Value;

use super::remote::{Client, Page, Remote, segment};
use super::{Done, Failure, say};

/// How often `--follow` looks for new runs.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Runs that one look sees at most.
const LOOK_RUNS: u32 = 100;

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
        let mut seen = HashSet::new();
        show_new(&client, &path, self.limit, &mut seen, json).await?;
        if !self.follow {
            return Ok(());
        }
        let follow = async {
            loop {
                tokio::time::sleep(LOOK_EVERY).await;
                show_new(&client, &path, LOOK_RUNS, &mut seen, json).await?;
            }
        };
        tokio::select! {
            () = say::unread() => Ok(()),
            ended = follow => ended,
        }
    }
}

/// Shows the runs among the latest ones that are not in `seen`, oldest first; then `seen` holds the latest ones.
async fn show_new(
    client: &Client,
    path: &str,
    limit: u32,
    seen: &mut HashSet<String>,
    json: bool,
) -> Result<(), Failure> {
    let page: Page = client.get(&format!("{path}?limit={limit}")).await?;
    let latest: Vec<&str> = page.items.iter().filter_map(|run| run["id"].as_str()).collect();
    if !seen.is_empty() && latest.len() == limit as usize && !latest.iter().any(|id| seen.contains(*id)) {
        say::note("some runs went by too fast to be shown");
    }
    for id in latest.iter().rev().filter(|id| !seen.contains(**id)) {
        let execution: Value = client.get(&format!("{path}/{id}")).await?;
        show(&execution, json)?;
    }
    *seen = latest.into_iter().map(str::to_owned).collect();
    Ok(())
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
