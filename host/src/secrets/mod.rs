//! What an app's scripts are told and others are not: secrets, sealed in the database and open in memory; and plain
//! settings beside them.
//!
//! ```text
//! PUT ── Keys::seal ──▶ row ── snapshot: Keys::open_sealed ──▶ Vault ── secret::get ──▶ a script, and Seen
//! ```
//!
//! *Invariant*: a value is in no `Debug` and in no answer of the API. *Invariant*: what is stored opens only as the value,
//! of the app, under the name and with the key that it was sealed with.

mod keys;
mod parts;
pub(crate) mod queries;
mod seal;
mod seen;
mod value;
mod vault;

pub use keys::{KEY_FILE, Keys, NoNewKey, Sealed};
pub use parts::{Form, Part};
pub use seal::Label;
pub use seen::Seen;
pub use value::Secret;
pub use vault::{Held, Vault};

/// Secrets of one app.
pub const SECRETS_MAX: usize = 100;
/// Settings of one app.
pub const SETTINGS_MAX: usize = 100;
/// Values that are kept of a secret, the one that is told now included: runs that were told one can be run again.
pub const VALUES_KEPT: u32 = 10;
/// Shorter values are not looked for in what a run leaves: too much else would look like them.
pub const HIDDEN_BYTES_MIN: usize = 8;
