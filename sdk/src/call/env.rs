//! `env::*`: plain settings of the app.

super::questions! {
    Env:
    /// The value of a setting of the app, if it is set.
    Get {
        /// Which.
        name: &'a str,
    } -> Option<&'static str>, Read;
}
