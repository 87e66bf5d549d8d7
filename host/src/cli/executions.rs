//! `picloud executions`: what ran, newest first.

use clap::Args;
use serde_json::Value;

use super::remote::{Page, Remote, segment};
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
        let page: Page = client
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
pub(super) fn line(execution: &Value) -> String {
    let text = |name: &str| execution[name].as_str().unwrap_or_default();
    format!(
        "{} {} {} {} v{} {} {} {} us",
        text("id"),
        text("started_at"),
        execution["status"],
        text("ending"),
        execution["version"],
        text("script"),
        text("summary"),
        execution["usage"]["wall_us"]
    )
}
