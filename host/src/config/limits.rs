//! What one run, and one source, may use.

use picloud_sdk::limits::{Bound, Limits};

use super::section::{Section, section};
use super::setting::number;
use super::{Env, Kind, Setting};

section! {
    /// Every bound on a run and on a source.
    #[derive(Debug, Clone, Copy)]
    pub struct LimitsConfig {
        sections {
            /// What the installation allows a run.
            run: Limits;
        }
        /// Size of one script's source; parsing is quadratic in places.
        source_bytes_max: u32 = PICLOUD_SOURCE_BYTES_MAX number(64 << 10, 1..=1 << 20, "bytes");
        /// Wall time of one run for a message, a schedule, a change or a request that is answered later, in place of `PICLOUD_WALL_MS_MAX`.
        event_wall_ms_max: u32 = PICLOUD_EVENT_WALL_MS_MAX number(60_000, 10..=3_600_000, "ms");
        /// How many imports may follow each other, from a script to a module to a module and so on.
        module_depth_max: u32 = PICLOUD_MODULE_DEPTH_MAX number(8, 1..=32, "imports");
    }
}

/// The contract's table says it all.
impl Section for Limits {
    fn settings() -> Vec<Setting> {
        Self::BOUNDS.iter().map(Setting::from).collect()
    }

    fn from_env(env: &Env<'_>) -> anyhow::Result<Self> {
        Self::read(|bound| env.number(&bound.into()))
    }
}

impl From<&Bound> for Setting {
    fn from(bound: &Bound) -> Self {
        Self {
            name: bound.variable,
            kind: Kind::Number {
                default: bound.default,
                min: bound.min,
                max: bound.max,
                unit: bound.limit.unit(),
            },
            about: bound.limit.about(),
        }
    }
}
