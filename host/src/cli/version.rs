//! `picloud version`: what this binary is.

use clap::Args;
use picloud_executor::Executor;
use picloud_sdk::{ABI_VERSION, SDK_VERSION};
use serde_json::json;

use super::{Done, say};

/// Print the version of this binary, of the script API, and of the guest inside.
#[derive(Debug, Args)]
pub(super) struct Version {}

impl Version {
    #[expect(clippy::unused_self, reason = "all commands start alike")]
    pub(super) fn run(self, json: bool) -> Done {
        let (version, guest) = (env!("CARGO_PKG_VERSION"), Executor::guest_hash());
        if json {
            say::json(
                &json!({ "version": version, "sdk_version": SDK_VERSION, "abi_version": ABI_VERSION, "guest": guest }),
            )
        } else {
            say::result(&format!("picloud {version} (script API {SDK_VERSION}, guest {guest})"))
        }
    }
}
