//! What a token may do.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::problem::{Code, Problem};

/// What a token may do in its app; each role may all that the smaller ones may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub enum Role {
    /// Reads everything but secrets.
    Viewer,
    /// Also saves and runs scripts, and sets routes.
    Deployer,
    /// Also changes and deletes the app, and gives out its tokens.
    Owner,
    /// Everything, in every app of the installation.
    Operator,
}

impl Role {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Deployer => "deployer",
            Self::Owner => "owner",
            Self::Operator => "operator",
        }
    }

    /// Refuses a smaller role.
    pub(crate) fn at_least(self, least: Self) -> Result<()> {
        if self >= least {
            return Ok(());
        }
        let message = format!(
            "this takes the role {}, the token has {}",
            least.as_str(),
            self.as_str()
        );
        Err(Problem::new(Code::Forbidden, message).into())
    }
}
