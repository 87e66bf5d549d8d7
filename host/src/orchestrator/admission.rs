//! May it run now? Places are bounded per app and for the installation; whoever has one holds a [`Permit`]. When all are
//! taken, a few may wait a moment for one, in order.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use picloud_executor::Budget;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout_at};

/// Lines of an app's messages that have something in hand at once.
const HANDS: usize = 32;
/// Ticks of an app's schedules that are handed out as they come, and have not ended: more of them wait like other messages.
const TICKS: usize = 128;
/// Clients of an app whose requests are accepted at once, or that are told what became of them; others wait for them.
const LATER: usize = 8;
/// So many may wait for each place of an app.
const WAITING_PER_PLACE_MAX: u32 = 8;

/// Who runs, and how many may.
#[derive(Debug)]
pub struct Admission {
    installation: Arc<Places>,
    per_app_max: u32,
    /// Those of the installation's places that messages may have: requests have the others whatever waits.
    background: Arc<Semaphore>,
    /// What the runs of one app may have of the memory for all.
    memory_per_app_max: u64,
    /// How long one waits for a place.
    wait_max: Duration,
}

/// A bounded number of places, and how many are taken.
#[derive(Debug)]
pub struct Places {
    max: u32,
    free: Arc<Semaphore>,
    /// Those of them that messages may have.
    background: Arc<Semaphore>,
    /// Lines of messages that may have something in hand: of those that runs are for, and of requests.
    hands: [Arc<Semaphore>; 2],
    /// Ticks of schedules that may be handed out as they come.
    ticks: Arc<Semaphore>,
    /// Clients whose requests may be accepted, or that may ask what became of them.
    later: Semaphore,
    waiting: AtomicU32,
    /// Set by the first refusal of an episode, so that only that one is logged.
    refusing: AtomicBool,
    /// The memory of those who have a place.
    memory: Arc<Budget>,
}

/// Held for as long as a run is alive; dropping it gives both places back.
#[derive(Debug)]
#[must_use = "dropping the permit at once admits everyone"]
pub struct Permit {
    _app: Place,
    _installation: Place,
    _background: Option<[OwnedSemaphorePermit; 2]>,
}

#[derive(Debug)]
struct Place {
    places: Arc<Places>,
    _taken: OwnedSemaphorePermit,
}

/// Held by who waits for a place of an app.
struct Waiting<'a>(&'a Places);

/// Why it may not run now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The app has as many runs as it may.
    App {
        /// How many that is.
        runs_max: u32,
    },
    /// The installation has.
    Installation {
        /// How many that is.
        runs_max: u32,
    },
    /// More executions wait to be written than may.
    Behind,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::App { runs_max } => write!(f, "this app already has the {runs_max} runs at once that it may have"),
            Self::Installation { runs_max } => {
                write!(f, "the server already has the {runs_max} runs at once that it may have")
            }
            Self::Behind => f.write_str("the database is behind with what has run already"),
        }
    }
}

impl Admission {
    /// Places for `runs_max` runs, `per_app_max` of them for any one app, for which one waits up to `wait_max`; their memory
    /// may come to `memory_bytes_max`, half of it for any one app.
    #[must_use]
    pub fn new((runs_max, per_app_max): (u32, u32), wait_max: Duration, memory_bytes_max: u64) -> Self {
        Self {
            installation: Arc::new(Places::new(runs_max, Budget::new(memory_bytes_max))),
            per_app_max,
            background: for_background(runs_max),
            memory_per_app_max: memory_bytes_max / 2,
            wait_max,
        }
    }

    /// The places of a new app. They live as long as the app, whatever is reloaded of it.
    #[must_use]
    pub fn places(&self) -> Arc<Places> {
        let memory = Budget::within(&self.installation.memory, self.memory_per_app_max);
        Arc::new(Places::new(self.per_app_max, memory))
    }

    /// Takes a place: the app's own first, so that a noisy app waits for itself before it competes for shared places.
    ///
    /// # Errors
    /// Which of the two bounds is met, when nothing is free in time, or enough others wait.
    pub async fn admit(&self, app: &Arc<Places>) -> Result<Permit, Refusal> {
        match self.try_admit(app) {
            Err(refusal) if self.wait_max.is_zero() => return Err(refusal),
            Err(_) => {}
            admitted => return admitted,
        }
        let until = Instant::now() + self.wait_max;
        let refused_by_app = Refusal::App { runs_max: app.max };
        let _waiting = app.wait().ok_or(refused_by_app)?;
        Ok(Permit {
            _app: app.take_until(until).await.ok_or(refused_by_app)?,
            _installation: self.installation.take_until(until).await.ok_or(self.refused())?,
            _background: None,
        })
    }

