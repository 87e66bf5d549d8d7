//! Path patterns: what an author may write, its normal form, and when two of them answer the same requests.
//!
//! `/orders/{id}` matches one segment, `/files/{*path}` everything below; a literal goes before a parameter, a parameter
//! before a catch-all, decided segment by segment from the left. Patterns and paths are compared in one normal form
//! ([`normal_path`]), so that `/caf%c3%a9`, `/caf%C3%A9` and `/café` are one route and an encoded slash never makes two
//! segments out of one.
//!
//! Two patterns conflict exactly when their [`Pattern::shape`] is the same. (`matchit` would also refuse `/a/{id}` beside
//! `/a/{*rest}`; we do not.)

use std::borrow::Cow;
use std::fmt::Write as _;

/// Bytes of a pattern in its normal form.
pub const PATTERN_BYTES_MAX: usize = 1024;
/// Segments of a pattern.
pub const SEGMENTS_MAX: usize = 32;
/// Bytes of a parameter's name.
pub const PARAMETER_BYTES_MAX: usize = 64;

/// A valid pattern, in its normal form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    segments: Vec<Segment>,
}

/// What stands between two slashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// This text, in normal form. Empty for the end of a path with a trailing slash.
    Literal(String),
    /// `{name}`: any one segment that is not empty.
    Parameter(String),
    /// `{*name}`: everything that is left, and there must be something. Always the last one.
    CatchAll(String),
}

/// Why a text is no pattern: a sentence for its author.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadPattern(String);

impl Pattern {
    /// Reads what an author wrote.
    ///
    /// # Errors
    /// Says which segment is wrong, and what would be right.
    pub fn parse(text: &str) -> Result<Self, BadPattern> {
        let Some(rest) = text.strip_prefix('/') else {
            return bad(format!(
                "a pattern starts with a slash, such as /orders/{{id}}; got {text:?}"
            ));
        };
        if text.len() > PATTERN_BYTES_MAX {
            return bad(format!(
                "the pattern has {} bytes, {PATTERN_BYTES_MAX} are allowed",
                text.len()
            ));
        }
        let texts: Vec<_> = rest.split('/').collect();
        if texts.len() > SEGMENTS_MAX {
            return bad(format!(
                "the pattern has {} segments, {SEGMENTS_MAX} are allowed",
                texts.len()
            ));
        }
        let last = texts.len() - 1;
        let mut segments = Vec::with_capacity(texts.len());
        for (at, text) in texts.into_iter().enumerate() {
            let segment = parse_segment(text, at == last)?;
            if let Some(name) = segment.parameter()
                && segments
                    .iter()
                    .any(|earlier: &Segment| earlier.parameter() == Some(name))
            {
                return bad(format!("the parameter {name:?} stands twice in the pattern"));
            }
            segments.push(segment);
        }
        let pattern = Self { segments };
        let bytes = pattern.to_string().len();
        if bytes > PATTERN_BYTES_MAX {
            return bad(format!(
                "the pattern has {bytes} bytes when encoded, {PATTERN_BYTES_MAX} are allowed"
            ));
        }
        Ok(pattern)
    }

    /// Reads the pattern of a route that is to be made: what is a parameter to other routers would be a literal here, and
    /// answer nothing that its author means. A route that was made before may have one.
    ///
    /// # Errors
    /// As [`Self::parse`], and when a segment is written as other routers write parameters; says how it is written here.
    pub fn of_new(text: &str) -> Result<Self, BadPattern> {
        let pattern = Self::parse(text)?;
        for segment in text.split('/') {
            let meant = match (segment.strip_prefix(':'), segment.strip_prefix('*')) {
                (Some(name), _) if is_name(name) => format!("{{{name}}}"),
                (_, Some("" | "*")) => "{*rest}".to_owned(),
                (_, Some(name)) if is_name(name) => format!("{{*{name}}}"),
                _ => continue,
            };
            return bad(format!(
                "{segment:?} would only match itself; a parameter is written {meant}"
            ));
        }
        Ok(pattern)
    }

