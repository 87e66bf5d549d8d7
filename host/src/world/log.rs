//! `log::*`, `print` and `debug`: lines that go into the execution's record, their bytes counted as they come.

use picloud_sdk::api::LogLine;
use picloud_sdk::call::log::{Call, LogLevel};
use picloud_sdk::limits::{Limit, Stop};
use serde_json::value::{RawValue, to_raw_value};

use super::told::Told;

/// The lines of one run, and what they may come to.
#[derive(Debug)]
pub(super) struct Log {
    lines: Vec<LogLine>,
    bytes: u32,
    bytes_max: u32,
}

impl Log {
    pub(super) const fn new(bytes_max: u32) -> Self {
        Self {
            lines: Vec::new(),
            bytes: 0,
            bytes_max,
        }
    }

    pub(super) const fn bytes_max(&self) -> u32 {
        self.bytes_max
    }

    pub(super) fn into_lines(self) -> (Vec<LogLine>, u32) {
        (self.lines, self.bytes)
    }

    pub(super) fn answer(&mut self, call: &Call<'_>) -> Told<()> {
        let Call::Line { level, message, fields } = *call;
        let used = u64::from(self.bytes) + (message.len() + fields.len()) as u64;
        self.bytes = u32::try_from(used)
            .ok()
            .filter(|used| *used <= self.bytes_max)
            .ok_or_else(|| self.stop(used))?;
        self.lines.push(line(level, message, fields));
        Ok(())
    }

    /// The stop for a line of about so many bytes, which nobody looked at.
    pub(super) fn too_long(&self, bytes: usize) -> Stop {
        self.stop(u64::from(self.bytes) + bytes as u64)
    }

    fn stop(&self, used: u64) -> Stop {
        Stop {
            limit: Limit::LogBytes,
            used,
            allowed: self.bytes_max.into(),
        }
    }
}

/// A line as the guest sent it: `fields` is a JSON object or empty. What is no object stays readable as text.
fn line(level: LogLevel, message: &str, fields: &str) -> LogLine {
    let fields = match serde_json::from_str::<&RawValue>(fields) {
        _ if fields.is_empty() => None,
        Ok(object) if object.get().starts_with('{') => Some(object.to_owned()),
        _ => to_raw_value(&serde_json::json!({ "fields": fields })).ok(),
    };
    LogLine {
        level,
        message: message.to_owned(),
        fields,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::told::No;
    use super::*;

    #[test]
    fn fields_are_kept_as_they_are() {
        let warning = line(LogLevel::Warn, "a\0b", r#"{"n": 1, "deep": ["\u0000"]}"#);
        let expected = json!({ "level": "warn", "message": "a\u{0}b", "fields": { "n": 1, "deep": ["\u{0}"] } });
        assert_eq!(serde_json::to_value(warning).unwrap(), expected);
    }

    #[test]
    fn what_is_no_object_stays_readable() {
        for text in ["[1]", "{", "\"x\"", "{\"a\": 1"] {
            let line = line(LogLevel::Info, "m", text);
            assert_eq!(serde_json::to_value(line).unwrap()["fields"]["fields"], json!(text));
        }
    }

    #[test]
    fn a_line_that_is_one_too_many_names_what_it_would_have_made() {
        let mut log = Log::new(10);
        let line = |message| Call::Line {
            level: LogLevel::Info,
            message,
            fields: "",
        };
        log.answer(&line("12345")).unwrap();
        let No::Stop(stop) = log.answer(&line("678901")).unwrap_err() else {
            panic!("not a stop")
        };
        assert_eq!((stop.limit, stop.used, stop.allowed), (Limit::LogBytes, 11, 10));
        log.answer(&line("67890")).unwrap();
        assert_eq!(log.into_lines().1, 10);
    }
}
