//! `invoke::*`: another script of the app.

use super::queue::Message;

super::questions! {
    Invoke:
    /// Runs it later, when this run ends well.
    Later {
        /// Which script.
        script: &'a str,
        /// What it is handed.
        #[serde(borrow)]
        message: Message<'a>,
        /// Not before this time, in milliseconds since 1970.
        at_ms: Option<i64>,
    } -> (), Write;
}
