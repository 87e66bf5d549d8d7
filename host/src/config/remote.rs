//! What the command line needs to talk to a server.

use super::section::section;
use super::setting::text;

section! {
    /// Where a server is, and what to show it.
    pub struct RemoteConfig {
        /// Address of the management API, for the command line.
        url: String = PICLOUD_URL text("http://127.0.0.1:8081");
        /// Token that the command line shows there.
        token: Option<String> = PICLOUD_TOKEN text("");
    }
}
