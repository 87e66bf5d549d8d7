//! Two lanes: a run gets its first slices of fuel where it arrived, and the rest of a long one in the slow lane.
//!
//! Nearly all runs end within the first slices, on the thread that read the request. One that does not is a computation
//! rather than an answer: it goes on among threads that the kernel runs only when nothing better is to be done, so that
//! endless loops of one app cost the others next to nothing. A run that waits for a host call stays where it is.
//!
//! What a host call opens (a connection, a timer, a task) belongs to the runtime that the run came from, wherever the call
//! is made: the lane's threads only compute, and nothing that others share may hang on them.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use anyhow::Context as _;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinHandle;

use crate::seam::Boxed;

/// How much nicer the slow lane's threads are than the rest of the process (of 19).
const NICENESS: i32 = 10;

/// Slices of fuel in place, a millisecond or two together: an answer rather than a computation. Others have their turn
/// between them.
const SLICES_HERE: u32 = 10;

/// The threads for long runs.
pub(crate) struct SlowLane(Option<Runtime>);

impl SlowLane {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let runtime = Builder::new_multi_thread()
            .worker_threads(threads)
            .thread_name("picloud-slow")
            .enable_time()
            .on_thread_start(be_nice)
            .build()
            .context("starting the slow lane")?;
        Ok(Self(Some(runtime)))
    }

    /// Runs `work` to its end, here for the first slices and in the slow lane from then on.
    /// `waits` tells whether it is the world it waits for, rather than its next slice.
    pub(crate) fn run<T: Send + 'static>(&self, work: Boxed<'static, T>, waits: Arc<AtomicBool>) -> Running<T> {
        let slow = self
            .0
            .as_ref()
            .expect("the lane is open until it is dropped")
            .handle()
            .clone();
        Running {
            place: Place::Here(work),
            slices: 0,
            waits,
            slow,
            home: Handle::try_current().ok(),
        }
    }
}

/// On Linux, a thread's own priority; lowering it needs no privilege.
fn be_nice() {
    if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
        tracing::warn!("the slow lane runs at normal priority: {error}");
    }
}

impl Drop for SlowLane {
    fn drop(&mut self) {
        // Not waiting: whoever drops an executor may be inside a runtime.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// A run on its way. Dropping it stops the run, wherever it is.
pub(crate) struct Running<T> {
    place: Place<T>,
    slices: u32,
    waits: Arc<AtomicBool>,
    slow: Handle,
    /// The runtime that it came from.
    home: Option<Handle>,
}

/// Work in the slow lane, for which the runtime is still the one that it came from.
struct AtHome<T> {
    home: Option<Handle>,
    work: Boxed<'static, T>,
}

impl<T> Future for AtHome<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let Self { home, work } = &mut *self;
        let _entered = home.as_ref().map(Handle::enter);
        work.as_mut().poll(cx)
    }
}

enum Place<T> {
    Here(Boxed<'static, T>),
    SlowLane(JoinHandle<T>),
    Moving,
}

impl<T: Send + 'static> Future for Running<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        if let Place::Here(work) = &mut self.place {
            let polled = work.as_mut().poll(cx);
            if polled.is_ready() || self.waits.load(Ordering::Relaxed) {
                return polled;
            }
            self.slices += 1;
            if self.slices < SLICES_HERE {
                // The engine has seen to it that we are woken.
                return polled;
            }
            if let Place::Here(work) = std::mem::replace(&mut self.place, Place::Moving) {
                let home = self.home.clone();
                self.place = Place::SlowLane(self.slow.spawn(AtHome { home, work }));
            }
        }
        let Place::SlowLane(handle) = &mut self.place else {
            unreachable!("a run is here or in the slow lane")
        };
        match ready!(Pin::new(handle).poll(cx)) {
            Ok(done) => Poll::Ready(done),
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // Only dropping a `Running` or the lane cancels; the one cannot be polled, the other outlives it.
                Err(_) => Poll::Pending,
            },
        }
    }
}

impl<T> Drop for Running<T> {
    fn drop(&mut self) {
        if let Place::SlowLane(handle) = &self.place {
            handle.abort();
        }
    }
}
