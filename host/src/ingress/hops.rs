//! How often events have set each other off over HTTP: requests of scripts to this installation say so, and one too many is
//! refused. Anybody may say so; it is only to their own harm.

use http::{HeaderMap, HeaderName};

use crate::commit::messages::Cause;
use crate::orchestrator::HOPS_MAX;
use crate::problem::{Code, Problem};

/// What a record has of a path.
const PATH_BYTES_MAX: usize = 64;

/// How many hops a request is, itself included.
pub(super) static HOPS: HeaderName = HeaderName::from_static("picloud-hops");

/// What a request for `path` of `app` is a consequence of.
pub(super) fn cause(headers: &HeaderMap, app: &str, path: &str) -> Result<Cause, Problem> {
    let hops = hops(headers);
    if hops == 0 {
        return Ok(Cause::default());
    }
    // Who called is not told: it may be another's.
    let before = if hops > 1 { "... > " } else { "" };
    let path = &path[..path.floor_char_boundary(PATH_BYTES_MAX)];
    let chain = format!("{before}http {app}{path}");
    if hops > HOPS_MAX {
        let message =
            format!("{hops} requests and messages would be consequences of each other, {HOPS_MAX} may be: {chain}");
        return Err(Problem::new(Code::LoopDetected, message));
    }
    Ok(Cause {
        hops,
        chain: chain.into(),
    })
}

/// The most that is said; what is no number says nothing.
fn hops(headers: &HeaderMap) -> u32 {
    let values = headers.get_all(&HOPS).iter().filter_map(|value| value.to_str().ok());
    let numbers = values.flat_map(|value| value.split(',')).map(str::trim);
    let digits = numbers.filter(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()));
    digits
        .map(|digits| digits.parse().unwrap_or(u32::MAX))
        .max()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(values: &[&str]) -> Result<(u32, String), String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(&HOPS, value.parse().unwrap());
        }
        match cause(&headers, "a", "/x") {
            Ok(cause) => Ok((cause.hops, cause.chain.to_string())),
            Err(problem) => Err(problem.message),
        }
    }

    #[test]
    fn the_most_that_is_said_counts() {
        let nothing = Ok((0, String::new()));
        for values in [&[][..], &["0"], &["x"], &["-1"], &[""], &["1.5"]] {
            assert_eq!(told(values), nothing, "{values:?}");
        }
        assert_eq!(told(&["1"]), Ok((1, "http a/x".to_owned())));
        assert_eq!(told(&["2, 16", "3"]), Ok((16, "... > http a/x".to_owned())));
        for value in ["17", "99999999999999999999"] {
            let why = told(&[value]).unwrap_err();
            assert!(why.ends_with("16 may be: ... > http a/x"), "{why}");
        }
    }

    #[test]
    fn a_long_path_is_cut() {
        let mut headers = HeaderMap::new();
        headers.insert(&HOPS, "1".parse().unwrap());
        let cause = cause(&headers, "a", &format!("/{}", "é".repeat(99))).unwrap();
        assert_eq!(cause.chain.len(), "http a".len() + 63);
    }
}