    /// Takes a place for a message, for which it waits as long as it takes. Half of an app's places, and half of all, are
    /// never taken so. In order: an app has no more that wait than may run, so none keeps others waiting for long.
    pub async fn admit_in_background(&self, app: &Arc<Places>) -> Permit {
        let of_app = acquired(&app.background).await;
        let place = app.place(acquired(&app.free).await);
        let of_all = acquired(&self.background).await;
        Permit {
            _app: place,
            _installation: self.installation.place(acquired(&self.installation.free).await),
            _background: Some([of_app, of_all]),
        }
    }

    fn try_admit(&self, app: &Arc<Places>) -> Result<Permit, Refusal> {
        Ok(Permit {
            _app: app.take().ok_or(Refusal::App { runs_max: app.max })?,
            _installation: self.installation.take().ok_or(self.refused())?,
            _background: None,
        })
    }

    fn refused(&self) -> Refusal {
        let runs_max = self.installation.max;
        Refusal::Installation { runs_max }
    }

    /// Whether [`Self::admit`] would refuse now: asked before work that only an admitted event is worth.
    ///
    /// # Errors
    /// Which of the two bounds is met.
    pub fn check(&self, app: &Places) -> Result<(), Refusal> {
        let waits = !self.wait_max.is_zero();
        if app.is_full() && !(waits && app.may_wait()) {
            return Err(Refusal::App { runs_max: app.max });
        }
        if self.installation.is_full() && !(waits && app.may_wait()) {
            return Err(self.refused());
        }
        Ok(())
    }

    /// Runs at this moment.
    #[must_use]
    pub fn in_flight(&self) -> u32 {
        self.installation.taken()
    }

    /// Whether this refusal is the first since `app` (or the installation) last had a free place: worth a line of log.
    #[must_use]
    pub fn starts_episode(&self, refusal: Refusal, app: &Places) -> bool {
        let places = match refusal {
            Refusal::App { .. } => app,
            Refusal::Installation { .. } | Refusal::Behind => &self.installation,
        };
        !places.refusing.swap(true, Ordering::Relaxed)
    }
}

/// Half of so many places.
fn for_background(places: u32) -> Arc<Semaphore> {
    Arc::new(Semaphore::new((places as usize / 2).max(1)))
}

async fn acquired(places: &Arc<Semaphore>) -> OwnedSemaphorePermit {
    let acquiring = Arc::clone(places).acquire_owned();
    acquiring.await.expect("nobody closes it")
}

impl Places {
    fn new(max: u32, memory: Arc<Budget>) -> Self {
        Self {
            max,
            free: Arc::new(Semaphore::new(max as usize)),
            background: for_background(max),
            hands: [HANDS, HANDS].map(|hands| Arc::new(Semaphore::new(hands))),
            ticks: Arc::new(Semaphore::new(TICKS)),
            later: Semaphore::new(LATER),
            waiting: AtomicU32::new(0),
            refusing: AtomicBool::new(false),
            memory,
        }
    }

    /// What a line of messages takes one of before it has something in hand; requests, which wait for others, have their own.
    pub(crate) const fn hands(&self, of_requests: bool) -> &Arc<Semaphore> {
        let [of_runs, requests] = &self.hands;
        if of_requests { requests } else { of_runs }
    }

