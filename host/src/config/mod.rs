//! What the operator may set: one section per file, read once at start from the environment.

mod asynchronous;
mod bind;
mod data;
mod env;
mod history;
mod http;
mod idempotency;
mod limits;
mod machine;
mod outbound;
mod passwords;
mod remote;
mod runs;
mod section;
mod setting;
mod store;
mod trust;

pub use asynchronous::AsyncConfig;
pub use bind::{BindConfig, HostNames};
pub use data::DataConfig;
pub use env::Env;
pub use history::HistoryConfig;
pub use http::HttpConfig;
pub use idempotency::IdempotencyConfig;
pub use limits::LimitsConfig;
pub use outbound::{DnsServers, Networks, OutboundConfig, Proxy};
pub use passwords::PasswordConfig;
pub use remote::RemoteConfig;
pub use runs::RunsConfig;
use section::{Section, section};
use setting::text;
pub use setting::{Kind, Setting};
pub use store::StoreConfig;
pub use trust::TrustedProxies;

section! {
    /// All settings, read and checked.
    #[derive(Debug, Clone)]
    pub struct Config {
        sections {
            /// Where it listens and what it is called.
            bind: BindConfig;
            /// Where it keeps things.
            store: StoreConfig;
            /// What one run may use.
            limits: LimitsConfig;
            /// How many runs at once.
            runs: RunsConfig;
            /// What a client may send.
            http: HttpConfig;
            /// How much is remembered.
            history: HistoryConfig;
            /// How much scripts may keep.
            data: DataConfig;
            /// What is kept of requests that may be sent again.
            idempotency: IdempotencyConfig;
            /// How many requests may be answered later.
            asynchronous: AsyncConfig;
            /// Whom scripts may call.
            outbound: OutboundConfig;
            /// What hashing a password takes.
            passwords: PasswordConfig;
        }
        /// What the server logs about itself: `error`, `warn`, `info`, `debug` or a `tracing` filter.
        log: String = PICLOUD_LOG text("info");
    }
    then Self::roomy
}

impl Config {
    /// Reads every setting through `env`.
    ///
    /// # Errors
    /// At the first one that cannot be used; the message names the variable, its value and what would do.
    pub fn from_env(env: &Env<'_>) -> anyhow::Result<Self> {
        Section::from_env(env)
    }

    fn roomy(self, env: &Env<'_>) -> anyhow::Result<Self> {
        let http = self.http.roomy(env, self.limits.run.reply_bytes_max)?;
        Ok(Self { http, ..self })
    }
}

impl RemoteConfig {
    /// Reads both through `env`.
    ///
    /// # Errors
    /// None: any text will do.
    pub fn from_env(env: &Env<'_>) -> anyhow::Result<Self> {
        Section::from_env(env)
    }
}

/// Every setting there is, in the order of the documentation.
#[must_use]
pub fn settings() -> Vec<Setting> {
    Config::settings()
}

/// What the command line reads besides.
#[must_use]
pub fn remote_settings() -> Vec<Setting> {
    RemoteConfig::settings()
}

/// What the names of all settings start with.
const PREFIX: &str = "PICLOUD_";

