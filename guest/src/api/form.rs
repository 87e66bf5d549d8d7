//! What forms send: `application/x-www-form-urlencoded`, as queries are written, and `multipart/form-data` (RFC 7578).

use percent_encoding::percent_decode;
use rhai::{Array, Blob, Dynamic, ImmutableString, Map};

use super::values::Values;
use crate::value;

/// A form has some fields; each part of a body costs more than its bytes.
const PARTS_MAX: usize = 1000;

/// A form that was sent.
pub(super) struct Form {
    pub(super) fields: Values,
    files: Vec<File>,
}

struct File {
    field: ImmutableString,
    name: ImmutableString,
    kind: ImmutableString,
    body: &'static [u8],
}

/// Why a body is no form, and the status to answer with.
pub(super) struct Problem {
    pub(super) status: i16,
    pub(super) message: String,
}

impl Form {
    /// A body without a type is taken for the form that browsers send by default.
    pub(super) fn of(content_type: Option<&str>, body: &'static [u8]) -> Result<Self, Problem> {
        let content_type = content_type.unwrap_or_default();
        let kind = content_type.split(';').next().unwrap_or_default().trim();
        if kind.is_empty() || kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            let fields = Values::new(pairs_of(value::without_mark(body)), true);
            return Ok(Self {
                fields,
                files: Vec::new(),
            });
        }
        if !kind.eq_ignore_ascii_case("multipart/form-data") {
            let message = format!(
                "the body is {}; a form is application/x-www-form-urlencoded or multipart/form-data",
                value::cut(kind, 100)
            );
            return Err(Problem { status: 415, message });
        }
        let malformed = |why: &str| Problem {
            status: 400,
            message: format!("the body is no multipart form: {why}"),
        };
        let boundary = parameter(content_type, "boundary").ok_or_else(|| malformed("its type names no boundary"))?;
        let parts = parts(body, &boundary).map_err(malformed)?;
        let (mut fields, mut files) = (Vec::new(), Vec::new());
        for Part { head, body } in parts {
            let disposition = head_line(&head, "content-disposition").unwrap_or_default();
            let Some(field) = parameter(disposition, "name") else {
                return Err(malformed("a part has no name"));
            };
            match parameter(disposition, "filename") {
                None => fields.push((field.into(), String::from_utf8_lossy(body).as_ref().into())),
                Some(name) => files.push(File {
                    field: field.into(),
                    name: name.into(),
                    kind: head_line(&head, "content-type").unwrap_or("text/plain").into(),
                    body,
                }),
            }
        }
        let fields = Values::new(fields, true);
        Ok(Self { fields, files })
    }

    pub(super) fn files(&self) -> Array {
        let file = |file: &File| {
            let fields: [(&str, Dynamic); 4] = [
                ("field", file.field.clone().into()),
                ("name", file.name.clone().into()),
                ("type", file.kind.clone().into()),
                ("body", Dynamic::from_blob(Blob::from(file.body))),
            ];
            let fields = fields.into_iter().map(|(name, value)| (name.into(), value));
            Dynamic::from_map(fields.collect::<Map>())
        };
        self.files.iter().map(file).collect()
    }
}

/// `a=1&b=2` with `+` and percent signs undone; what is not UTF-8 then becomes U+FFFD.
pub(super) fn pairs_of(encoded: &[u8]) -> Vec<(ImmutableString, ImmutableString)> {
    encoded
        .split(|byte| *byte == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let mut half = || plus_decoded(halves.next().unwrap_or_default());
            (half(), half())
        })
        .collect()
}

fn plus_decoded(encoded: &[u8]) -> ImmutableString {
    if !encoded.iter().any(|byte| matches!(byte, b'+' | b'%')) {
        return String::from_utf8_lossy(encoded).as_ref().into();
    }
    let spaced: Vec<u8> = encoded
        .iter()
        .map(|byte| if *byte == b'+' { b' ' } else { *byte })
        .collect();
    percent_decode(&spaced).decode_utf8_lossy().as_ref().into()
}

struct Part {
    head: String,
    body: &'static [u8],
}

/// What stands between the boundaries: before the first and behind the last is nothing that counts (RFC 2046, 5.1.1).
fn parts(body: &'static [u8], boundary: &str) -> Result<Vec<Part>, &'static str> {
    let delimiter = format!("\r\n--{boundary}");
    // The first has no line before it when nothing precedes it.
    let mut rest = match body.strip_prefix(&delimiter.as_bytes()[2..]) {
        Some(rest) => rest,
        None => split(body, delimiter.as_bytes()).ok_or("its boundary is not there")?.1,
    };
    let mut parts = Vec::new();
    loop {
        if rest.starts_with(b"--") {
            return Ok(parts);
        }
        if parts.len() == PARTS_MAX {
            return Err("it has more than 1000 parts");
        }
        // White space may stand behind a boundary.
        let (_, part) = split(rest, b"\r\n").ok_or("its end is missing")?;
        let (part, next) = split(part, delimiter.as_bytes()).ok_or("its end is missing")?;
        let (head, body) = match part.strip_prefix(b"\r\n") {
            Some(body) => (&[][..], body),
            None => split(part, b"\r\n\r\n").ok_or("a part has no end of its head")?,
        };
        let head = String::from_utf8_lossy(head).into_owned();
        parts.push(Part { head, body });
        rest = next;
    }
}

/// What stands before the first of `pattern`, and behind it.
fn split(bytes: &'static [u8], pattern: &[u8]) -> Option<(&'static [u8], &'static [u8])> {
    let mut from = 0;
    // The first byte is looked for alone: bodies are large, and boundaries rare.
    while let Some(at) = bytes[from..].iter().position(|byte| *byte == pattern[0]) {
        let at = from + at;
        if bytes[at..].starts_with(pattern) {
            return Some((&bytes[..at], &bytes[at + pattern.len()..]));
        }
        from = at + 1;
    }
    None
}

fn head_line<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.split("\r\n")
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.trim().eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
}

/// A parameter of a header's value: `form-data; name="a"`. Browsers write a quote in a name as `%22`, others as `\"`.
pub(super) fn parameter(value: &str, name: &str) -> Option<String> {
    let mut rest = value;
    loop {
        rest = rest.split_once(';')?.1;
        let (key, found) = rest.split_once('=')?;
        let found = found.trim_start();
        let (text, behind) = if let Some(quoted) = found.strip_prefix('"') {
            unquoted(quoted)
        } else {
            let end = found.find(';').unwrap_or(found.len());
            (found[..end].trim_end().to_owned(), &found[end..])
        };
        if key.trim().eq_ignore_ascii_case(name) {
            return Some(text.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n"));
        }
        rest = behind;
    }
}

/// The text up to its closing quote, and what stands behind it. A backslash is one: paths have them.
fn unquoted(quoted: &str) -> (String, &str) {
    let mut end = 0;
    loop {
        let Some(quote) = quoted[end..].find('"') else {
            return (quoted.to_owned(), "");
        };
        end += quote;
        if !quoted[..end].ends_with('\\') {
            return (quoted[..end].replace("\\\"", "\""), &quoted[end + 1..]);
        }
        end += 1;
    }
}
