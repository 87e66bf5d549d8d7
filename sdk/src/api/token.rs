//! Tokens: who may manage one app, and who the installation.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Time;
use crate::words::words;

words! {
    /// What a token may do in its app; each role may all that the smaller ones may.
    #[derive(PartialOrd, Ord)]
    pub enum Role {
        /// Reads everything but secrets.
        Viewer = "viewer",
        /// Also saves and runs scripts, and sets routes.
        Deployer = "deployer",
        /// Also changes and deletes the app, and gives out its tokens.
        Owner = "owner",
        /// Everything, in every app of the installation.
        Operator = "operator",
    }
}

/// A token, without its secret.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Token {
    /// Its id.
    #[schema(pattern = "^tok_[0-9a-f]{32}$")]
    pub id: String,
    /// The characters after `pic_` by which its holder can tell it.
    pub handle: String,
    /// What it is for, in its maker's words.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// When it was made.
    pub created_at: Time,
    /// From when on it is refused; `null` for never.
    pub expires_at: Option<Time>,
}

/// A token that was just made.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct NewTokenMade {
    /// The token.
    #[serde(flatten)]
    pub token: Token,
    /// `pic_…`: send it as `Authorization: Bearer`. It is shown only here.
    pub secret: String,
}

/// A token to be made for an app.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// What it is for; 1 to 100 characters.
    pub name: String,
    /// `viewer`, `deployer` or `owner`.
    pub role: Role,
    /// From when on it is refused; never when left out.
    pub expires_at: Option<Time>,
}

/// A token to be made for an operator.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOperatorToken {
    /// What it is for; 1 to 100 characters.
    pub name: String,
    /// From when on it is refused; never when left out.
    pub expires_at: Option<Time>,
}
