//! Makes indexes that were declared, and deletes what those left that are no more: step by step, each index in turn.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::Notify;
use tokio::time::sleep;

use super::{Means, queries};
use crate::data::docs::layout::{self, Name};
use crate::data::key::{Key, Range};
use crate::ids::AppId;
use crate::store::Db;
use crate::world::{Data, No, Told, indexes};

/// Documents of one step, when nobody else is in the way.
const STEP_MAX: usize = 200;
/// Failures that are remembered, of all apps.
const FAILED_MAX: usize = 1000;
/// How long to rest between steps where several servers may write: longer than a server's turn to commit to an app lasts,
/// which each step prolongs.
const REST: Duration = Duration::from_millis(75);
/// How long to wait when the database cannot be had.
const PAUSE: Duration = Duration::from_secs(1);

/// One index of one collection of one app.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    /// Whose.
    pub app: AppId,
    /// Of which collection.
    pub collection: Name,
    /// What it is called.
    pub index: Name,
}

/// Indexes that are to be looked at, and those that could not be made.
#[derive(Default)]
pub struct Indexes {
    state: Mutex<State>,
    told: Notify,
}

#[derive(Default)]
struct State {
    /// Each with the documents of its next step.
    todo: VecDeque<(Place, usize)>,
    /// Why there is no such index, the latest last. Known to this process only: it is of use to whoever declared it, and
    /// looks.
    failed: VecDeque<(Place, String)>,
}

/// How a step went.
enum Step {
    /// There may be more, in steps of so many documents.
    More(usize),
    Over,
    /// The database cannot be had, or the app is gone.
    Later,
}

impl Indexes {
    /// An index was declared, or is declared no more: it is made or unmade, and what was said of it is forgotten.
    pub fn tell(&self, place: Place) {
        let mut state = self.lock();
        state.forgive(&place);
        state.add(place, STEP_MAX);
        drop(state);
        self.told.notify_one();
    }

    /// Why indexes of this collection could not be made, since this process began. One that is declared may be among them:
    /// it is about to be declared no more.
    #[must_use]
    pub fn failed(&self, app: AppId, collection: &Name) -> Vec<(Name, String)> {
        let state = self.lock();
        let of_it = |place: &Place| place.app == app && place.collection == *collection;
        let failed = state.failed.iter().filter(|(place, _)| of_it(place));
        failed.map(|(place, why)| (place.index.clone(), why.clone())).collect()
    }

    /// Forgets that an index could not be made; whether it could not.
    pub fn forgive(&self, place: &Place) -> bool {
        self.lock().forgive(place)
    }

    /// Does what there is to do, and waits for more.
    pub(super) async fn run(&self, means: &Means) {
        self.look(means).await;
        loop {
            let next = self.lock().todo.pop_front();
            let Some((place, size)) = next else {
                self.told.notified().await;
                continue;
            };
            match self.step(means, &place, size).await {
                Step::More(size) => self.lock().add(place, size),
                Step::Over => {}
                Step::Later => {
                    sleep(PAUSE).await;
                    self.look(means).await;
                }
            }
        }
    }

    /// Finds out what there is to do: when the last process ended it was not over, or the database was away.
    async fn look(&self, means: &Means) {
        // What was told is in the database.
        self.lock().todo.clear();
        loop {
            match unsettled(means).await {
                Ok(places) => {
                    let mut state = self.lock();
                    for place in places {
                        state.add(place, STEP_MAX);
                    }
                    return;
                }
                Err(why) => {
                    tracing::warn!("indexes that are not ready could not be looked for: {why:?}");
                    sleep(PAUSE).await;
                }
            }
        }
    }

