//! What can go wrong with what somebody asked for: a refusal that says why, or a failure of ours.

use serde_json::json;

use crate::problem::{Code, Problem};

/// What is answered with, or why not.
pub type Result<T> = std::result::Result<T, Error>;

/// A refusal for the client, or a failure of ours with its cause.
#[derive(Debug)]
pub enum Error {
    /// Told to the client as it is.
    Refused(Box<Problem>),
    /// The client is told that it is our fault; the cause is logged.
    Internal(anyhow::Error),
}

impl Error {
    /// No token, or none that is good for anything.
    pub(crate) fn unauthenticated(why: &str) -> Self {
        Problem::new(Code::Unauthenticated, why).into()
    }

    /// There is no such thing, or it is another app's.
    pub(crate) fn not_found(what: impl std::fmt::Display) -> Self {
        Problem::new(Code::NotFound, format!("there is no {what}")).into()
    }

    /// A field has a value that is not allowed.
    pub(crate) fn invalid(field: &str, problem: impl std::fmt::Display) -> Self {
        Problem::invalid(field, problem).into()
    }

    /// There may be no more of them.
    pub(crate) fn too_many(what: &str, allowed: usize) -> Self {
        Problem::new(
            Code::TooMany,
            format!("there may be {allowed} {what}, and there are; delete some first"),
        )
        .with(json!({ "allowed": allowed }))
        .into()
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Refused(Box::new(problem))
    }
}

impl From<anyhow::Error> for Error {
    fn from(cause: anyhow::Error) -> Self {
        Self::Internal(cause)
    }
}

impl From<sqlx::Error> for Error {
    fn from(cause: sqlx::Error) -> Self {
        Self::Internal(anyhow::Error::from(cause).context("a statement of the control plane"))
    }
}
