//! JSON as it is written, as values; numbers from their digits.

use std::collections::BTreeMap;

use picloud_sdk::value::{DEPTH_MAX, Value};

use super::BadJson;

/// JSON as it stands there: objects are maps, whatever their keys.
pub(super) struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    /// From the beginning of `text`.
    pub(super) const fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    /// The one value that there is.
    pub(super) fn only(mut self) -> Result<Value, BadJson> {
        let value = self.value(0)?;
        self.space();
        if self.rest.is_empty() {
            Ok(value)
        } else {
            Err(BadJson::Malformed)
        }
    }

    fn space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    fn take(&mut self, what: &str) -> bool {
        self.space();
        let rest = self.rest.strip_prefix(what);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn expect(&mut self, what: &str) -> Result<(), BadJson> {
        if self.take(what) {
            Ok(())
        } else {
            Err(BadJson::Malformed)
        }
    }

    fn value(&mut self, depth: u32) -> Result<Value, BadJson> {
        // A level of a value may take two of JSON.
        if depth > 2 * DEPTH_MAX + 2 {
            return Err(BadJson::TooDeep);
        }
        self.space();
        match self.rest.as_bytes().first() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.text().map(Value::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ if self.take("null") => Ok(Value::Unit),
            _ if self.take("true") => Ok(Value::Bool(true)),
            _ if self.take("false") => Ok(Value::Bool(false)),
            _ => Err(BadJson::Malformed),
        }
    }

    fn object(&mut self, depth: u32) -> Result<Value, BadJson> {
        self.expect("{")?;
        let mut pairs = BTreeMap::new();
        if self.take("}") {
            return Ok(Value::Map(pairs));
        }
        loop {
            self.space();
            let key = self.text()?;
            self.expect(":")?;
            let value = self.value(depth + 1)?;
            if pairs.contains_key(&key) {
                return Err(BadJson::Twice(key));
            }
            pairs.insert(key, value);
            if self.take("}") {
                return Ok(Value::Map(pairs));
            }
            self.expect(",")?;
        }
    }

    fn array(&mut self, depth: u32) -> Result<Value, BadJson> {
        self.expect("[")?;
        let mut values = Vec::new();
        if self.take("]") {
            return Ok(Value::Array(values));
        }
        loop {
            values.push(self.value(depth + 1)?);
            if self.take("]") {
                return Ok(Value::Array(values));
            }
            self.expect(",")?;
        }
    }

    fn text(&mut self) -> Result<String, BadJson> {
        let inside = self.rest.strip_prefix('"').ok_or(BadJson::Malformed)?;
        let mut escaped = false;
        let end = inside.bytes().position(|byte| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        });
        let (text, rest) = self.rest.split_at(end.ok_or(BadJson::Malformed)? + 2);
        self.rest = rest;
        serde_json::from_str(text).map_err(|_| BadJson::Malformed)
    }

    fn number(&mut self) -> Result<Value, BadJson> {
        let is_part = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
        let end = self.rest.bytes().position(|byte| !is_part(byte));
        let (number, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        if number.contains(['.', 'e', 'E']) {
            return match number.parse::<f64>() {
                Ok(float) if float.is_finite() => Ok(Value::Float(float)),
                Ok(_) => Err(BadJson::TooLarge(number.to_owned())),
                Err(_) => Err(BadJson::Malformed),
            };
        }
        let digits = number.strip_prefix('-').unwrap_or(number);
        match number.parse::<i64>() {
            Ok(int) => Ok(Value::Int(int)),
            Err(_) if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                Err(BadJson::TooLong(number.to_owned()))
            }
            Err(_) => Err(BadJson::Malformed),
        }
    }
}
