//! How much is remembered, on disk and in memory.

use super::section::section;
use super::setting::number;

section! {
    /// Bounds on what is kept.
    #[derive(Debug, Clone, Copy)]
    pub struct HistoryConfig {
        /// What an app's executions and their logs may take in the database; the oldest go first, failures last.
        bytes_per_app: u64 = PICLOUD_HISTORY_BYTES_PER_APP number(16 << 20, 65_536..=1 << 40, "bytes");
        /// What an app's journals may take in the database, by which its runs can be run again; the oldest go first, failures last.
        journal_bytes_per_app: u64 = PICLOUD_JOURNAL_BYTES_PER_APP number(16 << 20, 0..=1 << 40, "bytes");
        /// What one run's journal may take before it is compressed; a run that was told more has none.
        journal_bytes_max: u32 = PICLOUD_JOURNAL_BYTES_MAX number(256 << 10, 1024..=64 << 20, "bytes");
        /// A longer body of a request is left out of the journal; a run that read it cannot be run again.
        journal_body_bytes_max: u32 = PICLOUD_JOURNAL_BODY_BYTES_MAX number(64 << 10, 0..=64 << 20, "bytes");
        /// What compiled scripts may take in memory, and compiled modules again; others are read again when asked for.
        program_cache_bytes: u64 = PICLOUD_PROGRAM_CACHE_BYTES number(64 << 20, 1 << 20..=1 << 40, "bytes");
        /// How many compiled modules are kept in memory, those of all apps together.
        module_cache_size: u64 = PICLOUD_MODULE_CACHE_SIZE number(512, 1..=1_000_000, "modules");
    }
}
