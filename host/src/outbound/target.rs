//! Where a request goes.

use http::Uri;
use picloud_sdk::api::{HostName, HostPattern};
use url::{Host, Url};

use super::trouble::Trouble;

/// Where a request goes: an absolute URL of `http` or `https`, without user and fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    url: Url,
    host: Host<String>,
    port: u16,
    user: Option<(String, Option<String>)>,
}

impl Target {
    /// Of a URL as a script wrote it. Addresses in any notation are addresses afterwards.
    pub(super) fn parse(text: &str) -> Result<Self, Trouble> {
        Url::parse(text).map_or_else(|error| Err(bad(&error.to_string())), Self::of)
    }

    /// Where a redirect from here leads to.
    pub(super) fn redirected(&self, location: &str) -> Result<Self, Trouble> {
        match self.url.join(location) {
            Ok(url) => Self::of(url),
            Err(error) => Err(bad(&error.to_string())),
        }
    }

    fn of(mut url: Url) -> Result<Self, Trouble> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(bad("http:// and https:// are called"));
        }
        let host = match url.host() {
            Some(Host::Domain(name)) => Host::Domain(name.trim_end_matches('.').to_owned()),
            Some(Host::Ipv4(address)) => Host::Ipv4(address),
            Some(Host::Ipv6(address)) => Host::Ipv6(address),
            None => return Err(bad("there is no host")),
        };
        if matches!(&host, Host::Domain(name) if name.is_empty() || name.len() > 253) {
            return Err(bad("there is no such host"));
        }
        let port = url.port_or_known_default().filter(|port| *port > 0);
        let Some(port) = port else {
            return Err(bad("there is no such port"));
        };
        let user = (!url.username().is_empty() || url.password().is_some())
            .then(|| (decoded(url.username()), url.password().map(decoded)));
        let plain = url.set_username("").and_then(|()| url.set_password(None));
        if plain.is_err() || url.set_host(Some(&host.to_string())).is_err() {
            return Err(bad("there is no such host"));
        }
        url.set_fragment(None);
        let target = Self { url, host, port, user };
        // What no list could name is called by nobody, and stands in no advice.
        if target.authority().parse::<HostPattern>().is_err() {
            return Err(bad("there is no such host"));
        }
        Ok(target)
    }

    /// The host, with the port if that is not the scheme's own.
    pub(super) fn authority(&self) -> String {
        self.url
            .port()
            .map_or_else(|| self.host.to_string(), |port| format!("{}:{port}", self.host))
    }

    /// The same with the port in any case.
    pub(super) fn host_and_port(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// The host alone.
    pub(super) fn name(&self) -> String {
        self.host.to_string()
    }

    /// The path.
    pub(super) fn path(&self) -> &str {
        self.url.path()
    }

    /// Name and password for it that stood in the URL.
    pub(super) fn user(&self) -> Option<(&str, &str)> {
        let (name, password) = self.user.as_ref()?;
        Some((name, password.as_deref().unwrap_or_default()))
    }

    pub(super) fn as_str(&self) -> &str {
        self.url.as_str()
    }

    /// Whether credentials for one are for the other: scheme, host and port are the same (RFC 6454).
    pub(super) fn is_same_origin(&self, other: &Self) -> bool {
        (self.url.scheme(), &self.host, self.port) == (other.url.scheme(), &other.host, other.port)
    }

    /// For the client of the library.
    pub(super) fn uri(&self) -> Result<Uri, Trouble> {
        self.url
            .as_str()
            .parse()
            .map_err(|_| bad("it is too long, or malformed"))
    }

    /// Whether `pattern` means it.
    pub(super) fn is_of(&self, pattern: &HostPattern) -> bool {
        let is_host = match (&pattern.host, &self.host) {
            (HostName::Any, _) => true,
            (HostName::Below(parent), Host::Domain(name)) => name
                .strip_suffix(parent.as_str())
                .is_some_and(|below| below.len() > 1 && below.ends_with('.')),
            (HostName::Name(pattern), Host::Domain(name)) => pattern == name,
            (HostName::V4(pattern), Host::Ipv4(address)) => pattern == address,
            (HostName::V6(pattern), Host::Ipv6(address)) => pattern == address,
            _ => false,
        };
        is_host && pattern.port.is_none_or(|port| port == self.port)
    }

    /// Whether `pattern` means it and no other host.
    pub(super) fn is_exactly(&self, pattern: &HostPattern) -> bool {
        self.is_of(pattern) && !matches!(pattern.host, HostName::Any | HostName::Below(_))
    }
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text)
        .decode_utf8_lossy()
        .into_owned()
}

