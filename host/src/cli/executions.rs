//! `picloud executions`: what ran, newest first.

use clap::Args;
use picloud_sdk::api::{Execution, Page};

use super::remote::{Remote, segment};
use super::{Done, say};

/// List an app's latest runs.
#[derive(Debug, Args)]
pub(super) struct Executions {
    /// The app.
    #[arg(long)]
    app: String,
    /// How many at most.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100))]
    limit: u32,
}

impl Executions {
    pub(super) async fn run(self, remote: &Remote, json: bool) -> Done {
        let client = remote.client()?;
        let page: Page<Execution> = client
            .get(&format!(
                "/apps/{}/executions?limit={}",
                segment(&self.app)?,
                self.limit
            ))
            .await?;
        if json {
            return say::json(&page.items);
        }
        for execution in &page.items {
            say::result(&line(execution))?;
        }
        Ok(())
    }
}

/// One run in one line.
pub(super) fn line(run: &Execution) -> String {
    let status = run.status.map_or("null".to_owned(), |status| status.to_string());
    format!(
        "{} {} {status} {} v{} {} {} {} us",
        run.id,
        run.started_at,
        run.ending.as_str(),
        run.version,
        run.script,
        run.summary,
        run.usage.wall_us
    )
}
