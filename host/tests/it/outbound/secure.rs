//! TLS with somebody who is who they say, and with others; and an operator's proxy.

use std::sync::Arc;

use http::{Request, Response};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::Value;
use tokio_rustls::TlsAcceptor;

use super::guard::name_server;
use super::{run, start, thrown};
use crate::harness::binary::{Ended, picloud};
use crate::harness::peer::{Peer, Talk, ok};

/// Somebody who vouches for others.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    fn new(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        let issuer = Issuer::new(params, key);
        Self { issuer, pem }
    }

    /// A server that says over which version, for which host and by which name it was called.
    fn serves(&self, name: &str, until_year: i32) -> Peer {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_after = date_time_ymd(until_year, 1, 1);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let chain = vec![CertificateDer::from(certificate.der().to_vec())];
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider);
        let config = config.with_safe_default_protocol_versions().unwrap();
        let mut config = config.with_no_client_auth().with_single_cert(chain, key).unwrap();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        Peer::on("127.0.0.1:0", move |talk: Talk| {
            let acceptor = acceptor.clone();
            async move {
                let Ok(stream) = acceptor.accept(talk.stream).await else {
                    return;
                };
                let name = stream.get_ref().1.server_name().unwrap_or("nobody").to_owned();
                let answer = service_fn(move |request| {
                    std::future::ready(Ok::<_, std::convert::Infallible>(told(&request, &name)))
                });
                let server = auto::Builder::new(TokioExecutor::new());
                // It ends when the other side does.
                let _ = server.serve_connection(TokioIo::new(stream), answer).await;
            }
        })
    }
}

fn told(request: &Request<Incoming>, name: &str) -> Response<Full<Bytes>> {
    let host = request.uri().host().map(str::to_owned);
    let host = host.or_else(|| Some(request.headers().get("host")?.to_str().ok()?.to_owned()));
    let text = format!("{:?} {} {name}", request.version(), host.unwrap_or_default());
    Response::new(Full::new(text.into()))
}

/// What `picloud run` says of a script that gets a URL.
fn got(url: &str, dns: &str, authority: Option<&Authority>) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("get.rhai");
    let source = format!("let told = (); try {{ told = http::get(\"{url}\").text(); }} catch (e) {{ told = e; }} told");
    std::fs::write(&script, source).unwrap();
    let roots = folder.path().join("roots.pem");
    let other = Authority::new("other");
    std::fs::write(&roots, &authority.unwrap_or(&other).pem).unwrap();
    let mut command = picloud(["run", "--json", "--allow-net"]);
    command
        .arg(&script)
        .env("SSL_CERT_FILE", &roots)
        .env("PICLOUD_OUTBOUND_NETWORKS", "127.0.0.1")
        .env("PICLOUD_OUTBOUND_DNS", dns);
    Ended::of(&mut command).json()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_called_over_tls_is_who_they_say() {
    let (_answering, dns) = name_server().await;
    let authority = Authority::new("one");
    let good = authority.serves("alias.example", 2100);
    let url = |peer: &Peer| format!("https://alias.example:{}/", peer.port());
    let body = |ran: &Value| ran["reply"]["body"].as_str().unwrap_or_default().to_owned();
    let ran = got(&url(&good), &dns, Some(&authority));
    assert_eq!(body(&ran), "HTTP/2.0 alias.example alias.example", "{ran}");
    assert_eq!(ran["outbound"][0]["status"], 200, "{ran}");
    let other = authority.serves("other.example", 2100);
    let old = authority.serves("alias.example", 2020);
    for (peer, trusted, says) in [
        (&other, Some(&authority), "its certificate is for another name"),
        (&old, Some(&authority), "its certificate has expired"),
        (&good, None, "nobody known vouches for its certificate"),
    ] {
        let ran = got(&url(peer), &dns, trusted);
        let told: Value = serde_json::from_str(&body(&ran)).unwrap_or_else(|_| panic!("{ran}"));
        assert_eq!(told["code"], "tls_failed", "{told}");
        assert!(told["message"].as_str().unwrap().ends_with(says), "{told}");
    }
}

#[tokio::test]
async fn all_goes_through_the_operators_proxy() {
    let proxy = Peer::answering("127.0.0.1:0", |request| {
        if request.starts_with("CONNECT") {
            b"HTTP/1.1 403 Forbidden\r\n\r\n".to_vec()
        } else {
            ok("text/plain", request)
        }
    });
    let setting = format!("http://me:p%40ss@127.0.0.1:{}", proxy.port());
    let (host, names) = start(&[("PICLOUD_OUTBOUND_PROXY", &setting)]).await;
    let told = run(&host, "http::get(\"http://far.example/path?q\").text()").await;
    let told = told.as_str().unwrap();
    assert!(told.starts_with("GET http://far.example/path?q HTTP/1.1\r\n"), "{told}");
    assert!(told.contains("proxy-authorization: Basic bWU6cEBzcw=="), "{told}");
    assert!(told.contains("host: far.example"), "{told}");
    let (code, message) = thrown(&host, "http::get(\"https://far.example/\")").await;
    assert_eq!(code, "connect_failed", "{message}");
    let connect = proxy.requests().pop().unwrap();
    assert!(connect.starts_with("CONNECT far.example:443 HTTP/1.1\r\n"), "{connect}");
    assert!(
        connect
            .to_ascii_lowercase()
            .contains("proxy-authorization: basic bwu6cebzcw=="),
        "{connect}"
    );
    let asked = proxy.requests().len();
    for inside in [
        "http://127.0.0.1/",
        "https://[::1]/",
        "http://0x7f.1/",
        "http://192.168.1.1/",
    ] {
        assert_eq!(
            thrown(&host, &format!("http::get(\"{inside}\")")).await.0,
            "forbidden_address",
            "{inside}"
        );
    }
    assert_eq!(proxy.requests().len(), asked);
    assert_eq!(names.looked_up("far.example"), 0);
}
