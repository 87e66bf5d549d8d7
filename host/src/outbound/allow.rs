//! Whom an app may call.

use std::fmt;
use std::sync::Arc;

use http::Method;
use picloud_sdk::api::HostPattern;

use super::target::Target;

/// Whom an app may call. Nobody, unless somebody allowed it.
#[derive(Debug, Default)]
pub struct AllowList {
    hosts: Vec<Allowed>,
    hint: Hint,
}

/// A host that may be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    /// Which.
    pub host: HostPattern,
    /// With which methods; all, if there are none.
    pub methods: Vec<String>,
}

/// How somebody would allow more.
#[derive(Debug, Clone, Default)]
pub enum Hint {
    /// By the options of `picloud run`.
    #[default]
    Run,
    /// For this app.
    App(Arc<str>),
}

impl AllowList {
    /// Of these hosts.
    #[must_use]
    pub const fn new(hosts: Vec<Allowed>, hint: Hint) -> Self {
        Self { hosts, hint }
    }

    /// Whether `method` may be sent there; else the command that would allow it.
    pub(super) fn lets(&self, method: &Method, target: &Target) -> Result<(), HowTo<'_>> {
        let of_host = || self.hosts.iter().filter(|allowed| target.is_of(&allowed.host));
        let allows = |allowed: &Allowed| {
            allowed.methods.is_empty() || allowed.methods.iter().any(|name| method == name.as_str())
        };
        if of_host().any(allows) {
            return Ok(());
        }
        // What is allowed of that host already stays so.
        let exact = of_host().find(|allowed| target.is_exactly(&allowed.host));
        let host = exact.map_or_else(|| target.authority(), |allowed| allowed.host.to_string());
        let mut methods: Vec<String> = exact.map(|allowed| allowed.methods.clone()).unwrap_or_default();
        if !methods.is_empty() {
            methods.push(method.to_string());
        }
        Err(HowTo {
            host,
            methods,
            hint: &self.hint,
        })
    }
}

/// The command that would allow it.
#[derive(Debug)]
pub(super) struct HowTo<'a> {
    host: String,
    methods: Vec<String>,
    hint: &'a Hint,
}

impl fmt::Display for HowTo<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = if self.host.contains(['*', '[']) {
            format!("'{}'", self.host)
        } else {
            self.host.clone()
        };
        match self.hint {
            Hint::Run => write!(f, "picloud run --allow-net={host}"),
            Hint::App(app) => {
                write!(f, "picloud allow add {host}")?;
                for method in &self.methods {
                    write!(f, " --method {method}")?;
                }
                write!(f, " --app {app}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> AllowList {
        let hosts: [(&str, &[&str]); 6] = [
            ("api.example.com", &[]),
            ("*.example.org", &[]),
            ("example.net:8443", &[]),
            ("hooks.example.net", &["POST"]),
            ("8.8.8.8", &[]),
            ("[2606:4700::1]:443", &[]),
        ];
        let hosts = hosts.iter().map(|(host, methods)| Allowed {
            host: host.parse().expect(host),
            methods: methods.iter().map(|method| (*method).to_owned()).collect(),
        });
        AllowList::new(hosts.collect(), Hint::App("shop".into()))
    }

    fn refused(list: &AllowList, method: &str, url: &str) -> Option<String> {
        let target = Target::parse(url).expect(url);
        list.lets(&method.parse().unwrap(), &target)
            .err()
            .map(|how| how.to_string())
    }

    #[test]
    fn hosts_are_allowed_by_name_subdomain_port_and_method() {
        let list = some();
        for (method, url) in [
            ("GET", "https://api.example.com/"),
            ("POST", "http://API.Example.com.:81/a?b#c"),
            ("GET", "https://a.example.org/"),
            ("GET", "https://a.b.example.org/"),
            ("GET", "https://example.net:8443/"),
            ("POST", "https://hooks.example.net/"),
            ("GET", "http://0x08080808/"),
            ("GET", "https://[2606:4700:0::1]/"),
        ] {
            assert_eq!(refused(&list, method, url), None, "{method} {url}");
        }
    }

    #[test]
    fn whoever_is_refused_is_told_the_command_that_allows_it() {
        let list = some();
        for (method, url, how) in [
            (
                "GET",
                "https://example.com/",
                "picloud allow add example.com --app shop",
            ),
            (
                "GET",
                "https://xapi.example.com/",
                "picloud allow add xapi.example.com --app shop",
            ),
            (
                "GET",
                "https://example.org/",
                "picloud allow add example.org --app shop",
            ),
            (
                "GET",
                "https://badexample.org/",
                "picloud allow add badexample.org --app shop",
            ),
            (
                "GET",
                "https://example.net/",
                "picloud allow add example.net --app shop",
            ),
            (
                "GET",
                "https://example.net:9443/",
                "picloud allow add example.net:9443 --app shop",
            ),
            (
                "GET",
                "https://hooks.example.net/",
                "picloud allow add hooks.example.net --method POST --method GET --app shop",
            ),
            (
                "GET",
                "https://api.example.com@evil.example/",
                "picloud allow add evil.example --app shop",
            ),
            (
                "GET",
                "https://[2606:4700::2]/",
                "picloud allow add '[2606:4700::2]' --app shop",
            ),
        ] {
            assert_eq!(refused(&list, method, url).as_deref(), Some(how), "{method} {url}");
        }
    }

    #[test]
    fn nothing_is_allowed_unless_somebody_did() {
        let list = AllowList::default();
        assert_eq!(
            refused(&list, "GET", "https://example.com/").as_deref(),
            Some("picloud run --allow-net=example.com")
        );
    }
}
