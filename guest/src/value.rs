//! Script values and JSON, both ways, bounded in depth.

use std::fmt;

use rhai::{Array, Dynamic, ImmutableString, Map};
use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde::ser::{Error as _, SerializeMap, SerializeSeq};
use serde::{Deserializer, Serialize, Serializer};

use crate::api::{Context, Request, Values};

/// Deeper values are refused in JSON, both ways; the bound that `serde_json` has for reading.
const DEPTH_MAX: u32 = 128;

/// JSON text as a script value: objects are maps, integers that fit are integers.
pub(crate) fn from_json(text: &[u8]) -> Result<Dynamic, String> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let value = Reader.deserialize(&mut reader).map_err(|error| error.to_string())?;
    reader.end().map_err(|error| error.to_string())?;
    Ok(value)
}

/// A script value as JSON text. NaN and the infinities become `null`, as in JavaScript.
pub(crate) fn to_json(value: &Dynamic) -> Result<Vec<u8>, String> {
    let mut text = Vec::with_capacity(128);
    serde_json::to_writer(&mut text, &Writer { value, depth: 0 }).map_err(|error| error.to_string())?;
    Ok(text)
}

/// A script value as a person reads it in a log or an error, cut after `bytes_max`.
pub(crate) fn to_text(value: &Dynamic, bytes_max: usize) -> String {
    if let Ok(text) = value.as_immutable_string_ref() {
        return cut(&text, bytes_max).to_owned();
    }
    if !value.is_array() && !value.is_map() {
        return cut(&value.to_string(), bytes_max).to_owned();
    }
    let mut sink = Bounded {
        text: Vec::new(),
        bytes_max,
    };
    // Past the bound the writer is told "no more"; what was written until then is the text.
    let written = serde_json::to_writer(&mut sink, &Writer { value, depth: 0 });
    let mut text = String::from_utf8_lossy(&sink.text).into_owned();
    if written.is_err() {
        text.push('…');
    }
    text
}

/// The longest prefix of whole characters within `bytes_max`.
pub(crate) fn cut(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

struct Bounded {
    text: Vec<u8>,
    bytes_max: usize,
}

impl std::io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let room = self.bytes_max - self.text.len();
        if room == 0 {
            return Err(std::io::ErrorKind::WriteZero.into());
        }
        let taken = bytes.len().min(room);
        self.text.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

struct Writer<'a> {
    value: &'a Dynamic,
    depth: u32,
}

impl Serialize for Writer<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        if self.depth > DEPTH_MAX {
            return Err(S::Error::custom(format!("nested deeper than {DEPTH_MAX} levels")));
        }
        let value = self.value;
        if let Ok(text) = value.as_immutable_string_ref() {
            return out.serialize_str(&text);
        }
        if let Ok(number) = value.as_int() {
            return out.serialize_i64(number);
        }
        if let Ok(map) = value.as_map_ref() {
            return self.map(&map, out);
        }
        if let Ok(array) = value.as_array_ref() {
            return self.array(&array, out);
        }
        if let Ok(number) = value.as_float() {
            return out.serialize_f64(number);
        }
        if let Ok(flag) = value.as_bool() {
            return out.serialize_bool(flag);
        }
        if value.is_unit() {
            return out.serialize_unit();
        }
        if let Ok(character) = value.as_char() {
            return out.serialize_char(character);
        }
        if let Ok(blob) = value.as_blob_ref() {
            return out.collect_seq(blob.iter());
        }
        if let Some(values) = value.read_lock::<Values>() {
            return self.map(&values.to_map(), out);
        }
        if let Some(context) = value.read_lock::<Context>() {
            return self.map(&context.to_map(), out);
        }
        if let Some(request) = value.read_lock::<Request>() {
            return self.map(&request.to_map(), out);
        }
        Err(S::Error::custom(format!(
            "a value of type {} has no JSON form",
            value.type_name()
        )))
    }
}

impl Writer<'_> {
    fn map<S: Serializer>(&self, map: &Map, out: S) -> Result<S::Ok, S::Error> {
        let mut object = out.serialize_map(Some(map.len()))?;
        for (key, value) in map {
            object.serialize_entry(
                key.as_str(),
                &Writer {
                    value,
                    depth: self.depth + 1,
                },
            )?;
        }
        object.end()
    }

    fn array<S: Serializer>(&self, array: &Array, out: S) -> Result<S::Ok, S::Error> {
        let mut list = out.serialize_seq(Some(array.len()))?;
        for value in array {
            list.serialize_element(&Writer {
                value,
                depth: self.depth + 1,
            })?;
        }
        list.end()
    }
}

struct Reader;

impl<'de> DeserializeSeed<'de> for Reader {
    type Value = Dynamic;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Dynamic, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader {
    type Value = Dynamic;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Dynamic, E> {
        Ok(Dynamic::UNIT)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Dynamic, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Dynamic, E> {
        Ok(value.into())
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "beyond 63 bits a JSON number is a float, as Rhai's own literals are"
    )]
    fn visit_u64<E>(self, value: u64) -> Result<Dynamic, E> {
        Ok(i64::try_from(value).map_or_else(|_| (value as f64).into(), Into::into))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Dynamic, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Dynamic, E> {
        Ok(ImmutableString::from(value).into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Dynamic, A::Error> {
        let mut array = Array::new();
        while let Some(value) = list.next_element_seed(Reader)? {
            array.push(value);
        }
        Ok(array.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Dynamic, A::Error> {
        let mut map = Map::new();
        while let Some(key) = object.next_key::<std::borrow::Cow<'_, str>>()? {
            let value = object.next_value_seed(Reader)?;
            map.insert(key.as_ref().into(), value);
        }
        Ok(map.into())
    }
}