    /// From left to right; never empty.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The pattern with its parameters' names blanked: `/orders/{}`, `/files/{*}`. Two routes of one shape conflict.
    #[must_use]
    pub fn shape(&self) -> String {
        self.written(|_| "")
    }

    fn written<'a>(&'a self, name: impl Fn(&'a str) -> &'a str) -> String {
        let mut text = String::new();
        for segment in &self.segments {
            text.push('/');
            match segment {
                Segment::Literal(literal) => text.push_str(literal),
                Segment::Parameter(parameter) => text.extend(["{", name(parameter), "}"]),
                Segment::CatchAll(parameter) => text.extend(["{*", name(parameter), "}"]),
            }
        }
        text
    }
}

impl std::fmt::Display for Pattern {
    /// The normal form; it parses back to the same pattern.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.written(|name| name))
    }
}

impl Segment {
    /// The name of its parameter, if it has one.
    #[must_use]
    pub fn parameter(&self) -> Option<&str> {
        match self {
            Self::Literal(_) => None,
            Self::Parameter(name) | Self::CatchAll(name) => Some(name),
        }
    }
}

/// A path in normal form: what needs no percent-encoding has none, the rest has it in upper case. A `%` that starts no
/// encoding is encoded itself. Slashes stay where they are, and `%2F` stays `%2F`.
#[must_use]
pub fn normal_path(path: &str) -> Cow<'_, str> {
    if path.bytes().all(|byte| byte == b'/' || is_plain(byte)) {
        return Cow::Borrowed(path);
    }
    let mut normal = String::with_capacity(path.len() + 16);
    let mut rest = path.as_bytes();
    while let [first, tail @ ..] = rest {
        let (byte, encoded, after) = match rest {
            [b'%', high, low, after @ ..] => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => (high << 4 | low, true, after),
                _ => (*first, false, tail),
            },
            _ => (*first, false, tail),
        };
        if is_plain(byte) || (byte == b'/' && !encoded) {
            normal.push(char::from(byte));
        } else {
            let _ = write!(normal, "%{byte:02X}");
        }
        rest = after;
    }
    Cow::Owned(normal)
}

/// May stand in a path segment as it is (RFC 3986 `pchar` without percent-encodings).
const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'-' | b'.'
                | b'_'
                | b'~'
                | b'!'
                | b'$'
                | b'&'
                | b'\''
                | b'('
                | b')'
                | b'*'
                | b'+'
                | b','
                | b';'
                | b'='
                | b':'
                | b'@'
        )
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

fn parse_segment(text: &str, last: bool) -> Result<Segment, BadPattern> {
    if let Some(name) = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        return match name.strip_prefix('*') {
            Some(name) if last => Ok(Segment::CatchAll(parameter(name)?)),
            Some(_) => bad(format!("a catch-all such as {text} may only be the last segment")),
            None => Ok(Segment::Parameter(parameter(name)?)),
        };
    }
    match text {
        _ if text.contains(['{', '}']) => bad(format!(
            "a parameter is a whole segment, such as /{{name}}/ or /{{*rest}}; got {text:?}"
        )),
        "" if last => Ok(Segment::Literal(String::new())),
        "" => bad("a pattern has no empty segments (two slashes in a row)".to_owned()),
        _ if text.contains(['?', '#']) => bad(format!("a pattern has no query and no fragment; got {text:?}")),
        _ if text.chars().any(char::is_control) => bad(format!("a pattern has no control characters; got {text:?}")),
        _ => match normal_path(text).into_owned() {
            dots if dots == "." || dots == ".." => bad("a pattern has no segments . and ..".to_owned()),
            nul if nul.contains("%00") => bad(format!("a pattern has no NUL; got {text:?}")),
            literal => Ok(Segment::Literal(literal)),
        },
    }
}

fn parameter(name: &str) -> Result<String, BadPattern> {
    let mut bytes = name.bytes();
    let good = bytes
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && name.len() <= PARAMETER_BYTES_MAX;
    if good {
        return Ok(name.to_owned());
    }
    bad(format!(
        "a parameter's name has letters, digits and _, no digit first, at most {PARAMETER_BYTES_MAX} bytes; got {name:?}"
    ))
}

