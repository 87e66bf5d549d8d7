//! What scripts keep: every run as if it were alone.

mod kv;
mod side_by_side;
