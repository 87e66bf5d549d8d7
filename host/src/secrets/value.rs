//! A secret's value in memory.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

/// The value of a secret. It says nothing of itself in a log, and is wiped when nobody has it any more.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<Zeroizing<String>>);

impl Secret {
    /// This text.
    #[must_use]
    pub fn new(value: String) -> Self {
        Self(Arc::new(Zeroizing::new(value)))
    }

    /// The text itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// As it stands inside a text of JSON.
    pub(super) fn in_json(&self) -> Self {
        let quoted = Zeroizing::new(serde_json::to_string(self.reveal()).unwrap_or_default());
        let inner = quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        Self::new(inner.unwrap_or_default().to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
