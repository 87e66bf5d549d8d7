//! How much is remembered, on disk and in memory.

use super::section::section;
use super::setting::number;

section! {
    /// Bounds on what is kept.
    #[derive(Debug, Clone, Copy)]
    pub struct HistoryConfig {
        /// What an app's executions and their logs may take in the database; the oldest go first, failures last.
        bytes_per_app: u64 = PICLOUD_HISTORY_BYTES_PER_APP number(16 << 20, 65_536..=1 << 40, "bytes");
        /// What compiled scripts may take in memory, and compiled modules again; others are read again when asked for.
        program_cache_bytes: u64 = PICLOUD_PROGRAM_CACHE_BYTES number(64 << 20, 1 << 20..=1 << 40, "bytes");
        /// How many compiled modules are kept in memory, those of all apps together.
        module_cache_size: u64 = PICLOUD_MODULE_CACHE_SIZE number(512, 1..=1_000_000, "modules");
    }
}
