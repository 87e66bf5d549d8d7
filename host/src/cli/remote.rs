//! The management API from outside: where it is, how to get in, and what its answers mean for a person.

mod client;

use std::net::IpAddr;

use anyhow::{Context, anyhow};
use clap::Args;
use reqwest::Url;

use super::Failure;
use super::trouble::Trouble;
use crate::config::{Config, Env, RemoteConfig};
use crate::identity::OPERATOR_FILE;

pub(super) use client::{Client, Refused, query, segment};

/// What leads to a server, on every command; those that need none leave it alone.
#[derive(Debug, Args)]
pub(super) struct Remote {
    #[arg(
        long,
        global = true,
        value_name = "URL",
        help = "Address of the management API [env: PICLOUD_URL] [default: http://127.0.0.1:8081]"
    )]
    url: Option<String>,
    #[arg(
        long,
        global = true,
        value_name = "TOKEN",
        help = "Token to show there; without one, a local server's operator token [env: PICLOUD_TOKEN]"
    )]
    token: Option<String>,
}

/// A secret, and where it is from, for messages.
struct Token {
    secret: String,
    from: String,
}

impl Remote {
    pub(super) fn client(&self) -> Result<Client, Failure> {
        let given = RemoteConfig::from_env(&Env::process())?;
        let url = match &self.url {
            Some(url) => address("--url", url)?,
            None => address("PICLOUD_URL", &given.url)?,
        };
        let token = match (&self.token, given.token) {
            (Some(token), _) => Token {
                secret: token.clone(),
                from: "--token".to_owned(),
            },
            (None, Some(token)) => Token {
                secret: token,
                from: "PICLOUD_TOKEN".to_owned(),
            },
            (None, None) => operator_token(&url)?,
        };
        Client::new(&url, token.checked()?)
    }
}

impl Token {
    /// Something that may be one: what is none is not sent anywhere.
    fn checked(self) -> Result<Self, Failure> {
        let secret = self.secret.trim_start_matches('\u{feff}').trim();
        if secret.is_empty() || !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
            let why = if secret.is_empty() {
                "is blank"
            } else {
                "has characters that no token has"
            };
            return Err(Failure::Usage(anyhow!("the token of {} {why}", self.from)));
        }
        Ok(Self {
            secret: secret.to_owned(),
            from: self.from,
        })
    }
}

/// An address that `/api/v1` can be put behind.
fn address(from: &str, text: &str) -> Result<Url, Failure> {
    let refused = |why: &str| Failure::Usage(anyhow!("{from}={text:?} {why}, such as http://127.0.0.1:8081"));
    let Ok(url) = Url::parse(text.trim()) else {
        return Err(refused("is not an address"));
    };
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(refused("is not an address with http:// or https://"));
    }
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        return Err(refused("has more than an address has"));
    }
    Ok(url)
}

/// The operator's token of a server on this machine. It is for no other machine to see.
fn operator_token(url: &Url) -> Result<Token, Failure> {
    let config = Config::from_env(&Env::process()).map_err(Failure::Usage)?;
    let file = config.store.data.join(OPERATOR_FILE);
    if !is_here(url, config.bind.admin.ip()) {
        let message =
            format!("no token: PICLOUD_TOKEN is not set, and the operator token of this machine is not sent to {url}");
        return Err(no_token(message));
    }
    let secret = std::fs::read_to_string(&file).with_context(|| {
        format!(
            "no token: PICLOUD_TOKEN is not set, and there is no operator token to read at {}",
            file.display()
        )
    });
    let secret = secret.map_err(|error| no_token(format!("{error:#}")))?;
    Ok(Token {
        secret,
        from: file.display().to_string(),
    })
}

fn no_token(message: String) -> Failure {
    Trouble::new("no_token", message)
        .hint("a server on this machine writes its operator token when it starts: picloud serve")
        .hint("for a server elsewhere, set PICLOUD_TOKEN to a token of your app; its owner or the operator makes one with:")
        .hint("  picloud token create --app APP --role deployer")
        .into()
}

/// Whether `url` is this machine: a loopback address, or the one that the admin listener is bound to here.
fn is_here(url: &Url, admin: IpAddr) -> bool {
    is_loopback(url) || host_of(url).parse() == Ok(admin)
}

/// Whether nothing that is sent there leaves this machine.
fn is_loopback(url: &Url) -> bool {
    let host = host_of(url);
    let is_name = host == "localhost" || host.ends_with(".localhost");
    is_name || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

fn host_of(url: &Url) -> &str {
    let host = url.host_str().unwrap_or_default();
    host.trim_start_matches('[').trim_end_matches(']')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operators_token_is_for_its_own_machine() {
        let admin = "192.0.2.7".parse().expect("an address");
        for (url, here) in [
            ("http://127.0.0.1:8081", true),
            ("http://127.8.9.1", true),
            ("http://[::1]:8081", true),
            ("http://LOCALHOST:8081", true),
            ("https://admin.localhost", true),
            ("http://192.0.2.7:8081", true),
            ("http://192.0.2.8:8081", false),
            ("http://localhost.example", false),
            ("http://127.0.0.1.example", false),
        ] {
            assert_eq!(is_here(&address("--url", url).expect(url), admin), here, "{url}");
        }
    }

    #[test]
    fn an_address_is_one_that_the_api_can_be_behind() {
        for bad in [
            "",
            "localhost:8081",
            "127.0.0.1",
            "ftp://a",
            "http://",
            "http://a:b@c",
            "http://a/?b",
            "http://a#b",
        ] {
            assert!(address("--url", bad).is_err(), "{bad}");
        }
    }
}
