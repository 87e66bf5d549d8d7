//! Whom the runs of an app may call.

use std::sync::Arc;

use super::Outbound;
use super::allow::AllowList;
use super::request::Outgoing;
use super::trouble::Trouble;
use crate::ids::AppId;

/// Whom the runs of an app may call, and through what.
#[derive(Clone)]
pub struct Reach {
    /// What all apps call through.
    pub outbound: Arc<Outbound>,
    /// Whose runs they are.
    pub app: AppId,
    /// Whom the app may call.
    pub allowed: Arc<AllowList>,
    /// Whether only what asks is sent: nothing is to come of the run.
    pub dry: bool,
}

impl Reach {
    /// Whether the app may send `request` where it goes.
    pub(super) fn lets(&self, request: &Outgoing) -> Result<(), Trouble> {
        self.allowed.lets(&request.method, &request.target).map_err(|how| {
            let (method, host) = (&request.method, request.host());
            let why = format!("the app may not send {method} to {host}; allow it with: {how}");
            Trouble::new("not_allowed", why)
        })
    }
}
