//! Why a text is no schedule.

/// Why a text is no schedule: a sentence for its author.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct Invalid {
    field: &'static str,
    problem: String,
}

impl Invalid {
    pub(super) const fn expression(problem: String) -> Self {
        Self { field: "when", problem }
    }

    pub(super) const fn zone(problem: String) -> Self {
        Self { field: "zone", problem }
    }

    /// What is wrong, as the API calls it: `when` or `zone`.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        self.field
    }
}
