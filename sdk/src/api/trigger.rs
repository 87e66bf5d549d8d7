//! What sets scripts off besides requests: queues, schedules, subscriptions and changes.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ScriptName, Time};
use crate::report::EndingKind;

/// Runs of one trigger at once.
pub const CONCURRENCY_MAX: u32 = 256;
/// Messages of one run.
pub const BATCH_MAX: u32 = 100;
/// As long as a message may wait until it is tried again, in milliseconds.
pub const BACKOFF_MS_MAX: u64 = 24 * 60 * 60 * 1000;

const fn batch() -> u32 {
    1
}
const fn concurrency() -> u32 {
    16
}
const fn attempts() -> u32 {
    8
}
const fn backoff_ms() -> u64 {
    1000
}
const fn backoff_ms_max() -> u64 {
    10 * 60 * 1000
}

/// A trigger as it is asked for and as it is told, with what is of its kind alone.
macro_rules! triggers {
    ($(
        $(#[doc = $about:literal])+
        $new:ident / $told:ident { $($(#[$what:meta])+ $field:ident: $type:ty,)* }
        told { $($(#[$more:meta])+ $only:ident: $of:ty,)* }
    )+) => {$(
        $(#[doc = $about])+
        #[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $new {
            /// The script that is run, by name; its live version.
            #[schema(value_type = String)]
            pub script: ScriptName,
            $($(#[$what])+ pub $field: $type,)*
            /// Whether nothing is handed out for now; what arrives is kept.
            #[serde(default)]
            pub paused: bool,
            /// Runs at once, 1 to 256.
            #[serde(default = "concurrency")]
            pub concurrency: u32,
            /// How often a message is tried before it is a dead letter, 1 to 100.
            #[serde(default = "attempts")]
            pub attempts: u32,
            /// How long to wait before the second attempt, in milliseconds; twice as long before each further one.
            #[serde(default = "backoff_ms")]
            pub backoff_ms: u64,
            /// How long to wait at most.
            #[serde(default = "backoff_ms_max")]
            pub backoff_ms_max: u64,
        }

        $(#[doc = $about])+
        #[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
        pub struct $told {
            /// Its name.
            pub name: String,
            /// The script that is run, by name; its live version.
            pub script: String,
            $($(#[$what])+ pub $field: $type,)*
            $($(#[$more])+ pub $only: $of,)*
            /// Whether nothing is handed out for now.
            pub paused: bool,
            /// Runs at once.
            pub concurrency: u32,
            /// How often a message is tried before it is a dead letter.
            pub attempts: u32,
            /// How long to wait before the second attempt, in milliseconds; twice as long before each further one.
            pub backoff_ms: u64,
            /// How long to wait at most.
            pub backoff_ms_max: u64,
            /// Messages that wait or are being handled.
            pub waiting: i64,
            /// Dead letters.
            pub dead: i64,
            /// When the oldest message that waits was sent; `null` when none does.
            pub oldest_at: Option<Time>,
            /// Its last run that is recorded; `null` when none is.
            pub last: Option<LastRun>,
            /// When it was made or changed.
            pub updated_at: Time,
        }
    )+};
}

triggers! {
    /// A queue: what scripts and others send to it is handed to one script.
    NewQueue / Queue {
        /// Messages that one run is handed at most, 1 to 100.
        #[serde(default = "batch")]
        batch: u32,
    } told {}
    /// A subscription: what is published under topics is handed to a script.
    NewSubscription / Subscription {
        /// Which topics: `orders.paid`; `*` for one name between dots, `**` for any number of them, at the end.
        topic: String,
    } told {}
    /// Changes of what an app keeps are handed to a script.
    NewChangeTrigger / ChangeTrigger {
        /// Keys that begin so, of keys and values; all of them when it is empty. Left out for documents.
        #[serde(default)]
        prefix: Option<String>,
        /// Documents of this collection. Left out for keys and values.
        #[serde(default)]
        collection: Option<String>,
    } told {}
    /// A schedule: a script is run when it is due.
    NewSchedule / Schedule {
        /// When: cron with five or six fields, `@hourly` and the like, or `every 90s`.
        when: String,
        /// The time zone of a cron expression: `Europe/Berlin`; UTC when left out.
        #[serde(default)]
        zone: Option<String>,
        /// What becomes of a time that comes while the last run goes on: `skip` it, `queue` it, or `allow` both.
        #[serde(default)]
        overlap: Overlap,
        /// What becomes of times that passed while no server was there: `none` of them, or `once` for all.
        #[serde(default)]
        catch_up: CatchUp,
        /// Fires up to so many milliseconds later, each time another while.
        #[serde(default)]
        jitter_ms: u32,
    } told {
        /// When it fires next; `null` when it is paused or never does.
        next_at: Option<Time>,
    }
}

crate::words::words! {
    /// What becomes of a time that comes while the last run goes on.
    #[derive(Default)]
    pub enum Overlap {
        /// It is left out.
        #[default]
        Skip = "skip",
        /// It is run after that.
        Queue = "queue",
        /// It is run beside it.
        Allow = "allow",
    }
}

crate::words::words! {
    /// What becomes of times that passed while no server was there.
    #[derive(Default)]
    pub enum CatchUp {
        /// Nothing.
        None = "none",
        /// The last of them is run.
        #[default]
        Once = "once",
    }
}

/// The last run for a queue, schedule, ...
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LastRun {
    /// Its id.
    #[schema(pattern = "^exe_[0-9a-f]{32}$")]
    pub execution: String,
    /// When it started.
    pub started_at: Time,
    /// How it ended.
    pub ending: EndingKind,
    /// How long it took, in microseconds.
    pub wall_us: u64,
}

/// A message that somebody sends to a queue.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMessage {
    /// What is sent: any JSON.
    #[schema(value_type = Object)]
    pub body: Option<Box<serde_json::value::RawValue>>,
    /// Not before so many milliseconds from now.
    #[serde(default)]
    pub delay_ms: u64,
    /// Messages of one key are handed out one after another.
    #[serde(default)]
    pub key: Option<String>,
    /// Another one with this within a day is not sent.
    #[serde(default)]
    pub dedup: Option<String>,
    /// How often it is tried, 1 to 100; what the queue says when left out.
    #[serde(default)]
    pub attempts: Option<u32>,
    /// Given up when it could not be handed over within so many milliseconds.
    #[serde(default)]
    pub expires_ms: Option<u64>,
}

/// A message that waits, is being handled, or is dead.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct StoredMessage {
    /// Its id, which scripts see as `event.id`.
    pub id: String,
    /// What it is from: `queue`, `schedule`, `subscription`, `change`, `later`, `outbox` or `request`.
    pub source: String,
    /// The name of that.
    pub name: String,
    /// How often it was handed out.
    pub attempt: i64,
    /// Its key; of a request `null`.
    pub key: Option<String>,
    /// When it was sent.
    pub sent_at: Time,
    /// When it is to be handed out; of one that was, when it is taken to be lost. `null` while another of its key is before it,
    /// and when it is dead.
    pub due_at: Option<Time>,
    /// When it was given up; `null` when it was not.
    pub died_at: Option<Time>,
    /// Whether it is being handled.
    pub is_leased: bool,
    /// What was sent, as JSON; `null` when it is longer than 64 KiB and in a list, and of a request.
    #[schema(value_type = Object)]
    pub body: Option<Box<serde_json::value::RawValue>>,
    /// Why its last attempt failed.
    pub error: Option<MessageError>,
    /// What it is a consequence of, itself last.
    pub chain: String,
}

/// Why an attempt failed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MessageError {
    /// A stable word.
    pub code: String,
    /// A sentence.
    pub message: String,
    /// The run, if there was one.
    pub execution: Option<String>,
}

/// A dead letter is handed out again.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Requeue {
    /// In place of what was sent, if it is given.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub body: Option<Box<serde_json::value::RawValue>>,
}

/// How many there were.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Affected {
    /// So many.
    pub messages: i64,
}

/// An expression to be looked at before it is saved.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Preview {
    /// When: cron with five or six fields, `@hourly` and the like, or `every 90s`.
    pub when: String,
    /// The time zone of a cron expression; UTC when left out.
    #[serde(default)]
    pub zone: Option<String>,
}

/// When a schedule would fire.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Previewed {
    /// The next five times; fewer when there are no more.
    pub times: Vec<Time>,
}
