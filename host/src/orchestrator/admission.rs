//! May it run now? Places are bounded per app and for the installation; whoever has one holds a [`Permit`].

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use picloud_executor::Budget;

/// Who runs, and how many may.
#[derive(Debug)]
pub struct Admission {
    installation: Arc<Places>,
    per_app_max: u32,
    /// What the runs of one app may have of the memory for all.
    memory_per_app_max: u64,
}

/// A bounded number of places, and how many are taken.
#[derive(Debug)]
pub struct Places {
    max: u32,
    taken: AtomicU32,
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
}

#[derive(Debug)]
struct Place(Arc<Places>);

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
    /// Places for `runs_max` runs, `per_app_max` of them for any one app; their memory may come to `memory_bytes_max`,
    /// half of it for any one app.
    #[must_use]
    pub fn new((runs_max, per_app_max): (u32, u32), memory_bytes_max: u64) -> Self {
        Self {
            installation: Arc::new(Places::new(runs_max, Budget::new(memory_bytes_max))),
            per_app_max,
            memory_per_app_max: memory_bytes_max / 2,
        }
    }

    /// The places of a new app. They live as long as the app, whatever is reloaded of it.
    #[must_use]
    pub fn places(&self) -> Arc<Places> {
        let memory = Budget::within(&self.installation.memory, self.memory_per_app_max);
        Arc::new(Places::new(self.per_app_max, memory))
    }

    /// Takes a place: the app's own bound first, so that a noisy app is refused before it competes for shared places.
    ///
    /// # Errors
    /// Which of the two bounds is met.
    pub fn admit(&self, app: &Arc<Places>) -> Result<Permit, Refusal> {
        let app = app.take().ok_or(Refusal::App { runs_max: app.max })?;
        let installation = self.installation.take().ok_or(Refusal::Installation {
            runs_max: self.installation.max,
        })?;
        Ok(Permit {
            _app: app,
            _installation: installation,
        })
    }

    /// Whether [`Self::admit`] would refuse now: asked before work that only an admitted event is worth.
    ///
    /// # Errors
    /// Which of the two bounds is met.
    pub fn check(&self, app: &Places) -> Result<(), Refusal> {
        if app.is_full() {
            return Err(Refusal::App { runs_max: app.max });
        }
        if self.installation.is_full() {
            return Err(Refusal::Installation {
                runs_max: self.installation.max,
            });
        }
        Ok(())
    }

    /// Runs at this moment.
    #[must_use]
    pub fn in_flight(&self) -> u32 {
        self.installation.taken.load(Ordering::Acquire)
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

impl Places {
    fn new(max: u32, memory: Arc<Budget>) -> Self {
        Self {
            max,
            taken: AtomicU32::new(0),
            refusing: AtomicBool::new(false),
            memory,
        }
    }

    /// The memory of those who have a place.
    #[must_use]
    pub const fn memory(&self) -> &Arc<Budget> {
        &self.memory
    }

    fn is_full(&self) -> bool {
        self.taken.load(Ordering::Relaxed) >= self.max
    }

    fn take(self: &Arc<Self>) -> Option<Place> {
        let more = |taken| (taken < self.max).then_some(taken + 1);
        self.taken
            .fetch_update(Ordering::AcqRel, Ordering::Relaxed, more)
            .ok()?;
        Some(Place(Arc::clone(self)))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // The episode is over when half of the places are free: at the bound itself it would flicker.
        if self.0.taken.fetch_sub(1, Ordering::AcqRel) <= self.0.max.div_ceil(2)
            && self.0.refusing.load(Ordering::Relaxed)
        {
            self.0.refusing.store(false, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_is_refused_at_its_own_bound_and_others_go_on() {
        let admission = Admission::new((3, 2), 1 << 30);
        let (noisy, good) = (admission.places(), admission.places());
        let first = admission.admit(&noisy).unwrap();
        let _second = admission.admit(&noisy).unwrap();
        assert_eq!(admission.admit(&noisy).unwrap_err(), Refusal::App { runs_max: 2 });
        let _third = admission.admit(&good).unwrap();
        assert_eq!(
            admission.admit(&good).unwrap_err(),
            Refusal::Installation { runs_max: 3 }
        );
        assert_eq!(admission.in_flight(), 3, "a refused event takes no place");
        drop(first);
        assert_eq!(admission.check(&good), Ok(()));
        let _fourth = admission.admit(&good).unwrap();
    }

    #[test]
    fn a_refusal_by_the_installation_gives_the_apps_place_back() {
        let admission = Admission::new((1, 1), 1 << 30);
        let (one, other) = (admission.places(), admission.places());
        let permit = admission.admit(&one).unwrap();
        assert!(admission.admit(&other).is_err());
        drop(permit);
        assert!(admission.admit(&other).is_ok());
        assert_eq!(admission.in_flight(), 0);
    }

    #[test]
    fn an_episode_of_refusals_is_told_once() {
        let admission = Admission::new((8, 2), 1 << 30);
        let app = admission.places();
        let permits = [admission.admit(&app).unwrap(), admission.admit(&app).unwrap()];
        let refusal = admission.admit(&app).unwrap_err();
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
        let admission = Admission::new((4, 4), 1 << 30);
        let app = admission.places();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..2000 {
                        let permit = admission.admit(&app);
                        assert!(admission.in_flight() <= 4);
                        drop(permit);
                    }
                });
            }
        });
        assert_eq!(admission.in_flight(), 0);
    }
}
