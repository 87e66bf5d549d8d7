//! What a token may do.

use picloud_sdk::api::Role;

use crate::error::Result;
use crate::problem::{Code, Problem};

/// Refuses a role that is smaller than `least`.
pub(crate) fn at_least(role: Role, least: Role) -> Result<()> {
    if role >= least {
        return Ok(());
    }
    let message = format!(
        "this takes the role {}, the token has {}",
        least.as_str(),
        role.as_str()
    );
    Err(Problem::new(Code::Forbidden, message).into())
}