    /// What a schedule's tick takes one of that is handed out as it comes; none when there are many already.
    pub(crate) fn tick(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.ticks).try_acquire_owned().ok()
    }

    /// What a client takes before its request is accepted or told of: the database is asked, and no place is needed.
    pub(super) async fn look(&self) -> SemaphorePermit<'_> {
        self.later.acquire().await.expect("nobody closes it")
    }

    /// The memory of those who have a place.
    #[must_use]
    pub const fn memory(&self) -> &Arc<Budget> {
        &self.memory
    }

    fn taken(&self) -> u32 {
        let free = u32::try_from(self.free.available_permits()).unwrap_or(u32::MAX);
        self.max.saturating_sub(free)
    }

    fn is_full(&self) -> bool {
        self.free.available_permits() == 0
    }

    fn may_wait(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) < self.max.saturating_mul(WAITING_PER_PLACE_MAX)
    }

    fn wait(&self) -> Option<Waiting<'_>> {
        self.may_wait().then(|| {
            self.waiting.fetch_add(1, Ordering::Relaxed);
            Waiting(self)
        })
    }

    fn take(self: &Arc<Self>) -> Option<Place> {
        let taken = Arc::clone(&self.free).try_acquire_owned().ok()?;
        Some(self.place(taken))
    }

    async fn take_until(self: &Arc<Self>, until: Instant) -> Option<Place> {
        let taking = Arc::clone(&self.free).acquire_owned();
        let taken = timeout_at(until, taking).await.ok()?.ok()?;
        Some(self.place(taken))
    }

    fn place(self: &Arc<Self>, taken: OwnedSemaphorePermit) -> Place {
        Place {
            places: Arc::clone(self),
            _taken: taken,
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // The episode is over when half of the places are free: at the bound itself it would flicker.
        if self.places.taken() <= self.places.max.div_ceil(2) && self.places.refusing.load(Ordering::Relaxed) {
            self.places.refusing.store(false, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at_once(places: (u32, u32)) -> Admission {
        Admission::new(places, Duration::ZERO, 1 << 30)
    }

    #[tokio::test]
    async fn nobody_waits_longer_than_that() {
        let admission = Admission::new((1, 1), Duration::from_millis(1), 1 << 30);
        let app = admission.places();
        let _held = admission.admit(&app).await.unwrap();
        assert_eq!(admission.admit(&app).await.unwrap_err(), Refusal::App { runs_max: 1 });
    }

    #[tokio::test]
    async fn a_few_wait_a_moment_for_a_place_and_get_it_in_order() {
        let admission = Arc::new(Admission::new((1, 1), Duration::from_mins(1), 1 << 30));
        let app = admission.places();
        let held = admission.admit(&app).await.unwrap();
        assert_eq!(admission.check(&app), Ok(()), "one may wait");
        let (order, mut done) = tokio::sync::mpsc::unbounded_channel();
        for place in 0..WAITING_PER_PLACE_MAX {
            let (admission, app, order) = (Arc::clone(&admission), Arc::clone(&app), order.clone());
            tokio::spawn(async move { order.send(admission.admit(&app).await.map(|_| place)) });
            tokio::task::yield_now().await;
        }
        assert_eq!(admission.check(&app), Err(Refusal::App { runs_max: 1 }), "enough wait");
        assert_eq!(admission.admit(&app).await.unwrap_err(), Refusal::App { runs_max: 1 });
        drop(held);
        for place in 0..WAITING_PER_PLACE_MAX {
            assert_eq!(done.recv().await, Some(Ok(place)));
        }
        assert_eq!(admission.in_flight(), 0);
    }

    #[test]
    fn an_app_is_refused_at_its_own_bound_and_others_go_on() {
        let admission = at_once((3, 2));
        let (noisy, good) = (admission.places(), admission.places());
        let first = admission.try_admit(&noisy).unwrap();
        let _second = admission.try_admit(&noisy).unwrap();
        assert_eq!(admission.try_admit(&noisy).unwrap_err(), Refusal::App { runs_max: 2 });
        let _third = admission.try_admit(&good).unwrap();
        assert_eq!(
            admission.try_admit(&good).unwrap_err(),
            Refusal::Installation { runs_max: 3 }
        );
        assert_eq!(admission.in_flight(), 3, "a refused event takes no place");
        drop(first);
        assert_eq!(admission.check(&good), Ok(()));
        let _fourth = admission.try_admit(&good).unwrap();
    }

    #[test]
    fn a_refusal_by_the_installation_gives_the_apps_place_back() {
        let admission = at_once((1, 1));
        let (one, other) = (admission.places(), admission.places());
        let permit = admission.try_admit(&one).unwrap();
        assert!(admission.try_admit(&other).is_err());
        drop(permit);
        assert!(admission.try_admit(&other).is_ok());
        assert_eq!(admission.in_flight(), 0);
    }

    #[test]
    fn an_episode_of_refusals_is_told_once() {
        let admission = at_once((8, 2));
        let app = admission.places();
        let permits = [admission.try_admit(&app).unwrap(), admission.try_admit(&app).unwrap()];
        let refusal = admission.try_admit(&app).unwrap_err();
        assert!(admission.starts_episode(refusal, &app));
        assert!(!admission.starts_episode(refusal, &app));
        drop(permits);
        assert!(
            admission.starts_episode(refusal, &app),
            "a new episode after all places were free"
        );
    }

    #[test]
    fn many_threads_never_take_more_than_there_is() {
        let admission = at_once((4, 4));
        let app = admission.places();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..2000 {
                        let permit = admission.try_admit(&app);
                        assert!(admission.in_flight() <= 4);
                        drop(permit);
                    }
                });
            }
        });
        assert_eq!(admission.in_flight(), 0);
    }
}
