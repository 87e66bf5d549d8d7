//! What hashing a password takes.

use picloud_sdk::call::crypto::{PASSWORD_KIB_MAX, PASSWORD_WORK_MAX, PasswordCost};

use super::section::section;
use super::setting::number;

/// With the most memory a hash takes as many passes at most.
const PASSES_MAX: u32 = PASSWORD_WORK_MAX / PASSWORD_KIB_MAX;

section! {
    /// The cost of Argon2id for new hashes.
    #[derive(Debug, Clone, Copy)]
    pub struct PasswordConfig {
        /// Memory that hashing a password takes; two are hashed at once. A run pays 4,500 units of fuel for each KiB and pass.
        memory_kib: u32 = PICLOUD_PASSWORD_MEMORY_KIB number(19_456, 4096..=PASSWORD_KIB_MAX as u64, "KiB");
        /// How often it is gone over.
        passes: u32 = PICLOUD_PASSWORD_PASSES number(2, 1..=PASSES_MAX as u64, "passes");
    }
}

impl PasswordConfig {
    /// For whoever asks.
    #[must_use]
    pub const fn cost(self) -> PasswordCost {
        let Self { memory_kib, passes } = self;
        PasswordCost { memory_kib, passes }
    }
}
