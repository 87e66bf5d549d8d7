//! The secrets that a run was told, to be found in what it leaves.

use std::borrow::Cow;
use std::sync::Arc;

use memchr::memmem;
use picloud_sdk::api::LogLine;
use serde_json::Value;
use serde_json::value::to_raw_value;

use super::HIDDEN_BYTES_MIN;
use super::value::Secret;

/// The secrets that a run was told. A run that was told none pays nothing.
#[derive(Debug, Default, Clone)]
pub struct Seen(Vec<One>);

#[derive(Debug, Clone)]
struct One {
    name: Arc<str>,
    value: Secret,
    /// As it stands in JSON, when that is another text.
    in_json: Option<Secret>,
}

impl Seen {
    /// The run was told `value`.
    pub fn add(&mut self, name: &Arc<str>, value: &Secret) {
        let text = value.reveal();
        if text.len() < HIDDEN_BYTES_MIN || self.0.iter().any(|one| one.value == *value) {
            return;
        }
        let in_json = Some(value.in_json()).filter(|in_json| in_json != value);
        // Longer ones first: one may be a part of another.
        let at = self.0.partition_point(|one| one.value.reveal().len() >= text.len());
        let one = One {
            name: Arc::clone(name),
            value: value.clone(),
            in_json,
        };
        self.0.insert(at, one);
    }

    /// Whether there is anything to look for.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Names and values.
    pub(super) fn told(&self) -> impl Iterator<Item = (&Arc<str>, &Secret)> {
        self.0.iter().map(|one| (&one.name, &one.value))
    }

    fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().flat_map(|one| {
            let value = [Some(&one.value), one.in_json.as_ref()].into_iter().flatten();
            value.map(|value| (&*one.name, value.reveal()))
        })
    }

    /// Whether `bytes` have one of them.
    #[must_use]
    pub fn is_in(&self, bytes: &[u8]) -> bool {
        self.texts()
            .any(|(_, text)| memmem::find(bytes, text.as_bytes()).is_some())
    }

    /// The same, or `bytes` end with the beginning of one: they were cut there.
    #[must_use]
    pub fn is_in_beginning(&self, bytes: &[u8]) -> bool {
        self.is_in(bytes)
            || self
                .texts()
                .any(|(_, text)| overlap(bytes, text.as_bytes()) >= HIDDEN_BYTES_MIN)
    }

    /// `text` with `[secret:NAME]` in place of each.
    #[must_use]
    pub fn hidden<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut hidden = Cow::Borrowed(text);
        for (name, text) in self.texts() {
            if hidden.contains(text) {
                hidden = hidden.replace(text, &marker(name)).into();
            }
        }
        hidden
    }

    /// The same of a text whose end may have been cut off, in the middle of one.
    pub fn hide(&self, text: &mut String) {
        if self.is_empty() {
            return;
        }
        if let Cow::Owned(hidden) = self.hidden(text) {
            *text = hidden;
        }
        // As a cut is marked.
        let marks = text.split_off(text.trim_end_matches(['…', '\u{fffd}']).len());
        for (name, needle) in self.texts() {
            let part = overlap(text.as_bytes(), needle.as_bytes());
            if part >= HIDDEN_BYTES_MIN {
                text.truncate(text.floor_char_boundary(text.len() - part));
                text.push_str(&marker(name));
            }
        }
        text.push_str(&marks);
    }

    /// The same of a text with the name of a host, which is in lower case whatever was asked for.
    pub fn hide_in_host(&self, text: &mut String) {
        for (name, needle) in self.texts() {
            let needle = needle.to_ascii_lowercase();
            if text.contains(&needle) {
                *text = text.replace(&needle, &marker(name));
            }
        }
        self.hide(text);
    }

    /// Hides them in lines of a log.
    pub fn hide_in_log(&self, lines: &mut [LogLine]) {
        if self.is_empty() {
            return;
        }
        for LogLine { message, fields, .. } in lines {
            if let Cow::Owned(hidden) = self.hidden(message) {
                *message = hidden;
            }
            let Some(text) = fields.as_ref().map(|fields| fields.get()) else {
                continue;
            };
            let Ok(mut value) = serde_json::from_str::<Value>(text) else {
                // Deeper than we read: what may be in there is not shown.
                *fields = to_raw_value(&serde_json::json!({ "fields": "[too deep to look for secrets]" })).ok();
                continue;
            };
            if self.hide_in_json(&mut value) {
                *fields = to_raw_value(&value).ok();
            }
        }
    }

    /// Whether anything was hidden.
    fn hide_in_json(&self, value: &mut Value) -> bool {
        match value {
            Value::String(text) => match self.hidden(text) {
                Cow::Owned(hidden) => {
                    *text = hidden;
                    true
                }
                Cow::Borrowed(_) => false,
            },
            Value::Number(number) => match self.hidden(&number.to_string()) {
                Cow::Owned(hidden) => {
                    *value = Value::String(hidden);
                    true
                }
                Cow::Borrowed(_) => false,
            },
            Value::Array(values) => values
                .iter_mut()
                .fold(false, |any, value| self.hide_in_json(value) | any),
            Value::Object(fields) => {
                let mut any = false;
                let shown = std::mem::take(fields).into_iter().map(|(name, mut value)| {
                    any |= self.hide_in_json(&mut value);
                    let hidden = self.hidden(&name).into_owned();
                    any |= hidden != name;
                    (hidden, value)
                });
                *fields = shown.collect();
                any
            }
            Value::Null | Value::Bool(_) => false,
        }
    }
}

