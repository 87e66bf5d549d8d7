//! Every bound on one run, what was used of it, and the names of the bounds.

use serde::{Deserialize, Serialize};

/// Every bound on one run. Whoever starts a run says what it may use; there is no default here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Units of work (wasm fuel): the repeatable budget.
    pub fuel_max: u64,
    /// Linear memory.
    pub memory_bytes_max: u32,
    /// Wall time from the first instruction, waiting included.
    pub wall_ms_max: u32,
    /// Questions to the host.
    pub host_calls_max: u32,
    /// Text and fields of all log lines together.
    pub log_bytes_max: u32,
    /// Headers and body of the reply.
    pub reply_bytes_max: u32,
    /// Script functions calling each other.
    pub call_depth_max: u32,
}

impl Limits {
    /// Field by field the smaller one: an app's plan may only tighten what the installation allows.
    #[must_use]
    pub fn tighten(self, other: Self) -> Self {
        Self {
            fuel_max: self.fuel_max.min(other.fuel_max),
            memory_bytes_max: self.memory_bytes_max.min(other.memory_bytes_max),
            wall_ms_max: self.wall_ms_max.min(other.wall_ms_max),
            host_calls_max: self.host_calls_max.min(other.host_calls_max),
            log_bytes_max: self.log_bytes_max.min(other.log_bytes_max),
            reply_bytes_max: self.reply_bytes_max.min(other.reply_bytes_max),
            call_depth_max: self.call_depth_max.min(other.call_depth_max),
        }
    }

    /// Small enough that a runaway test ends in milliseconds.
    #[must_use]
    pub const fn for_tests() -> Self {
        Self {
            fuel_max: 50_000_000,
            memory_bytes_max: 16 << 20,
            wall_ms_max: 10_000,
            host_calls_max: 100,
            log_bytes_max: 16 << 10,
            reply_bytes_max: 1 << 20,
            call_depth_max: 32,
        }
    }
}

const _: () = assert!(Limits::for_tests().reply_bytes_max < Limits::for_tests().memory_bytes_max);

/// The name of a bound that stopped a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "api", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// [`Limits::fuel_max`]
    Fuel,
    /// [`Limits::memory_bytes_max`]
    Memory,
    /// [`Limits::wall_ms_max`]
    Wall,
    /// [`Limits::host_calls_max`]
    HostCalls,
    /// [`Limits::log_bytes_max`]
    LogBytes,
    /// [`Limits::reply_bytes_max`]
    ReplyBytes,
    /// [`Limits::call_depth_max`]
    CallDepth,
    /// The sandbox's machine stack: values nested too deep to walk or to free.
    Stack,
    /// The memory that all runs of the app, or of the server, may have together.
    SharedMemory,
}

impl Limit {
    /// All of them, for documentation and tests.
    pub const ALL: [Self; 9] = [
        Self::Fuel,
        Self::Memory,
        Self::Wall,
        Self::HostCalls,
        Self::LogBytes,
        Self::ReplyBytes,
        Self::CallDepth,
        Self::Stack,
        Self::SharedMemory,
    ];

    /// The stable word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fuel => "fuel",
            Self::Memory => "memory",
            Self::Wall => "wall",
            Self::HostCalls => "host_calls",
            Self::LogBytes => "log_bytes",
            Self::ReplyBytes => "reply_bytes",
            Self::CallDepth => "call_depth",
            Self::Stack => "stack",
            Self::SharedMemory => "shared_memory",
        }
    }

    /// What its numbers count.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Fuel => "units",
            Self::Memory | Self::LogBytes | Self::ReplyBytes | Self::Stack | Self::SharedMemory => "bytes",
            Self::Wall => "ms",
            Self::HostCalls => "calls",
            Self::CallDepth => "levels",
        }
    }
}

/// A stop: which bound, what was used (or asked for), what was allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
