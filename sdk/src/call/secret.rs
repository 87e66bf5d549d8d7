//! `secret::*`: what only the app's scripts are told.

super::questions! {
    Secret:
    /// The value of a secret of the app.
    Get {
        /// Which.
        name: &'a str,
    } -> &'static str, Read;
}