fn marker(name: &str) -> String {
    format!("[secret:{name}]")
}

/// How many bytes at the end of `text` are the beginning of `needle`, but not all of it. In one pass (Knuth, Morris, Pratt).
fn overlap(text: &[u8], needle: &[u8]) -> usize {
    let mut borders = vec![0; needle.len()];
    let mut border = 0;
    for at in 1..needle.len() {
        while border > 0 && needle[border] != needle[at] {
            border = borders[border - 1];
        }
        border += usize::from(needle[border] == needle[at]);
        borders[at] = border;
    }
    let mut matched = 0;
    for byte in &text[text.len().saturating_sub(needle.len().saturating_sub(1))..] {
        while matched > 0 && needle[matched] != *byte {
            matched = borders[matched - 1];
        }
        matched += usize::from(needle[matched] == *byte);
    }
    matched
}

#[cfg(test)]
mod tests {
    use picloud_sdk::call::log::LogLevel;
    use serde_json::json;

    use super::*;

    fn seen(secrets: &[(&str, &str)]) -> Seen {
        let mut seen = Seen::default();
        for (name, value) in secrets {
            seen.add(&(*name).into(), &Secret::new((*value).to_owned()));
        }
        seen
    }

    #[test]
    fn a_value_is_hidden_wherever_it_stands() {
        let seen = seen(&[
            ("A", "12345678"),
            ("LONG", "xx12345678xx"),
            ("Q", "say \"hi\"\n!"),
            ("SHORT", "1234567"),
        ]);
        assert_eq!(seen.hidden("a 12345678 b 12345678"), "a [secret:A] b [secret:A]");
        assert_eq!(seen.hidden("xx12345678xx"), "[secret:LONG]");
        assert_eq!(seen.hidden(r#"{"a":"say \"hi\"\n!"}"#), r#"{"a":"[secret:Q]"}"#);
        assert_eq!(seen.hidden("1234567"), "1234567");
        assert!(seen.is_in(b"\xff12345678\xff") && !seen.is_in(b"1234567"));
    }

    #[test]
    fn a_value_that_was_cut_is_hidden_too() {
        let seen = seen(&[("A", "abababababac")]);
        for (text, hidden) in [
            ("so ababababab", "so [secret:A]"),
            ("so ababababab\u{fffd}…", "so [secret:A]\u{fffd}…"),
            ("so abababa", "so abababa"),
            ("so abababababac", "so [secret:A]"),
            ("so abababababab", "so ab[secret:A]"),
        ] {
            let mut shown = text.to_owned();
            seen.hide(&mut shown);
            let is_whole = seen.is_in(text.as_bytes());
            assert!(
                is_whole || shown == hidden || !shown.contains("abababab"),
                "{text}: {shown}"
            );
        }
    }

    #[test]
    fn fields_of_a_line_hide_it_in_names_texts_and_numbers() {
        let seen = seen(&[("A", "12345678"), ("Q", "a\"b\\c\u{e9}\n--")]);
        let fields = json!({ "12345678": [1, 12_345_678, { "q": "a\"b\\c\u{e9}\n--" }], "n": 1.5 });
        let mut lines = [LogLine {
            level: LogLevel::Info,
            message: "m 12345678".to_owned(),
            fields: to_raw_value(&fields).ok(),
        }];
        seen.hide_in_log(&mut lines);
        let told = serde_json::to_value(&lines[0]).unwrap();
        assert_eq!(told["message"], "m [secret:A]");
        assert_eq!(
            told["fields"],
            json!({ "[secret:A]": [1, "[secret:A]", { "q": "[secret:Q]" }], "n": 1.5 })
        );
    }
}
