//! What scripts are for.

use crate::words::words;

words! {
    /// What a script is for.
    #[derive(Default)]
    pub enum Kind {
        /// It answers events.
        #[default]
        Endpoint = "endpoint",
        /// Other scripts of its app import it.
        Module = "module",
    }
}
