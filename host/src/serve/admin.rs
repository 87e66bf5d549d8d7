//! The admin listener: the manager's router behind the edge, for those who name a host of ours.

use std::net::IpAddr;
use std::sync::{Arc, LazyLock};

use axum::Router;
use http::header::HOST;
use http::request::Parts;
use http::uri::Authority;
use http::{Request, Version};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use crate::edge::{Account, Answer, Answers, Body, Peer, closing, problem};
use crate::manager;
use crate::orchestrator::Host;
use crate::problem::{Code, Problem};

/// Who answers on the admin listener.
pub(super) struct Admin {
    /// Made for the first request: to describe the API takes a tenth of a start, and a node that only serves does without.
    router: LazyLock<Router, Box<dyn FnOnce() -> Router + Send>>,
    /// Besides `localhost` and addresses.
    hosts: Vec<String>,
}

impl Admin {
    pub(super) fn new(host: &Host) -> Arc<Self> {
        let hosts = host.config.bind.admin_hosts.0.clone();
        let host = host.clone();
        Arc::new(Self {
            router: LazyLock::new(Box::new(|| manager::router(host))),
            hosts,
        })
    }

    /// A page of somebody else's whose name was made to point here (DNS rebinding) is of the same origin as we are, for a
    /// browser: what tells us apart is the name.
    fn check_host(&self, parts: &Parts) -> Result<(), Problem> {
        let hosts = parts.headers.get_all(HOST).iter().map(http::HeaderValue::as_bytes);
        let asked = parts.uri.authority().map(|authority| authority.as_str().as_bytes());
        for authority in asked.into_iter().chain(hosts) {
            let authority = Authority::try_from(authority)
                .map_err(|_| Problem::new(Code::BadRequest, "the host has characters that no host has"))?;
            let name = authority.host();
            if !self.is_ours(name) {
                let message = format!(
                    "{name} is no name of this listener; localhost, addresses and what PICLOUD_ADMIN_HOSTS lists are"
                );
                return Err(Problem::new(Code::Misdirected, message));
            }
        }
        if parts.version == Version::HTTP_11 && !parts.headers.contains_key(HOST) {
            return Err(Problem::new(Code::BadRequest, "there is no Host header"));
        }
        Ok(())
    }

    fn is_ours(&self, name: &str) -> bool {
        let address = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        name == "localhost"
            || name.ends_with(".localhost")
            || address.unwrap_or(&name).parse::<IpAddr>().is_ok()
            || self.hosts.contains(&name)
    }
}

impl Answers for Admin {
    async fn answer(&self, _: &Peer, request: Request<Body>) -> (Answer, Option<Account>) {
        let (parts, body) = request.into_parts();
        if let Err(why) = self.check_host(&parts) {
            return (closing(problem(&why)), None);
        }
        let request = Request::from_parts(parts, axum::body::Body::new(body));
        let Ok(response) = self.router.clone().oneshot(request).await;
        let (parts, body) = response.into_parts();
        // All that the manager says is in memory already.
        let answer = match body.collect().await {
            Ok(body) => http::Response::from_parts(parts, body.to_bytes()),
            Err(error) => {
                tracing::error!("an answer of the management API broke off: {error}");
                closing(problem(&Problem::new(
                    Code::Internal,
                    "something went wrong on the server's side",
                )))
            }
        };
        (answer, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(version: Version, uri: &str, hosts: &[&str]) -> Option<Code> {
        let admin = Admin {
            router: LazyLock::new(Box::new(Router::new)),
            hosts: vec!["picloud.example.net".to_owned()],
        };
        let mut request = Request::builder().version(version).uri(uri);
        for host in hosts {
            request = request.header(HOST, *host);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        admin.check_host(&parts).err().map(|problem| problem.code)
    }

    #[test]
    fn only_names_of_ours_are_answered() {
        for host in [
            "localhost",
            "LocalHost:8081",
            "picloud.localhost",
            "localhost.",
            "127.0.0.1:8081",
            "192.168.1.9",
            "[::1]:8081",
            "picloud.example.net",
            "PiCloud.example.net.:443",
        ] {
            assert_eq!(refused(Version::HTTP_11, "/", &[host]), None, "{host}");
            assert_eq!(
                refused(Version::HTTP_2, &format!("http://{host}/"), &[]),
                None,
                "{host}"
            );
        }
        for host in [
            "evil.example",
            "localhost.evil.example",
            "evillocalhost",
            "127.0.0.1.evil.example",
            "picloud",
            "example.net",
        ] {
            assert_eq!(
                refused(Version::HTTP_11, "/", &[host]),
                Some(Code::Misdirected),
                "{host}"
            );
            let uri = format!("http://{host}/");
            assert_eq!(refused(Version::HTTP_2, &uri, &[]), Some(Code::Misdirected), "{host}");
            assert_eq!(
                refused(Version::HTTP_11, &uri, &["localhost"]),
                Some(Code::Misdirected),
                "{host}"
            );
        }
        assert_eq!(refused(Version::HTTP_11, "/", &[]), Some(Code::BadRequest));
        assert_eq!(refused(Version::HTTP_10, "/", &[]), None);
        assert_eq!(
            refused(Version::HTTP_11, "/", &["localhost", "evil.example"]),
            Some(Code::Misdirected)
        );
        assert_eq!(refused(Version::HTTP_11, "/", &["a b"]), Some(Code::BadRequest));
    }
}
