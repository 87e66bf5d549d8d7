//! Whom the runs of an app may call.

use std::sync::Arc;

use super::Outbound;
use super::allow::AllowList;
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
