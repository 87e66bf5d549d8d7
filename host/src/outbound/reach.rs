//! Whom the runs of an app may call.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue};

use super::Outbound;
use super::allow::AllowList;
use super::request::Outgoing;
use super::target::Target;
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
    /// What answers here, and how many hops it is told; nothing when nobody answers.
    pub here: Option<(Arc<dyn Here>, u32)>,
}

/// What this installation answers itself.
pub trait Here: Send + Sync {
    /// Whether a request for this path of this host comes back to it.
    fn answers(&self, host: &str, path: &str) -> bool;
}

/// How often events have set each other off, this request included. Whoever runs in circles over HTTP is stopped by it.
static HOPS: HeaderName = HeaderName::from_static("picloud-hops");

impl Reach {
    /// Says in the headers of a request for `target` that it is one more hop, when it comes back here.
    pub(super) fn count_hop(&self, target: &Target, headers: &mut HeaderMap) {
        if let Some((here, hops)) = &self.here
            && here.answers(&target.name(), target.path())
        {
            headers.insert(&HOPS, HeaderValue::from(*hops));
        }
    }

    /// Whether the app may send `request` where it goes.
    pub(super) fn lets(&self, request: &Outgoing) -> Result<(), Trouble> {
        self.allowed.lets(&request.method, &request.target).map_err(|how| {
            let (method, host) = (&request.method, request.host());
            let why = format!("the app may not send {method} to {host}; allow it with: {how}");
            Trouble::new("not_allowed", why)
        })
    }
}
