//! Script values and JSON, both ways, bounded in depth.

use std::cell::Cell;
use std::fmt;

use rhai::{Array, Blob, Dynamic, FLOAT, INT, Identifier, ImmutableString, Map};
use rust_decimal::Decimal;
use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde::ser::{Error as _, SerializeMap, SerializeSeq};
use serde::{Deserializer, Serialize};
use serde_json::de::Read;

use crate::words;

/// Deeper values are refused in JSON, both ways; the bound that `serde_json` has for reading.
const DEPTH_MAX: u32 = 128;
/// The first whole number that is larger than any int.
const FIRST_WITHOUT_ROOM: f64 = 9_223_372_036_854_775_808.0;

thread_local! {
    /// What a value of a type of ours is as a map; [`crate::api`] has the types.
    static OF_OUR_TYPES: Cell<fn(&Dynamic) -> Option<Map>> = const { Cell::new(|_| None) };
}

/// Says what values of types of ours are as maps.
pub(crate) fn know_our_types(as_map: fn(&Dynamic) -> Option<Map>) {
    OF_OUR_TYPES.set(as_map);
}

/// JSON text as a script value: objects are maps, integers are integers. One that an int has no room for is refused, as
/// a float would lose digits of it. A byte order mark is no part of a text (RFC 8259, 8.1).
pub(crate) fn from_json(text: &[u8]) -> Result<Dynamic, String> {
    let text = without_mark(text);
    // Looked over once as a whole: the reader of bytes does it for each string.
    match std::str::from_utf8(text) {
        Ok(text) => read(&mut serde_json::Deserializer::from_str(text), text.as_bytes()),
        Err(_) => read(&mut serde_json::Deserializer::from_slice(text), text),
    }
}

fn read<'a>(reader: &mut serde_json::Deserializer<impl Read<'a>>, text: &[u8]) -> Result<Dynamic, String> {
    let has_large = Cell::new(false);
    let value = Reader { has_large: &has_large };
    let value = value.deserialize(&mut *reader).map_err(|error| error.to_string())?;
    reader.end().map_err(|error| error.to_string())?;
    match has_large.get().then(|| too_large(text)).flatten() {
        Some((integer, line)) => Err(format!(
            "the integer {} has no room in an int, which holds {} to {}; send it as a string, at line {line}",
            cut(integer, 40),
            i64::MIN,
            i64::MAX,
        )),
        None => Ok(value),
    }
}

/// The text behind its byte order mark, if it has one.
pub(crate) fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)
}

/// The first integer of a JSON text that is none for a script, and its line.
fn too_large(json: &[u8]) -> Option<(&str, usize)> {
    let mut at = 0;
    while let Some(byte) = json.get(at) {
        let rest = &json[at..];
        let of_number = |byte: &&u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        at += match byte {
            b'"' => 1 + text_bytes(&rest[1..]),
            b'0'..=b'9' | b'-' => {
                let bytes = rest.iter().take_while(of_number).count();
                let number = std::str::from_utf8(&rest[..bytes]).unwrap_or_default();
                if !number.contains(['.', 'e', 'E']) && number.parse::<i64>().is_err() {
                    let line = json[..at].split(|byte| *byte == b'\n').count();
                    return Some((number, line));
                }
                bytes
            }
            _ => 1,
        };
    }
    None
}

/// How long a JSON string is from behind its first quote to behind its last.
fn text_bytes(rest: &[u8]) -> usize {
    let mut at = 0;
    while let Some(byte) = rest.get(at) {
        at += if *byte == b'\\' { 2 } else { 1 };
        if *byte == b'"' {
            break;
        }
    }
    at
}

/// A script value as JSON text. NaN and the infinities become `null`, as in JavaScript.
pub(crate) fn to_json(value: &Dynamic) -> Result<String, String> {
    serde_json::to_string(&Json(value)).map_err(|error| error.to_string())
}

/// The same over several lines.
pub(crate) fn to_json_pretty(value: &Dynamic) -> Result<String, String> {
    serde_json::to_string_pretty(&Json(value)).map_err(|error| error.to_string())
}

/// The same for a log, which takes everything: what has no JSON form is there as a text that names it.
pub(crate) fn to_log(value: &Dynamic) -> Vec<u8> {
    let mut text = Vec::with_capacity(128);
    let writer = Writer {
        value,
        depth: 0,
        other: Other::Name,
    };
    serde_json::to_writer(&mut text, &writer).expect("everything has a form, and a vector has room");
    text
}

/// A script value as a person reads it in a log or an error, cut after `bytes_max`.
pub(crate) fn to_text(value: &Dynamic, bytes_max: usize) -> String {
    if let Ok(text) = value.as_immutable_string_ref() {
        return cut(&text, bytes_max).to_owned();
    }
    if !value.is_array() && !value.is_map() {
        return cut(&named(value), bytes_max).to_owned();
    }
    let mut sink = Bounded {
        text: Vec::new(),
        bytes_max,
    };
    // Past the bound the writer is told "no more"; what was written until then is the text.
    let writer = Writer {
        value,
        depth: 0,
        other: Other::Name,
    };
    let written = serde_json::to_writer(&mut sink, &writer);
    let mut text = String::from_utf8_lossy(&sink.text).into_owned();
    if written.is_err() {
        text.push('…');
    }
    text
}

