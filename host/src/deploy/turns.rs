//! Whose turn it is to compile: one source at a time for each app, a few in all. The others wait.
//!
//! A compiler sandbox may take a second and some memory; nobody's many drafts keep the others' saves waiting for long.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::ids::AppId;

/// Compiler sandboxes at once.
const SANDBOXES_MAX: usize = 4;

/// Of the process, as its processors and its memory are.
static SANDBOXES: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(SANDBOXES_MAX)));
static APPS: LazyLock<Mutex<HashMap<Option<AppId>, Arc<Semaphore>>>> = LazyLock::new(Mutex::default);

/// Held while a source is compiled.
pub(super) struct Turn {
    _app: Option<OwnedSemaphorePermit>,
    _sandbox: Option<OwnedSemaphorePermit>,
}

/// Waits for the turn of `app`; without one, of the operators.
pub(super) async fn turn(app: Option<AppId>) -> Turn {
    let of_app = {
        let mut apps = APPS.lock().unwrap_or_else(PoisonError::into_inner);
        // Those that nobody holds or waits for.
        apps.retain(|_, turns| Arc::strong_count(turns) > 1);
        Arc::clone(apps.entry(app).or_insert_with(|| Arc::new(Semaphore::new(1))))
    };
    // The app's own turn first: whoever waits for it takes no place from others. Neither is ever closed.
    let app = of_app.acquire_owned().await.ok();
    let sandbox = Arc::clone(&SANDBOXES).acquire_owned().await.ok();
    Turn {
        _app: app,
        _sandbox: sandbox,
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn an_app_waits_for_itself_and_not_for_others() {
        let (one, other) = (AppId::new(1), AppId::new(2));
        let first = turn(Some(one)).await;
        let mut second = Box::pin(turn(Some(one)));
        assert!((&mut second).now_or_never().is_none(), "two at once");
        let neighbour = turn(Some(other)).now_or_never();
        assert!(neighbour.is_some(), "a neighbour waits");
        drop(first);
        assert!(second.now_or_never().is_some(), "the turn was not given back");
    }
}