fn bad<T>(why: String) -> Result<T, BadPattern> {
    Err(BadPattern(why))
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_other_routers_call_a_parameter_is_said_to_be_none() {
        for (text, meant) in [
            ("/orders/:id", "{id}"),
            ("/files/*", "{*rest}"),
            ("/files/*path", "{*path}"),
            ("/**", "{*rest}"),
        ] {
            let why = Pattern::of_new(text).unwrap_err().to_string();
            assert!(why.ends_with(&format!("a parameter is written {meant}")), "{why}");
            assert!(Pattern::parse(text).is_ok(), "{text}: what was made before stays");
        }
        for text in ["/a:b", "/at/12:30", "/:", "/2*3", "/{id}"] {
            assert!(Pattern::of_new(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn patterns_have_a_normal_form_and_a_shape() {
        for (written, normal, shape) in [
            ("/", "/", "/"),
            ("/orders/{id}", "/orders/{id}", "/orders/{}"),
            ("/orders/", "/orders/", "/orders/"),
            ("/files/{*path}", "/files/{*path}", "/files/{*}"),
            ("/{a}/x/{b}", "/{a}/x/{b}", "/{}/x/{}"),
            ("/café", "/caf%C3%A9", "/caf%C3%A9"),
            ("/caf%c3%a9", "/caf%C3%A9", "/caf%C3%A9"),
            ("/a%2fb", "/a%2Fb", "/a%2Fb"),
            ("/%41", "/A", "/A"),
            ("/100%", "/100%25", "/100%25"),
            ("/a b", "/a%20b", "/a%20b"),
        ] {
            let pattern = Pattern::parse(written).unwrap();
            assert_eq!(
                (pattern.to_string().as_str(), pattern.shape().as_str()),
                (normal, shape),
                "{written}"
            );
            assert_eq!(Pattern::parse(normal), Ok(pattern), "{written}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused_with_a_reason() {
        for (text, says) in [
            ("", "starts with a slash"),
            ("orders", "starts with a slash"),
            ("//", "empty segments"),
            ("/a//b", "empty segments"),
            ("/a/../b", "no segments . and .."),
            ("/%2e%2E", "no segments . and .."),
            ("/a?b", "no query"),
            ("/a#b", "no fragment"),
            ("/{}", "a parameter's name"),
            ("/{*}", "a parameter's name"),
            ("/{1}", "a parameter's name"),
            ("/{a b}", "a parameter's name"),
            ("/{a}/{a}", "stands twice"),
            ("/{a}/{*a}", "stands twice"),
            ("/{*a}/b", "only be the last segment"),
            ("/img-{id}.png", "whole segment"),
            ("/{{a}}", "a parameter's name"),
            ("/a\0", "control characters"),
            ("/%00", "no NUL"),
        ] {
            let why = Pattern::parse(text).expect_err(text).to_string();
            assert!(why.contains(says), "{text:?}: {why}");
        }
        let deep = "/a".repeat(SEGMENTS_MAX + 1);
        assert!(
            Pattern::parse(&deep)
                .unwrap_err()
                .to_string()
                .contains("33 segments, 32 are allowed")
        );
        let long = format!("/{}", "é".repeat(PATTERN_BYTES_MAX / 4));
        assert!(
            Pattern::parse(&long)
                .unwrap_err()
                .to_string()
                .contains("bytes when encoded")
        );
    }

    #[test]
    fn a_path_has_one_normal_form() {
        for (path, normal) in [
            ("/plain/path", "/plain/path"),
            ("/%7Euser", "/~user"),
            ("/a%2fb", "/a%2Fb"),
            ("/%", "/%25"),
            ("/%4", "/%254"),
            ("/%zz", "/%25zz"),
            ("/é", "/%C3%A9"),
            ("/{x}", "/%7Bx%7D"),
            ("/%25", "/%25"),
        ] {
            assert_eq!(normal_path(path), normal);
            assert_eq!(normal_path(&normal_path(path)), normal, "twice is the same as once");
        }
    }
}