/// A value that is no text and holds no others, for a person.
fn named(value: &Dynamic) -> String {
    if let Some(number) = value.read_lock::<Decimal>() {
        return number.to_string();
    }
    let kind = words::of_type(value.type_name());
    let is_plain = value.is_int() || value.is_float() || value.is_bool() || value.is_char() || value.is_unit();
    if is_plain || value.is_blob() || kind == "range" {
        value.to_string()
    } else {
        format!("<{kind}>")
    }
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
    other: Other,
}

/// What becomes of a value that has no JSON form, or is nested too deep.
#[derive(Clone, Copy, PartialEq)]
enum Other {
    Refuse,
    Name,
}

/// A value as whatever serde writes; what has no JSON form is an error.
pub(crate) struct Json<'a>(pub(crate) &'a Dynamic);

impl Serialize for Json<'_> {
    fn serialize<S: serde::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let writer = Writer {
            value: self.0,
            depth: 0,
            other: Other::Refuse,
        };
        writer.serialize(out)
    }
}

impl Serialize for Writer<'_> {
    fn serialize<S: serde::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        if self.depth > DEPTH_MAX {
            return match self.other {
                Other::Refuse => Err(S::Error::custom(format!("nested deeper than {DEPTH_MAX} levels"))),
                Other::Name => out.serialize_str("…"),
            };
        }
        let value = self.value;
        // Asked by type, as what `as_int` and its like say of another type is a text, made each time.
        if let Some(text) = value.read_lock::<ImmutableString>() {
            return out.serialize_str(&text);
        }
        if let Some(number) = value.read_lock::<INT>() {
            return out.serialize_i64(*number);
        }
        if let Some(map) = value.read_lock::<Map>() {
            return self.map(&map, out);
        }
        if let Some(array) = value.read_lock::<Array>() {
            return self.array(&array, out);
        }
        if let Some(number) = value.read_lock::<FLOAT>() {
            return out.serialize_f64(*number);
        }
        if let Some(flag) = value.read_lock::<bool>() {
            return out.serialize_bool(*flag);
        }
        if value.is_unit() {
            return out.serialize_unit();
        }
        if let Some(character) = value.read_lock::<char>() {
            return out.serialize_char(*character);
        }
        if let Some(blob) = value.read_lock::<Blob>() {
            return out.collect_seq(blob.iter());
        }
        if let Some(map) = OF_OUR_TYPES.get()(value) {
            return self.map(&map, out);
        }
        if let Some(number) = value.read_lock::<Decimal>() {
            return out.collect_str(&*number);
        }
        match self.other {
            Other::Name => out.serialize_str(&named(value)),
            Other::Refuse => Err(S::Error::custom(format!(
                "a value of type {} has no JSON form",
                words::of_type(value.type_name())
            ))),
        }
    }
}

impl Writer<'_> {
    fn map<S: serde::Serializer>(&self, map: &Map, out: S) -> Result<S::Ok, S::Error> {
        let mut object = out.serialize_map(Some(map.len()))?;
        for (key, value) in map {
            object.serialize_entry(
                key.as_str(),
                &Writer {
                    value,
                    depth: self.depth + 1,
                    other: self.other,
                },
            )?;
        }
        object.end()
    }

    fn array<S: serde::Serializer>(&self, array: &Array, out: S) -> Result<S::Ok, S::Error> {
        let mut list = out.serialize_seq(Some(array.len()))?;
        for value in array {
            list.serialize_element(&Writer {
                value,
                depth: self.depth + 1,
                other: self.other,
            })?;
        }
        list.end()
    }
}

#[derive(Clone, Copy)]
struct Reader<'a> {
    /// Set by a number that may be an integer without room in an int.
    has_large: &'a Cell<bool>,
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Dynamic;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Dynamic, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
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

    fn visit_u64<E>(self, value: u64) -> Result<Dynamic, E> {
        self.has_large
            .set(self.has_large.get() || i64::try_from(value).is_err());
        Ok(i64::try_from(value).map_or(Dynamic::UNIT, Into::into))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Dynamic, E> {
        self.has_large
            .set(self.has_large.get() || value.abs() >= FIRST_WITHOUT_ROOM);
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Dynamic, E> {
        Ok(ImmutableString::from(value).into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Dynamic, A::Error> {
        let mut array = Array::new();
        while let Some(value) = list.next_element_seed(self)? {
            array.push(value);
        }
        Ok(array.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Dynamic, A::Error> {
        let mut map = Map::new();
        while let Some(key) = object.next_key_seed(Key)? {
            let value = object.next_value_seed(self)?;
            map.insert(key, value);
        }
        Ok(map.into())
    }
}

/// Reads a key as a map has it, without a string in between.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Identifier;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Identifier, D::Error> {
        reader.deserialize_str(self)
    }
}

impl Visitor<'_> for Key {
    type Value = Identifier;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Identifier, E> {
        Ok(key.into())
    }
}