/// Those of `names` that look like settings and are none: a word of warning each.
pub fn unknown(names: impl IntoIterator<Item = String>) -> Vec<String> {
    let known = [settings(), remote_settings()].concat();
    let unknown = names
        .into_iter()
        .filter(|name| name.starts_with(PREFIX) && known.iter().all(|known| known.name != name));
    let mut unknown: Vec<String> = unknown.collect();
    unknown.sort_unstable();
    unknown
        .into_iter()
        .map(|name| format!("{name} is set, and is no setting; docs/settings.md and docs/cli.md list those there are"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(set: &[(&str, &str)]) -> anyhow::Result<Config> {
        let lookup = |name: &str| {
            set.iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        };
        Config::from_env(&Env::new(&lookup))
    }

    #[test]
    fn nothing_set_gives_the_documented_defaults() {
        let config = read(&[]).unwrap();
        assert_eq!(config.bind.ingress.to_string(), "0.0.0.0:8080");
        assert_eq!(config.bind.admin.to_string(), "127.0.0.1:8081");
        assert_eq!(config.limits.run.fuel_max, 1_000_000_000);
        assert_eq!(config.http.body_bytes_max, 10 << 20);
        assert!(config.store.database_url.is_none());
    }

    #[test]
    fn a_bad_value_is_refused_naming_the_variable() {
        for (name, value, says) in [
            (
                "PICLOUD_RUNS_MAX",
                "many",
                "PICLOUD_RUNS_MAX=\"many\" is not a whole number",
            ),
            (
                "PICLOUD_RUNS_MAX",
                "0",
                "PICLOUD_RUNS_MAX=\"0\" is out of bounds: 1 to 4096 runs",
            ),
            (
                "PICLOUD_BIND",
                "here",
                "PICLOUD_BIND=\"here\" is not an address such as 0.0.0.0:8080",
            ),
            (
                "PICLOUD_TRUSTED_PROXIES",
                "10.0.0.0/33",
                "PICLOUD_TRUSTED_PROXIES: 10.0.0.0/33",
            ),
            ("PICLOUD_BASE_DOMAIN", "no host", "PICLOUD_BASE_DOMAIN=\"no host\""),
            (
                "PICLOUD_DATABASE_URL",
                "mysql://x",
                "PICLOUD_DATABASE_URL: only postgres://",
            ),
            (
                "PICLOUD_BODIES_BYTES_MAX",
                "10000000",
                "PICLOUD_BODIES_BYTES_MAX=10000000 is less than PICLOUD_BODY_BYTES_MAX=10485760",
            ),
            (
                "PICLOUD_RUNS_PER_APP_MAX",
                "65",
                "PICLOUD_RUNS_PER_APP_MAX=\"65\" is more than PICLOUD_RUNS_MAX=64",
            ),
        ] {
            let error = read(&[(name, value)]).expect_err(name).to_string();
            assert!(error.contains(says), "{error}");
        }
    }

    #[test]
    fn an_empty_value_is_as_good_as_none() {
        let config = read(&[("PICLOUD_RUNS_MAX", ""), ("PICLOUD_DATABASE_URL", " ")]).unwrap();
        assert_eq!(config.runs.runs_max, 64);
        assert!(config.store.database_url.is_none());
    }

    #[test]
    fn what_looks_like_a_setting_and_is_none_is_warned_of() {
        let names = [
            "PICLOUD_RUN_MAX",
            "PICLOUD_RUNS_MAX",
            "PICLOUD_TOKEN",
            "PATH",
            "picloud_x",
            "PICLOUD_",
        ];
        let unknown = unknown(names.map(str::to_owned));
        let words: Vec<_> = unknown.iter().filter_map(|line| line.split(' ').next()).collect();
        assert_eq!(words, ["PICLOUD_", "PICLOUD_RUN_MAX"]);
    }

    #[test]
    fn every_setting_has_one_name_and_a_default_within_its_bounds() {
        let settings = settings();
        let mut names: Vec<_> = settings.iter().map(|setting| setting.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), settings.len());
        for Setting { name, kind, .. } in settings {
            if let Kind::Number { default, min, max, .. } = kind {
                assert!((min..=max).contains(&default), "{name}");
            }
        }
    }

    #[test]
    fn the_largest_and_the_smallest_values_are_taken() {
        for Setting { name, kind, .. } in settings() {
            let Kind::Number { min, max, .. } = kind else { continue };
            for value in [min, max] {
                // An app has no more places than there are, and one body and one reply fit the memory for all.
                let value = value.to_string();
                let set = [
                    (name, value.as_str()),
                    ("PICLOUD_RUNS_MAX", "4096"),
                    ("PICLOUD_BODY_BYTES_MAX", "0"),
                    ("PICLOUD_REPLY_BYTES_MAX", "1024"),
                ];
                read(&set).expect(name);
            }
        }
    }
}
