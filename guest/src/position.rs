//! Where something stands, as the contract says it: 1-based, 0 where it is not known.

use rhai::Position;

/// Line and column.
pub(crate) fn place(at: Position) -> (u32, u32) {
    (at.line().unwrap_or(0) as u32, at.position().unwrap_or(0) as u32)
}
