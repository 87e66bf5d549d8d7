//! Script values and what is kept of them: [`picloud_sdk::value`]'s bytes, both ways, types kept.

use picloud_sdk::value::{self, DEPTH_MAX, Malformed, Reader, Token};
use rhai::{Array, Blob, Dynamic, ImmutableString, Map};
use rust_decimal::Decimal;

use crate::words;

/// The bytes of a value, or a sentence that says what in it cannot be kept, and where.
pub(crate) fn to_bytes(value: &Dynamic) -> Result<Vec<u8>, String> {
    to_bytes_under("", value)
}

/// The same of a value that is for `key`: where it is, begins with that.
pub(crate) fn to_bytes_under(key: &str, value: &Dynamic) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::with_capacity(64);
    write(&mut bytes, value, 0).map_err(|Refused { mut path, why }| {
        path.push(key.to_owned());
        path.reverse();
        match path.concat() {
            at if at.is_empty() => format!("{why} cannot be kept"),
            at => format!("{why} at `{}` cannot be kept", at.trim_start_matches('.')),
        }
    })?;
    Ok(bytes)
}

/// The value that bytes of ours are.
pub(crate) fn from_bytes(bytes: &[u8]) -> Dynamic {
    let mut reader = Reader::new(bytes);
    read(&mut reader).expect("the host hands out values")
}

struct Refused {
    /// From the inside out.
    path: Vec<String>,
    why: String,
}

impl Refused {
    fn here(why: String) -> Self {
        let path = Vec::new();
        Self { path, why }
    }

    fn within(mut self, step: String) -> Self {
        self.path.push(step);
        self
    }
}

fn write(bytes: &mut Vec<u8>, value: &Dynamic, depth: u32) -> Result<(), Refused> {
    if depth > DEPTH_MAX {
        return Err(Refused::here(format!("what is nested deeper than {DEPTH_MAX} levels")));
    }
    if value.is_shared() {
        return Err(Refused::here("a value that is shared with a closure".to_owned()));
    }
    let token = if let Ok(text) = value.as_immutable_string_ref() {
        value::write(bytes, Token::Text(&text));
        return Ok(());
    } else if let Ok(int) = value.as_int() {
        Token::Int(int)
    } else if let Ok(map) = value.as_map_ref() {
        value::write(bytes, Token::Map(map.len()));
        for (key, value) in &*map {
            value::key(bytes, key);
            write(bytes, value, depth + 1).map_err(|refused| refused.within(format!(".{key}")))?;
        }
        return Ok(());
    } else if let Ok(array) = value.as_array_ref() {
        value::write(bytes, Token::Array(array.len()));
        for (index, value) in array.iter().enumerate() {
            write(bytes, value, depth + 1).map_err(|refused| refused.within(format!("[{index}]")))?;
        }
        return Ok(());
    } else if let Ok(float) = value.as_float() {
        Token::Float(float)
    } else if let Ok(flag) = value.as_bool() {
        Token::Bool(flag)
    } else if value.is_unit() {
        Token::Unit
    } else if let Ok(char) = value.as_char() {
        Token::Char(char)
    } else if let Ok(blob) = value.as_blob_ref() {
        value::write(bytes, Token::Blob(&blob));
        return Ok(());
    } else if value.is::<Decimal>() {
        return Err(Refused::here(
            "a decimal, other than its text (`to_string()`),".to_owned(),
        ));
    } else {
        return Err(Refused::here(format!("a {}", words::of_type(value.type_name()))));
    };
    value::write(bytes, token);
    Ok(())
}

fn read(reader: &mut Reader<'_>) -> Result<Dynamic, Malformed> {
    Ok(match reader.token()? {
        Token::Unit => Dynamic::UNIT,
        Token::Bool(flag) => flag.into(),
        Token::Int(int) | Token::Time(int) => int.into(),
        Token::Float(float) => float.into(),
        Token::Char(char) => char.into(),
        Token::Text(text) => ImmutableString::from(text).into(),
        Token::Blob(blob) => Dynamic::from_blob(Blob::from(blob)),
        Token::Array(count) => {
            let values = (0..count).map(|_| read(reader));
            Dynamic::from_array(values.collect::<Result<Array, _>>()?)
        }
        Token::Map(count) => {
            let mut map = Map::new();
            for _ in 0..count {
                let key = reader.key()?;
                map.insert(key.into(), read(reader)?);
            }
            map.into()
        }
    })
}
