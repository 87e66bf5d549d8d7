//! `http::*`: requests to other services.

use serde::{Deserialize, Serialize};

use super::queue::Message;

super::questions! {
    Http:
    /// Sends requests, side by side.
    Send {
        /// What to send; one at least.
        #[serde(borrow)]
        requests: Vec<Request<'a>>,
    } -> Vec<Response<'static>>, External;
    /// Sends a request when the run has ended well.
    Later {
        /// What to send.
        #[serde(borrow)]
        request: Request<'a>,
        /// When and how often; its body is empty.
        #[serde(borrow)]
        message: Message<'a>,
    } -> (), Write;
}

/// One request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request<'a> {
    /// In upper case.
    pub method: &'a str,
    /// Where to; `http` or `https`.
    pub url: &'a str,
    /// In order; a name may come several times.
    #[serde(borrow)]
    pub headers: Vec<(&'a str, &'a str)>,
    /// What is sent with it.
    pub body: &'a [u8],
    /// How long it may take in all; the host's default when left out.
    pub timeout_ms: Option<u32>,
    /// How many redirects are followed.
    pub redirects: u8,
    /// How often it is sent again when that is safe and may help.
    pub retries: u8,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response<'a> {
    /// 200 to 999.
    pub status: u16,
    /// Where it came from, after redirects.
    pub url: &'a str,
    /// In order, names in lower case.
    #[serde(borrow)]
    pub headers: Vec<(&'a str, &'a [u8])>,
    /// The body, decompressed.
    pub body: &'a [u8],
}

/// Redirects that are followed when nobody says how many.
pub const REDIRECTS_DEFAULT: u8 = 5;
/// Most that anybody may say.
pub const REDIRECTS_MAX: u8 = 10;
/// Most times that a request is sent again.
pub const RETRIES_MAX: u8 = 3;
