//! What runs of an app have to know of its triggers: which queues there are, who subscribes, what is watched.

use std::collections::HashSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Of, Pattern};
use crate::commit::messages::{Line, Source};

/// What is watched: keys by how they begin, or the documents of a collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watch {
    /// Of keys and values.
    pub prefix: Option<String>,
    /// Of documents.
    pub collection: Option<String>,
}

/// What runs of an app have to know of its triggers.
#[derive(Debug, Default)]
pub struct Wiring {
    queues: HashSet<Arc<str>>,
    subscriptions: Vec<(Pattern, Arc<str>)>,
    changes: Vec<(Watch, Arc<str>)>,
    scripts: HashSet<Arc<str>>,
    /// Whether there is whatever a script names.
    is_open: bool,
}

impl Wiring {
    /// Of an app with these triggers, by name, and these scripts that answer.
    #[must_use]
    pub fn of(triggers: Vec<(String, Of)>, scripts: impl Iterator<Item = Arc<str>>) -> Self {
        let mut wiring = Self {
            scripts: scripts.collect(),
            ..Self::default()
        };
        for (name, of) in triggers {
            match of {
                Of::Queue => drop(wiring.queues.insert(name.into())),
                Of::Subscription { topic } => match Pattern::parse(&topic) {
                    Ok(pattern) => wiring.subscriptions.push((pattern, name.into())),
                    Err(why) => tracing::error!("a stored subscription is left out: {why}"),
                },
                Of::Change(watch) => wiring.changes.push((watch, name.into())),
                Of::Schedule(_) => {}
            }
        }
        wiring
    }

    /// Of an app of which nobody knows what it has: there is whatever a script names.
    #[must_use]
    pub fn open() -> Self {
        Self {
            is_open: true,
            ..Self::default()
        }
    }

    fn find(&self, names: &HashSet<Arc<str>>, name: &str) -> Option<Arc<str>> {
        names.get(name).cloned().or_else(|| self.is_open.then(|| name.into()))
    }

    /// The queue of this name.
    #[must_use]
    pub fn queue(&self, name: &str) -> Option<Line> {
        self.find(&self.queues, name).map(|name| line(Source::Queue, &name))
    }

    /// Where a run of the script of this name, later, is lined up.
    #[must_use]
    pub fn later(&self, script: &str) -> Option<Line> {
        self.find(&self.scripts, script).map(|name| line(Source::Later, &name))
    }

    /// Who subscribes to `topic`.
    pub fn subscribed<'a>(&'a self, topic: &'a str) -> impl Iterator<Item = Line> + 'a {
        let fitting = self
            .subscriptions
            .iter()
            .filter(move |(pattern, _)| pattern.fits(topic));
        fitting.map(|(_, name)| line(Source::Subscription, name))
    }

    /// What is watched, and for whom.
    pub fn watched(&self) -> impl Iterator<Item = (&Watch, Line)> {
        self.changes
            .iter()
            .map(|(watch, name)| (watch, line(Source::Change, name)))
    }
}

fn line(source: Source, name: &Arc<str>) -> Line {
    let name = Arc::clone(name);
    Line { source, name }
}
