//! All of wasmtime, and nothing else: one sandbox for every run.
//!
//! ```text
//! Job ─▶ executor: store, fuel, meters ─▶ instance (copy-on-write snapshot) ─▶ run(len) ─▶ ending ─▶ Execution
//!                                            │ ▲
//!                      picloud.call, is_over │ │ picloud.take          link, memory, wasi: all a guest can import
//!                                            ▼ │
//!                                       World (the app's, seen as one trait)
//! ```
//!
//! *Invariant*: a store serves one run and is dropped with it.
//! *Invariant*: whatever a guest does is an [`Ending`]; nothing it hands over is believed before it was checked.
//! Start at [`Executor`].

mod ask;
mod budget;
mod deadline;
mod ending;
mod enter;
mod executor;
mod fuel;
mod guest;
mod lanes;
mod layout;
mod link;
mod linked;
mod memory;
mod pool;
mod random;
mod sandbox;
mod seam;
mod stack;
mod wasi;
mod within;

pub use budget::{Budget, Share, Spent};
pub use executor::Executor;
pub use layout::Layout;
pub use linked::{Linked, Module, Program, Wants, used};
pub use picloud_sdk::report::Frame;
pub use pool::{Arrangement, PoolConfig};
pub use seam::*;

/// A guest's machine stack, for the words of a stop.
const STACK_BYTES: u64 = 1 << 20;

/// What the runner guest imports, as `module.name`.
pub fn guest_imports() -> impl Iterator<Item = &'static str> {
    guest::IMPORTS.split(' ')
}
