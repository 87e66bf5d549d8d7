//! `picloud version`: what this binary is.

use clap::Args;
use picloud_executor::Executor;
use picloud_sdk::{ABI_VERSION, SDK_VERSION};
use serde_json::{Map, json};

use super::{Done, say};

/// The commit it was built from, which `make build` says.
const COMMIT: Option<&str> = option_env!("BUILD_COMMIT");

/// Print the version of this binary, of the script API, and of the guests inside.
#[derive(Debug, Args)]
pub(super) struct Version {}

impl Version {
    #[expect(clippy::unused_self, reason = "all commands start alike")]
    pub(super) fn run(self, json: bool) -> Done {
        let (version, commit) = (env!("CARGO_PKG_VERSION"), COMMIT.filter(|commit| !commit.is_empty()));
        if json {
            let guests: Map<_, _> = Executor::guests()
                .map(|(name, hash)| (name.to_owned(), hash.into()))
                .collect();
            return say::json(&json!({
                "version": version,
                "commit": commit,
                "sdk_version": SDK_VERSION,
                "abi_version": ABI_VERSION,
                "guest": Executor::guest_hash(),
                "guests": guests,
            }));
        }
        let commit = commit.map(|commit| format!("commit {commit}, ")).unwrap_or_default();
        let guest = Executor::guest_hash();
        say::result(&format!(
            "picloud {version} ({commit}script API {SDK_VERSION}, guest {guest})"
        ))
    }
}