    async fn step(&self, means: &Means, place: &Place, size: usize) -> Step {
        match settle_some(means, place, size).await {
            Ok(true) => {
                if matches!(means.db, Db::Postgres(_)) {
                    sleep(REST).await;
                }
                Step::More((size * 2).min(STEP_MAX))
            }
            Ok(false) | Err(No::Stop(_)) => Step::Over,
            Err(No::Overtaken(_)) => Step::More((size / 2).max(1)),
            Err(No::Refused {
                code: "limit_exceeded", ..
            }) if size > 1 => Step::More(size / 2),
            Err(No::Refused { message, .. }) => self.give_up(means, place, message).await,
            Err(No::Unavailable(_)) => Step::Later,
            Err(No::Fault(fault)) => {
                tracing::error!(app.id = %place.app, "the index {} of {}: {fault:#}", place.index, place.collection);
                let message = "something went wrong on the server's side; its log has the cause".to_owned();
                self.give_up(means, place, message).await
            }
        }
    }

    /// It cannot be made: it is declared no more.
    async fn give_up(&self, means: &Means, place: &Place, why: String) -> Step {
        let Place { app, collection, index } = place.clone();
        let keeping = means.keeping(app);
        let giving_up = keeping.transact(move |data| {
            let (collection, index) = (collection.clone(), index.clone());
            Box::pin(async move { indexes::give_up(data, &collection, &index).await })
        });
        // Before it is gone: whoever waits for it is told why, and not that there is none.
        self.lock().fail(place.clone(), why);
        let given_up = giving_up.await;
        if !matches!(given_up, Ok(true)) {
            self.forgive(place);
        }
        match given_up {
            Ok(true) => Step::More(STEP_MAX),
            Ok(false) => Step::Over,
            Err(_) => Step::Later,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn add(&mut self, place: Place, size: usize) {
        if self.todo.iter().all(|(there, _)| *there != place) {
            self.todo.push_back((place, size));
        }
    }

    fn fail(&mut self, place: Place, why: String) {
        self.forgive(&place);
        self.failed.push_back((place, why));
        if self.failed.len() > FAILED_MAX {
            self.failed.pop_front();
        }
    }

    fn forgive(&mut self, place: &Place) -> bool {
        let before = self.failed.len();
        self.failed.retain(|(failed, _)| failed != place);
        self.failed.len() < before
    }
}

async fn settle_some(means: &Means, place: &Place, size: usize) -> Told<bool> {
    let (keeping, work) = (means.keeping(place.app), settling(place.clone(), size));
    if size > 1 {
        return keeping.once(work).await;
    }
    // It cannot get out of the way any further.
    keeping.transact(work).await
}

fn settling(place: Place, size: usize) -> impl for<'a> Fn(&'a mut Data) -> BoxFuture<'a, Told<bool>> + Send + Sync {
    move |data| {
        let Place { collection, index, .. } = place.clone();
        Box::pin(async move { indexes::settle_some(data, &collection, &index, size).await })
    }
}

/// What is to be looked at of all apps.
async fn unsettled(means: &Means) -> Told<Vec<Place>> {
    let [entries, claims] = layout::all_indexed();
    let abouts = layout::abouts();
    let parts = [&abouts, &entries, &claims].map(ends);
    let apps = queries::apps_with(&means.db, parts).await;
    let mut places = Vec::new();
    for app in apps.map_err(|error| No::Unavailable(error.to_string()))? {
        let mut keeping = means.keeping(app);
        // It looks at one entry for each index, and however many there are, they are to be settled.
        (keeping.limits.reads_max, keeping.limits.read_bytes_max) = (u32::MAX, u64::MAX);
        let found = keeping.transact(|data| Box::pin(indexes::unsettled(data))).await;
        match found {
            Ok(found) => places.extend(
                found
                    .into_iter()
                    .map(|(collection, index)| Place { app, collection, index }),
            ),
            Err(No::Unavailable(why)) => return Err(No::Unavailable(why)),
            // Others are not to wait for one.
            Err(why) => tracing::warn!(app.id = %app, "indexes that are not ready could not be looked for: {why:?}"),
        }
    }
    Ok(places)
}

fn ends(range: &Range) -> (&[u8], &[u8]) {
    (
        range.from.as_bytes(),
        range.to.as_ref().map_or(&[u8::MAX], Key::as_bytes),
    )
}