/// The URL is not shown: there may be a secret in it, which nobody would find in a part of it.
fn bad(why: &str) -> Trouble {
    Trouble::new("bad_url", format!("this URL cannot be called: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_in_any_notation() {
        for (text, host) in [
            ("http://127.0.0.1/", "127.0.0.1"),
            ("http://0x7f000001/", "127.0.0.1"),
            ("http://2130706433/", "127.0.0.1"),
            ("http://017700000001/", "127.0.0.1"),
            ("http://0177.0.0.1/", "127.0.0.1"),
            ("http://127.1/", "127.0.0.1"),
            ("http://127.0.1/", "127.0.0.1"),
            ("http://0/", "0.0.0.0"),
            ("http://%31%32%37.0.0.1/", "127.0.0.1"),
            ("http://127.0.0.1./", "127.0.0.1"),
            ("http://１２７.０.０.１/", "127.0.0.1"),
            ("http://127。0。0。1/", "127.0.0.1"),
            ("http:\\\\127.0.0.1\\", "127.0.0.1"),
            ("http://user:pw@127.0.0.1/", "127.0.0.1"),
            ("http://example.com#@127.0.0.1/", "example.com"),
            ("http://[::ffff:127.0.0.1]/", "[::ffff:7f00:1]"),
            ("http://[0:0:0:0:0:0:0:1]/", "[::1]"),
        ] {
            let target = Target::parse(text).expect(text);
            assert_eq!(target.host.to_string(), host, "{text}");
            assert_eq!(target.uri().expect(text).host(), Some(host), "{text}");
        }
    }

    #[test]
    fn what_is_not_called_is_refused() {
        for text in [
            "",
            "/a",
            "example.com",
            "file:///etc/passwd",
            "gopher://example.com/",
            "ftp://example.com/",
            "http://",
            "http:///",
            "http://[fe80::1%25eth0]/",
            "http://[::1",
            "http://a b/",
            "http://example.com:99999/",
            "http://example.com:0/",
            "http://./",
            "javascript:alert(1)",
            "http://256.256.256.256/",
            "data:,x",
        ] {
            let trouble = Target::parse(text).expect_err(text);
            assert_eq!(trouble.code, "bad_url", "{text}");
        }
    }

    #[test]
    fn what_no_list_could_name_is_called_by_nobody() {
        // A peer may redirect to any of these, and the advice to allow it is meant for a shell.
        for host in [
            "cdn.example;{touch,x};x",
            "a.example$(id)",
            "`id`.example",
            "a'b.example",
            "a~b.example",
            "a.example&&x",
        ] {
            let text = format!("https://{host}/");
            assert_eq!(Target::parse(&text).expect_err(host).code, "bad_url", "{host}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_url_does_not_show_it() {
        for text in [
            "discord.com/api/webhooks/1/token",
            "file:///secret",
            "http://secret example/",
        ] {
            let message = Target::parse(text).expect_err(text).message;
            assert!(!message.contains("token") && !message.contains("secret"), "{message}");
        }
    }

    #[test]
    fn user_and_fragment_are_no_part_of_it() {
        let target = Target::parse("https://a%40b:c@Example.com:443/x?y#z").unwrap();
        assert_eq!(target.as_str(), "https://example.com/x?y");
        assert_eq!(target.user(), Some(("a@b", "c")));
        assert_eq!(target.authority(), "example.com");
        assert_eq!(
            target.redirected("//evil.example:81/q").unwrap().authority(),
            "evil.example:81"
        );
        assert!(target.is_same_origin(&target.redirected("/other").unwrap()));
        assert!(!target.is_same_origin(&target.redirected("http://example.com/").unwrap()));
    }
}
