//! How much scripts may keep, and how much of it one run may touch.

use super::section::section;
use super::setting::number;

section! {
    /// Bounds on what apps keep.
    #[derive(Debug, Clone, Copy)]
    pub struct DataConfig {
        /// What an app may keep: keys, documents and their indexes, and replies for repeated requests.
        bytes_per_app: u64 = PICLOUD_DATA_BYTES_PER_APP number(1 << 30, 4096..=1 << 50, "bytes");
        /// How many entries that may be; a document has one, and one in each index.
        keys_per_app: u64 = PICLOUD_DATA_KEYS_PER_APP number(10_000_000, 1..=1 << 40, "keys");
        /// A value, or a document.
        value_bytes_max: u32 = PICLOUD_VALUE_BYTES_MAX number(1 << 20, 1024..=64 << 20, "bytes");
        /// Entries that one run may read.
        reads_max: u32 = PICLOUD_READS_PER_RUN_MAX number(20_000, 1..=100_000_000, "entries");
        /// What they may come to.
        read_bytes_max: u64 = PICLOUD_READ_BYTES_PER_RUN_MAX number(32 << 20, 1024..=1 << 40, "bytes");
        /// Documents that one `docs::find` or `docs::count` may look at.
        looked_at_max: u32 = PICLOUD_LOOKED_AT_MAX number(10_000, 100..=100_000_000, "documents");
        /// Entries that one run may write.
        writes_max: u32 = PICLOUD_WRITES_PER_RUN_MAX number(5_000, 1..=1_000_000, "entries");
        /// What they may come to.
        write_bytes_max: u64 = PICLOUD_WRITE_BYTES_PER_RUN_MAX number(8 << 20, 1024..=1 << 30, "bytes");
        /// Messages that one run may send; what they come to counts as `PICLOUD_WRITE_BYTES_PER_RUN_MAX` does.
        messages_max: u32 = PICLOUD_MESSAGES_PER_RUN_MAX number(1_000, 0..=100_000, "messages");
        /// Messages of an app that wait or are dead letters.
        messages_per_app: u64 = PICLOUD_MESSAGES_PER_APP number(2_000_000, 0..=1 << 40, "messages");
        /// What they may come to.
        message_bytes_per_app: u64 = PICLOUD_MESSAGE_BYTES_PER_APP number(1 << 30, 0..=1 << 50, "bytes");
        /// How long dead letters are kept.
        dead_letters_kept_s: u32 = PICLOUD_DEAD_LETTERS_KEPT_S number(30 * 86_400, 60..=10 * 366 * 86_400, "seconds");
        /// What checking documents by the schemas of their collections may take in one run; a million are some milliseconds.
        check_steps_max: u64 = PICLOUD_CHECK_STEPS_PER_RUN_MAX number(250_000_000, 1_000_000..=1 << 40, "steps");
        /// What is kept in memory of what was read or written lately, of all apps.
        cache_bytes: u64 = PICLOUD_DATA_CACHE_BYTES number(32 << 20, 0..=1 << 40, "bytes");
    }
}
