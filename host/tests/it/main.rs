//! The host's one integration test binary.

mod tidy;
