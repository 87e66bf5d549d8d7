//! Every bound on one run, from one table; what was used of it, and the names of the bounds.

use serde::{Deserialize, Serialize};

/// What the operator may set of a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// What a stop by it is called.
    pub limit: Limit,
    /// The environment variable.
    pub variable: &'static str,
    /// What holds when it is not set.
    pub default: u64,
    /// The smallest that makes sense.
    pub min: u64,
    /// The largest that makes sense.
    pub max: u64,
}

/// The table's rows become [`Limits`], [`Limits::BOUNDS`] and [`Limit`].
macro_rules! limits {
    (
        bounds {$(
            $(#[doc = $about:literal])+
            $field:ident: $type:ty = $limit:ident($word:literal, $unit:literal)
                $variable:ident $default:expr, $min:expr => $max:expr, tests: $tests:expr;
        )+}
        others {$(
            $(#[doc = $other_about:literal])+
            $other:ident($other_word:literal, $other_unit:literal);
        )+}
    ) => {
        /// Every bound on one run. Whoever starts a run says what it may use; there is no default here.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Limits {
            $($(#[doc = $about])+ pub $field: $type,)+
        }

        impl Limits {
            /// What the operator may set of each.
            pub const BOUNDS: &[Bound] = &[$(Self::$variable),+];

            $(const $variable: Bound = Bound {
                limit: Limit::$limit,
                variable: stringify!($variable),
                default: $default,
                min: $min,
                max: $max,
            };)+

            /// Each as `read` finds it.
            ///
            /// # Errors
            /// The first of `read`.
            pub fn read<E>(mut read: impl FnMut(&Bound) -> Result<u64, E>) -> Result<Self, E> {
                Ok(Self {
                    $($field: <$type>::try_from(read(&Self::$variable)?).unwrap_or(<$type>::MAX),)+
                })
            }

            /// Each with its variable.
            #[must_use]
            pub fn values(&self) -> Vec<(&'static str, u64)> {
                vec![$((stringify!($variable), u64::from(self.$field)),)+]
            }

            /// Field by field the smaller one: an app's plan may only tighten what the installation allows.
            #[must_use]
            pub fn tighten(self, other: Self) -> Self {
                Self { $($field: self.$field.min(other.$field),)+ }
            }

            /// Nothing of anything.
            #[must_use]
            pub const fn none() -> Self {
                Self { $($field: 0,)+ }
            }

            /// Small enough that a runaway test ends in milliseconds.
            #[must_use]
            pub const fn for_tests() -> Self {
                Self { $($field: $tests,)+ }
            }
        }

        /// The name of a bound that stopped a run.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Limit {
            $($(#[doc = $about])+ #[serde(rename = $word)] $limit,)+
            $($(#[doc = $other_about])+ #[serde(rename = $other_word)] $other,)+
        }

        crate::words::described!(Limit, "The name of a bound that stopped a run.");

        impl Limit {
            /// All of them, for documentation and tests.
            pub const ALL: &[Self] = &[$(Self::$limit,)+ $(Self::$other,)+];

            /// The stable word for it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$limit => $word,)+
                    $(Self::$other => $other_word,)+
                }
            }

            /// What it bounds, in a sentence.
            #[must_use]
            pub const fn about(self) -> &'static str {
                match self {
                    $(Self::$limit => concat!($($about),+),)+
                    $(Self::$other => concat!($($other_about),+),)+
                }
                .trim_ascii()
            }

            /// What its numbers count.
            #[must_use]
            pub const fn unit(self) -> &'static str {
                match self {
                    $(Self::$limit => $unit,)+
                    $(Self::$other => $other_unit,)+
                }
            }
        }
    };
}

limits! {
    bounds {
        /// Work one run may do; the same event always burns the same fuel.
        fuel_max: u64 = Fuel("fuel", "units")
            PICLOUD_FUEL_MAX 1_000_000_000, 1_000_000 => 1_000_000_000_000, tests: 50_000_000;
        /// Linear memory one run may have.
        memory_bytes_max: u32 = Memory("memory", "bytes")
            PICLOUD_MEMORY_BYTES_MAX 64 << 20, 4 << 20 => 2 << 30, tests: 16 << 20;
        /// Wall time of one run, waiting included.
        wall_ms_max: u32 = Wall("wall", "ms")
            PICLOUD_WALL_MS_MAX 10_000, 10 => 3_600_000, tests: 10_000;
        /// Questions one run may ask the host.
        host_calls_max: u32 = HostCalls("host_calls", "calls")
            PICLOUD_HOST_CALLS_MAX 10_000, 1 => 10_000_000, tests: 100;
        /// Text and fields one run may log.
        log_bytes_max: u32 = LogBytes("log_bytes", "bytes")
            PICLOUD_LOG_BYTES_MAX 64 << 10, 0 => 16 << 20, tests: 16 << 10;
        /// Headers and body of one run's reply.
        reply_bytes_max: u32 = ReplyBytes("reply_bytes", "bytes")
            PICLOUD_REPLY_BYTES_MAX 8 << 20, 1024 => 1 << 30, tests: 1 << 20;
        /// How deep script functions may call each other.
        call_depth_max: u32 = CallDepth("call_depth", "levels")
            PICLOUD_CALL_DEPTH_MAX 64, 1 => 1024, tests: 32;
    }
    others {
        /// The sandbox's machine stack: values nested too deep to walk or to free.
        Stack("stack", "bytes");
        /// The memory that all runs of the app, or of the server, may have together.
        SharedMemory("shared_memory", "bytes");
    }
}

const _: () = assert!(Limits::for_tests().reply_bytes_max < Limits::for_tests().memory_bytes_max);

/// A stop: which bound, what was used (or asked for), what was allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop {
    /// Which bound.
    pub limit: Limit,
    /// What was used, or what the refused step would have made of it.
    pub used: u64,
    /// What was allowed.
    pub allowed: u64,
}

impl std::fmt::Display for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { limit, used, allowed } = self;
        write!(
            f,
            "stopped by the limit {}: used {used} {unit}, allowed {allowed}",
            limit.as_str(),
            unit = limit.unit()
        )
    }
}

/// What a run used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "api", derive(utoipa::ToSchema))]
pub struct Usage {
    /// Units of work.
    pub fuel: u64,
    /// Largest size of the linear memory.
    pub memory_bytes: u32,
    /// Wall time in microseconds.
    pub wall_us: u64,
    /// Questions to the host.
    pub host_calls: u32,
    /// Text and fields logged.
    pub log_bytes: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bound_fits_its_field_and_has_a_default_within_it() {
        let largest = Limits::read(|bound| Ok::<_, ()>(bound.max)).unwrap();
        for (bound, limit) in Limits::BOUNDS.iter().zip(Limit::ALL) {
            assert_eq!(bound.limit, *limit);
            assert!((bound.min..=bound.max).contains(&bound.default), "{}", bound.variable);
            // A field too small for the bound would have been read as its type's largest.
            let shown = format!("{largest:?}");
            assert!(
                shown.contains(&format!(": {}", bound.max)),
                "{}: {shown}",
                bound.variable
            );
        }
    }
}
