//! Secrets in what is stored for later: taken out of it, and put in again.

use std::sync::Arc;

use memchr::memmem;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::seen::Seen;
use super::value::Secret;

/// What `url::encode` and queries of scripts encode.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// How a secret stands in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As it is.
    Plain,
    /// As JSON writes it.
    Json,
    /// Percent-encoded.
    Percent,
}

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part<'a> {
    /// What is no secret.
    Plain(&'a [u8]),
    /// The secret of this name.
    Secret(Arc<str>, Form),
}

impl Form {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Plain, Self::Json, Self::Percent];

    /// `secret` in this form.
    #[must_use]
    pub fn of(self, secret: &Secret) -> Secret {
        match self {
            Self::Plain => secret.clone(),
            Self::Json => secret.in_json(),
            Self::Percent => Secret::new(utf8_percent_encode(secret.reveal(), RESERVED).to_string()),
        }
    }
}

impl Seen {
    /// `bytes` in pieces, none of which has a secret in it that was seen; nothing when there are more than `secrets_max` in it.
    #[must_use]
    pub fn parts<'a>(&self, bytes: &'a [u8], secrets_max: usize) -> Option<Vec<Part<'a>>> {
        let mut needles: Vec<(&Arc<str>, Form, Secret)> = Vec::new();
        for (name, value) in self.told() {
            for form in Form::ALL {
                let text = form.of(value);
                if !needles.iter().any(|(.., other)| *other == text) {
                    needles.push((name, form, text));
                }
            }
        }
        // Longer ones first: one may be a part of another.
        needles.sort_by_key(|(.., text)| std::cmp::Reverse(text.reveal().len()));
        let mut parts = vec![Part::Plain(bytes)];
        let mut left = secrets_max;
        for (name, form, text) in &needles {
            let mut split = Vec::with_capacity(parts.len());
            for part in parts {
                let Part::Plain(mut plain) = part else {
                    split.push(part);
                    continue;
                };
                while let Some(at) = memmem::find(plain, text.reveal().as_bytes()) {
                    left = left.checked_sub(1)?;
                    split.push(Part::Plain(&plain[..at]));
                    split.push(Part::Secret(Arc::clone(name), *form));
                    plain = &plain[at + text.reveal().len()..];
                }
                split.push(Part::Plain(plain));
            }
            parts = split;
        }
        parts.retain(|part| !matches!(part, Part::Plain(plain) if plain.is_empty()));
        Some(parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(secrets: &[(&str, &str)]) -> Seen {
        let mut seen = Seen::default();
        for (name, value) in secrets {
            seen.add(&(*name).into(), &Secret::new((*value).to_owned()));
        }
        seen
    }

    #[test]
    fn a_text_is_cut_at_secrets_in_every_form() {
        let secrets = [("A", "12345678"), ("LONG", "xx12345678xx"), ("Q", "say \"hi\" / no")];
        let seen = seen(&secrets);
        let text = b"a=12345678&b=xx12345678xx&c=say%20%22hi%22%20%2F%20no&d=say \\\"hi\\\" / no&e=say \"hi\" / no";
        let parts = seen.parts(text, 5).unwrap();
        let named = |name: &str, form| Part::Secret(name.into(), form);
        assert_eq!(
            parts,
            [
                Part::Plain(b"a="),
                named("A", Form::Plain),
                Part::Plain(b"&b="),
                named("LONG", Form::Plain),
                Part::Plain(b"&c="),
                named("Q", Form::Percent),
                Part::Plain(b"&d="),
                named("Q", Form::Json),
                Part::Plain(b"&e="),
                named("Q", Form::Plain),
            ]
        );
        assert_eq!(seen.parts(text, 4), None);
        // Together they are the text again.
        let value = |name: &str| Secret::new(secrets.iter().find(|(one, _)| *one == name).unwrap().1.to_owned());
        let whole = parts.iter().flat_map(|part| match part {
            Part::Plain(plain) => plain.to_vec(),
            Part::Secret(name, form) => form.of(&value(name)).reveal().as_bytes().to_vec(),
        });
        assert_eq!(whole.collect::<Vec<_>>(), text);
    }

    #[test]
    fn where_nothing_was_seen_a_text_is_one_piece() {
        assert_eq!(
            Seen::default().parts(b"12345678", 0),
            Some(vec![Part::Plain(b"12345678")])
        );
        assert_eq!(seen(&[("A", "12345678")]).parts(b"", 0), Some(Vec::new()));
    }
}
