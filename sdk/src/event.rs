//! One thing that happened, on its way into a sandbox.

use serde::{Deserialize, Serialize};

use crate::words::words;

/// All that a runner guest is given: the program, who and when, and what happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invocation<'a> {
    /// The version's bytecode, as the compiler guest made it.
    pub program: &'a [u8],
    /// What it may import, directly or through another: nothing else is there.
    #[serde(borrow)]
    pub modules: Vec<LinkedModule<'a>>,
    /// Whose run this is; the script's `ctx`.
    #[serde(borrow)]
    pub context: Context<'a>,
    /// An encoded [`Event`]: decoded only when the script looks at it.
    pub event: &'a [u8],
    /// How deep script functions may call each other.
    pub call_depth_max: u32,
    /// Larger replies are refused in the guest already, so that they are not built twice.
    pub reply_bytes_max: u32,
}

/// A module of the same app that a version was linked with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkedModule<'a> {
    /// As `import` names it.
    pub name: &'a str,
    /// Its bytecode, whole or in parts; none when it is imported and nothing of it is used.
    #[serde(borrow)]
    pub parts: Vec<&'a [u8]>,
}

/// Whose run this is. The host decides all of it; a script only reads it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Context<'a> {
    /// The app's name.
    pub app: &'a str,
    /// The script's name.
    pub script: &'a str,
    /// The version's number, counted per script from 1; 0 for a draft.
    pub version: u32,
    /// The execution's id.
    pub execution: &'a str,
    /// 1 for the first try at this event.
    pub attempt: u32,
    /// The trace id (W3C, 32 hex digits) this run belongs to.
    pub trace: &'a str,
    /// When the event arrived, in milliseconds since 1970. The sandbox's clock stands still there.
    pub now_ms: i64,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event<'a> {
    /// Somebody asked over HTTP; the script's `req`.
    #[serde(borrow)]
    Http(HttpRequest<'a>),
    /// Something was sent, or is due; the script's `event`.
    Message(Message<'a>),
    /// Several that were sent to one queue, two at least; the body is an array of what was sent in each.
    Messages(Vec<Message<'a>>),
    /// Another script wants this one's value, and waits for it; the script's `event`, too.
    Call(Call<'a>),
}

/// A call of a script by another without its body, which is a kept value and crosses only when asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call<'a> {
    /// The name of the script that calls.
    pub from: &'a str,
}

words! {
    /// Where a message is from.
    #[derive(PartialOrd, Ord, Hash)]
    pub enum Source {
        /// A queue, which somebody sent it to.
        Queue = "queue",
        /// A schedule that was due.
        Schedule = "schedule",
        /// A topic that is subscribed to.
        Subscription = "subscription",
        /// A key or a document that was written.
        Change = "change",
        /// A run that wanted another one later.
        Later = "later",
        /// A request that a run sends when it has ended well.
        Outbox = "outbox",
        /// A request that was accepted, and is answered later.
        Request = "request",
    }
}

/// A message without its body, which is a kept value and crosses only when asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message<'a> {
    /// Where it is from.
    pub source: Source,
    /// The name of the queue, schedule, subscription or change; the script's own when it is run later; of a request, host and
    /// port.
    pub name: &'a str,
    /// Names it, at whatever attempt.
    pub id: &'a str,
    /// 1 when it is handed out first.
    pub attempt: u32,
    /// When it was to be handed out, in milliseconds since 1970.
    pub due_ms: i64,
    /// When it was sent, in milliseconds since 1970.
    pub sent_ms: i64,
    /// Messages of one key are handed out one after another.
    #[serde(borrow)]
    pub key: Option<&'a str>,
}

/// An HTTP request without its body, which crosses only when asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct HttpRequest<'a> {
    /// `GET`, `POST`, ...
    pub method: &'a str,
    /// Host and port as the client named them.
    pub host: &'a str,
    /// The path below the app's root, percent-encoded as it came, starting with `/`.
    pub path: &'a str,
    /// The raw query without `?`; empty when there is none.
    pub query: &'a str,
    /// Parameters of the matched route, percent-decoded, in the pattern's order.
    #[serde(borrow)]
    pub params: Vec<(&'a str, &'a str)>,
    /// End-to-end headers in order, names in lower case; values are bytes.
    #[serde(borrow)]
    pub headers: Vec<(&'a str, &'a [u8])>,
    /// The client's address as far as the installation can tell.
    pub client_ip: &'a str,
    /// Bytes of the body, known without fetching it.
    pub body_bytes: u32,
}
