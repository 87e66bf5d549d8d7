//! An event as a person wrote it, for `picloud run --event` and for the management API's trial runs, as a run takes it.

use bytes::Bytes;
use data_encoding::BASE64;
use http::{HeaderName, HeaderValue, Method};
use picloud_sdk::api::{GivenEvent, OneOrMore};
use picloud_sdk::event::{Event, HttpRequest};
use picloud_sdk::wire;

/// Why a given event is none: a sentence for its author.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadEvent(String);

/// The event and its body as a run takes them.
///
/// # Errors
/// When no client could have sent it; says which field is wrong.
pub fn encode(given: &GivenEvent) -> Result<(Vec<u8>, Bytes), BadEvent> {
    if Method::from_bytes(given.method.as_bytes()).is_err() || given.method != given.method.to_ascii_uppercase() {
        return bad(format!("method: {:?} is not a method in upper case", given.method));
    }
    if !given.path.starts_with('/') || given.path.contains(['?', '#']) {
        return bad(format!(
            "path: {:?} must start with / and have no query, which is a field of its own",
            given.path
        ));
    }
    let headers = headers(given)?;
    let body = body(given)?;
    let Ok(body_bytes) = u32::try_from(body.len()) else {
        return bad(format!("body: {} bytes are too many", body.len()));
    };
    let event = Event::Http(HttpRequest {
        method: &given.method,
        host: &given.host,
        path: &given.path,
        query: &given.query,
        params: given
            .params
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect(),
        headers: headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_bytes()))
            .collect(),
        client_ip: &given.client_ip,
        body_bytes,
    });
    Ok((wire::encode(&event), body))
}

fn headers(given: &GivenEvent) -> Result<Vec<(HeaderName, HeaderValue)>, BadEvent> {
    let mut headers = Vec::new();
    for (name, values) in &given.headers {
        let Ok(valid_name) = HeaderName::from_bytes(name.as_bytes()) else {
            return bad(format!("headers: {name:?} is not a header's name"));
        };
        let values = match values {
            OneOrMore::One(value) => std::slice::from_ref(value),
            OneOrMore::More(values) => values,
        };
        for value in values {
            let Ok(valid) = HeaderValue::from_bytes(value.as_bytes()) else {
                return bad(format!("headers: {name} cannot have the value {value:?}"));
            };
            headers.push((valid_name.clone(), valid));
        }
    }
    Ok(headers)
}

fn body(given: &GivenEvent) -> Result<Bytes, BadEvent> {
    match (&given.body, &given.body_base64) {
        (None, None) => Ok(Bytes::new()),
        (Some(text), None) => Ok(Bytes::copy_from_slice(text.as_bytes())),
        (None, Some(encoded)) => match BASE64.decode(encoded.as_bytes()) {
            Ok(bytes) => Ok(bytes.into()),
            Err(error) => bad(format!("body_base64: {error}")),
        },
        (Some(_), Some(_)) => bad("body: give either body or body_base64".to_owned()),
    }
}

fn bad<T>(problem: String) -> Result<T, BadEvent> {
    Err(BadEvent(problem))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(json: &str) -> Result<(Vec<u8>, Bytes), BadEvent> {
        serde_json::from_str::<GivenEvent>(json)
            .map_err(|error| BadEvent(error.to_string()))
            .and_then(|given| encode(&given))
    }

    #[test]
    fn nothing_given_is_get_of_the_root() {
        let (event, body) = encoded("{}").unwrap();
        let Event::Http(http) = wire::decode(&event, 1024).unwrap() else {
            panic!("not a request")
        };
        assert_eq!(
            (http.method, http.path, http.body_bytes, body.len()),
            ("GET", "/", 0, 0)
        );
    }

    #[test]
    fn headers_and_bytes_survive() {
        let (event, body) =
            encoded(r#"{"method":"POST","headers":{"Accept":["a","b"],"x":"é"},"body_base64":"AP8Q"}"#).unwrap();
        let Event::Http(http) = wire::decode(&event, 1024).unwrap() else {
            panic!("not a request")
        };
        assert_eq!(
            http.headers,
            [("accept", &b"a"[..]), ("accept", b"b"), ("x", "é".as_bytes())]
        );
        assert_eq!((http.body_bytes, &body[..]), (3, &[0, 0xff, 0x10][..]));
    }

    #[test]
    fn what_no_client_could_send_is_refused_by_name() {
        for (json, word) in [
            (r#"{"method":"get"}"#, "method"),
            (r#"{"method":"A B"}"#, "method"),
            (r#"{"path":"orders"}"#, "path"),
            (r#"{"path":"/a?b"}"#, "path"),
            (r#"{"headers":{"a b":"c"}}"#, "headers"),
            (r#"{"headers":{"a":"b\nc: d"}}"#, "headers"),
            (r#"{"body":"a","body_base64":"YQ=="}"#, "body"),
            (r#"{"body_base64":"?"}"#, "body_base64"),
            (r#"{"bodyy":"a"}"#, "bodyy"),
        ] {
            let problem = encoded(json).expect_err(json).to_string();
            assert!(problem.contains(word), "{json}: {problem}");
        }
    }
}
