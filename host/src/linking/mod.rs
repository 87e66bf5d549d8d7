//! What scripts import, and whether it is there: the rules, once, for what is saved and for a folder of files.
//!
//! ```text
//! LiveScripts (who is live) + Drafts ── check ── fit to be live together, or a Problem that says what to do
//! ```
//!
//! *Invariant*: pure. Whoever asks brings what it is about.

pub mod check;
mod diagnostic;
mod draft;
mod graph;
mod live;
mod members;

pub(crate) use diagnostic::nul_after;
pub use diagnostic::refused;
pub use draft::Draft;
pub use graph::{Chain, Graph, arrows};
pub use live::{Import, LinkedModule, Live, LiveScripts};
pub use members::{Artifacts, Missing, broken, missing};
