//! What the operator may set: one section per file, read once at start from the environment.

mod bind;
mod env;
mod history;
mod http;
mod limits;
mod machine;
mod remote;
mod runs;
mod store;
mod trust;

pub use bind::BindConfig;
pub use env::{Env, Kind, Setting};
pub use history::HistoryConfig;
pub use http::HttpConfig;
pub use limits::LimitsConfig;
pub use remote::RemoteConfig;
pub use runs::RunsConfig;
pub use store::StoreConfig;
pub use trust::{Network, TrustedProxies};

/// All settings, read and checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where it listens and what it is called.
    pub bind: BindConfig,
    /// Where it keeps things.
    pub store: StoreConfig,
    /// What one run may use.
    pub limits: LimitsConfig,
    /// How many runs at once.
    pub runs: RunsConfig,
    /// What a client may send.
    pub http: HttpConfig,
    /// How much is remembered.
    pub history: HistoryConfig,
    /// What the server itself logs: a `tracing` filter such as `info` or `picloud=debug`.
    pub log: String,
}

const LOG: Setting = Setting::text(
    "PICLOUD_LOG",
    "info",
    "What the server logs about itself: `error`, `warn`, `info`, `debug` or a `tracing` filter.",
);

impl Config {
    /// Reads every setting through `env`.
    ///
    /// # Errors
    /// At the first one that cannot be used; the message names the variable, its value and what would do.
    pub fn from_env(env: &Env<'_>) -> anyhow::Result<Self> {
        let config = Self {
            bind: BindConfig::from_env(env)?,
            store: StoreConfig::from_env(env)?,
            limits: LimitsConfig::from_env(env)?,
            runs: RunsConfig::from_env(env)?,
            http: HttpConfig::from_env(env)?,
            history: HistoryConfig::from_env(env)?,
            log: env.text(&LOG),
        };
        Ok(config)
    }
}

/// Every setting there is, in the order of the documentation.
pub const SETTINGS: &[Setting] = &[
    bind::BIND,
    bind::ADMIN_BIND,
    bind::BASE_DOMAIN,
    trust::TRUSTED_PROXIES,
    store::DATA,
    store::DATABASE_URL,
    limits::FUEL_MAX,
    limits::MEMORY_BYTES_MAX,
    limits::WALL_MS_MAX,
    limits::HOST_CALLS_MAX,
    limits::LOG_BYTES_MAX,
    limits::REPLY_BYTES_MAX,
    limits::CALL_DEPTH_MAX,
    limits::SOURCE_BYTES_MAX,
    limits::MODULE_DEPTH_MAX,
    runs::RUNS_MAX,
    runs::RUNS_PER_APP_MAX,
    runs::RUN_MEMORY_BYTES_MAX,
    runs::DRAIN_MS_MAX,
    http::BODY_BYTES_MAX,
    http::BODIES_BYTES_MAX,
    http::BODY_MS_MAX,
    http::HEADER_BYTES_MAX,
    http::HEADERS_MAX,
    http::HEADER_MS_MAX,
    http::CONNECTIONS_MAX,
    history::HISTORY_BYTES_PER_APP,
    history::PROGRAM_CACHE_BYTES,
    history::MODULE_CACHE_SIZE,
    LOG,
];

/// What the command line reads besides.
pub const REMOTE_SETTINGS: &[Setting] = &[remote::URL, remote::TOKEN];

/// What the names of all settings start with.
const PREFIX: &str = "PICLOUD_";

/// Those of `names` that look like settings and are none: a word of warning each.
pub fn unknown(names: impl IntoIterator<Item = String>) -> Vec<String> {
    let known = || SETTINGS.iter().chain(REMOTE_SETTINGS).map(|setting| setting.name);
    let unknown = names
        .into_iter()
        .filter(|name| name.starts_with(PREFIX) && known().all(|known| known != name));
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
        let mut names: Vec<_> = SETTINGS.iter().map(|setting| setting.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), SETTINGS.len());
        for setting in SETTINGS {
            if let Kind::Number { min, max } = setting.kind {
                let default: u64 = setting.default.parse().expect(setting.name);
                assert!((min..=max).contains(&default), "{}", setting.name);
            }
        }
    }
}
