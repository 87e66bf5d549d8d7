//! Which script a request means: patterns, and the table of one app's routes. Pure: no database, no clock, no server.

mod pattern;
mod table;

pub use pattern::{BadPattern, PARAMETER_BYTES_MAX, PATTERN_BYTES_MAX, Pattern, SEGMENTS_MAX, Segment, normal_path};
pub use table::{Match, Miss, RouteTable, Verb};

/// What a route may answer. `GET` answers `HEAD` too, unless another route does; so does `ANY` everything.
pub const METHODS: [&str; 8] = ["ANY", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
