//! `picloud schedule`: a script is run when it is due.

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, Subcommand};
use picloud_sdk::api::{CatchUp, Overlap, Preview, Previewed};
use reqwest::Method;
use serde_json::Value;

use super::remote::{Client, Remote, segment};
use super::secret::done;
use super::trigger::{Each, How, Noun, Which, set};
use super::{Done, say};
use crate::duration;

const SCHEDULES: Noun = Noun {
    one: "schedule",
    all: "schedules",
    own: &["when", "zone", "overlap", "catch_up", "jitter_ms"],
};

/// List, show, set, try, pause and delete an app's schedules.
#[derive(Debug, Args)]
pub(super) struct Schedule {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(flatten)]
    Each(Each),
    /// Make a schedule, or change it; what is left out stays as it is.
    Set(Box<Set>),
    /// Run a schedule's script now, beside its times.
    Run {
        #[command(flatten)]
        which: Which,
    },
    /// Show the next five times of an expression, before it is set.
    Preview {
        /// When: cron with five or six fields, `@hourly` and the like, or `every 90s`.
        #[arg(value_name = "WHEN")]
        when: String,
        /// The app.
        #[arg(long)]
        app: String,
        /// The time zone of a cron expression, such as Europe/Berlin; UTC when left out.
        #[arg(long)]
        zone: Option<String>,
    },
}

#[derive(Debug, Args)]
struct Set {
    #[command(flatten)]
    which: Which,
    /// When: cron with five or six fields, `@hourly` and the like, or `every 90s`; a new one needs it.
    #[arg(long)]
    when: Option<String>,
    /// The time zone of a cron expression, such as Europe/Berlin; of a new one UTC.
    #[arg(long)]
    zone: Option<String>,
    /// What becomes of a time that comes while the last run goes on: skip it, queue it, or allow both; of a new one skip.
    #[arg(long, value_parser = PossibleValuesParser::new(["skip", "queue", "allow"]).try_map(Overlap::try_from))]
    overlap: Option<Overlap>,
    /// What becomes of times that passed while no server was there: none of them, or once for all; of a new one once.
    #[arg(long, value_parser = PossibleValuesParser::new(["none", "once"]).try_map(CatchUp::try_from))]
    catch_up: Option<CatchUp>,
    /// Fires up to so much later, such as 30s, each time another while.
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    jitter: Option<u64>,
    #[command(flatten)]
    how: How,
}

impl Schedule {
    pub(super) async fn run(self, remote: &Remote, json: bool) -> Done {
        let client = remote.client()?;
        match self.command {
            Command::Each(each) => each.run(&client, &SCHEDULES, json).await,
            Command::Set(set) => set.run(&client, json).await,
            Command::Run { which } => {
                let path = format!("{}/run", which.path(&SCHEDULES)?);
                client.send::<()>(Method::POST, &path, None::<&()>).await?;
                done(json, "run", &which.name)
            }
            Command::Preview { when, app, zone } => {
                let path = format!("/apps/{}/schedule-times", segment(&app)?);
                let asked = Preview { when, zone };
                let previewed: Previewed = client.send(Method::POST, &path, Some(&asked)).await?;
                if json {
                    return say::json(&previewed);
                }
                previewed
                    .times
                    .iter()
                    .try_for_each(|time| say::result(&time.to_string()))
            }
        }
    }
}

impl Set {
    async fn run(self, client: &Client, json: bool) -> Done {
        let Self {
            which,
            when,
            zone,
            overlap,
            catch_up,
            jitter,
            how,
        } = self;
        let said = [
            ("when", when.map(Value::from)),
            ("zone", zone.map(Value::from)),
            ("overlap", overlap.map(|overlap| overlap.as_str().into())),
            ("catch_up", catch_up.map(|catch_up| catch_up.as_str().into())),
            ("jitter_ms", jitter.map(Value::from)),
        ];
        let own = said.into_iter().filter_map(|(field, value)| Some((field, value?)));
        set(client, &SCHEDULES, (&which, how), own.collect(), json).await
    }
}
