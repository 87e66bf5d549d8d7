//! The contract across the wasm wall: everything that both sides of it compile. And beside it, for the host alone, the
//! shapes of the management API (`api`).
//!
//! ```text
//!            host                              guest (runner)
//!   Invocation ──── run(len), take(ptr) ────▶  decode, run the program
//!   HostCall   ◀─── call(ptr, len) ──────────  a question
//!   Envelope   ──── take(ptr) ──────────────▶  the time, and its answer
//!   Outcome    ◀─── run's return value ──────  how it ended
//! ```
//!
//! The compiler guest speaks the same way: [`compile::Source`] in, [`compile::Compiled`] out.
//! All of it is postcard over linear memory; [`wire`] bounds what is decoded before anything is allocated.

#[cfg(feature = "api")]
pub mod api;
pub mod call;
pub mod compile;
pub mod event;
// What only the host compiles costs no build of the guests when it changes.
#[cfg(not(target_family = "wasm"))]
pub mod limits;
pub mod names;
pub mod outcome;
#[cfg(not(target_family = "wasm"))]
pub mod report;
pub mod sidecar;
pub mod value;
pub mod wire;
mod words;

/// Compared when a guest is loaded: a guest of another version is refused.
pub const ABI_VERSION: u32 = 10;

/// Version of what a script sees (semver); stands in `sdk/api/script.json`.
pub const SDK_VERSION: &str = "1.6.0";
