//! `yaml::*`: configuration as values (YAML 1.2, its core schema).

use std::collections::BTreeMap;

use rhai::plugin::*;
use rhai::{Array, Dynamic, Engine, Map};
use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

use super::{Fallible, RUNS, only_described, refuse};

/// Deeper values have no JSON form either.
const DEPTH_MAX: usize = 128;
/// Values that aliases may come to in all: each stands for as many as what it repeats.
const REPEATED_MAX: usize = 10_000;

pub(super) fn register(engine: &mut Engine) {
    engine.register_static_module("yaml", exported_module!(functions).into());
}

/// A value, how many values it is made of, and how deep.
#[derive(Clone)]
struct Node {
    value: Dynamic,
    count: usize,
    depth: usize,
}

/// A sequence or a mapping whose end is still to come.
struct Open {
    anchor: usize,
    count: usize,
    depth: usize,
    kind: Kind,
}

enum Kind {
    Sequence(Array),
    /// With the key that waits for its value.
    Mapping(Map, Option<String>),
}

/// The documents of a text, as far as they were read.
#[derive(Default)]
struct Documents {
    open: Vec<Open>,
    anchors: BTreeMap<usize, Node>,
    repeated: usize,
    read: Array,
}

impl Documents {
    fn read(&mut self, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::DocumentStart(_) => self.anchors.clear(),
            Event::Scalar(text, style, anchor, tag) => {
                if self.take_key(&text) {
                    self.keep(anchor, || leaf(text.as_ref().into()));
                    return Ok(());
                }
                let value = scalar(&text, style, tag.as_deref())?;
                self.keep(anchor, || leaf(value.clone()));
                self.put(leaf(value))?;
            }
            Event::SequenceStart(anchor, tag) => {
                self.begin(anchor, tag.as_deref(), "seq", Kind::Sequence(Array::new()))?;
            }
            Event::MappingStart(anchor, tag) => {
                self.begin(anchor, tag.as_deref(), "map", Kind::Mapping(Map::new(), None))?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.end()?,
            Event::Alias(anchor) => self.repeat(anchor)?,
            Event::DocumentEnd | Event::StreamStart | Event::StreamEnd | Event::Nothing => {}
        }
        Ok(())
    }

    /// Takes a text as a key, if it stands where one is.
    fn take_key(&mut self, text: &str) -> bool {
        match self.open.last_mut().map(|open| &mut open.kind) {
            Some(Kind::Mapping(_, key @ None)) => {
                *key = Some(text.to_owned());
                true
            }
            _ => false,
        }
    }

    fn is_at_key(&self) -> bool {
        matches!(self.open.last().map(|open| &open.kind), Some(Kind::Mapping(_, None)))
    }

    fn keep(&mut self, anchor: usize, node: impl FnOnce() -> Node) {
        // Zero is none.
        if anchor > 0 {
            self.anchors.insert(anchor, node());
        }
    }

    fn begin(&mut self, anchor: usize, tag: Option<&Tag>, own: &str, kind: Kind) -> Result<(), String> {
        if self.is_at_key() {
            return Err("a key is a plain value, not a sequence or a mapping".to_owned());
        }
        if self.open.len() == DEPTH_MAX {
            return Err(format!("nested deeper than {DEPTH_MAX} levels"));
        }
        if let Some(tag) = tag.filter(|tag| !(tag.is_yaml_core_schema() && tag.suffix == own)) {
            return Err(unknown(tag));
        }
        self.open.push(Open {
            anchor,
            count: 1,
            depth: 1,
            kind,
        });
        Ok(())
    }

    fn end(&mut self) -> Result<(), String> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let value = match open.kind {
            Kind::Sequence(values) => Dynamic::from_array(values),
            Kind::Mapping(map, _) => map.into(),
        };
        let node = Node {
            value,
            count: open.count,
            depth: open.depth,
        };
        self.keep(open.anchor, || node.clone());
        self.put(node)
    }

    fn repeat(&mut self, anchor: usize) -> Result<(), String> {
        let Some(node) = self.anchors.get(&anchor).cloned() else {
            return Err("an alias stands inside of what it repeats".to_owned());
        };
        if self.is_at_key() {
            let text = node.value.into_immutable_string();
            let text = text.map_err(|_| "an alias of what is no text cannot be a key".to_owned())?;
            self.take_key(&text);
            return Ok(());
        }
        self.repeated += node.count;
        if self.repeated > REPEATED_MAX {
            return Err(format!("aliases come to more than {REPEATED_MAX} values"));
        }
        if self.open.len() + node.depth > DEPTH_MAX {
            return Err(format!("nested deeper than {DEPTH_MAX} levels"));
        }
        self.put(node)
    }

    /// A value comes to where it belongs.
    fn put(&mut self, node: Node) -> Result<(), String> {
        let Some(open) = self.open.last_mut() else {
            self.read.push(node.value);
            return Ok(());
        };
        open.count += node.count;
        open.depth = open.depth.max(node.depth + 1);
        match &mut open.kind {
            Kind::Sequence(values) => values.push(node.value),
            Kind::Mapping(map, key) => {
                let key = key.take().unwrap_or_default();
                if map.contains_key(key.as_str()) {
                    return Err(format!("the key {key:?} is there twice"));
                }
                map.insert(key.into(), node.value);
            }
        }
        Ok(())
    }
}

const fn leaf(value: Dynamic) -> Node {
    Node {
        value,
        count: 1,
        depth: 0,
    }
}

fn unknown(tag: &Tag) -> String {
    format!("the tag `{tag}` is none of YAML's core schema")
}

/// What a scalar means: what is quoted is a text, else the core schema says it, unless a tag does.
fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Dynamic, String> {
    let as_text = || Dynamic::from(ImmutableString::from(text));
    let Some(tag) = tag else {
        return match style {
            ScalarStyle::Plain => plain(text),
            _ => Ok(as_text()),
        };
    };
    // A lone `!` says that it is a text.
    if tag.handle.is_empty() && tag.suffix == "!" || tag.handle == "!" && tag.suffix.is_empty() {
        return Ok(as_text());
    }
    if !tag.is_yaml_core_schema() {
        return Err(unknown(tag));
    }
    let value = plain(text)?;
    match tag.suffix.as_str() {
        "str" => Ok(as_text()),
        "null" if value.is_unit() => Ok(value),
        "bool" if value.is_bool() => Ok(value),
        "int" if value.is_int() => Ok(value),
        "float" if value.is_float() => Ok(value),
        "float" if value.is_int() => Ok(text.parse::<f64>().map_or_else(|_| as_text(), Into::into)),
        "null" | "bool" | "int" | "float" => Err(format!("{text:?} is no {}", tag.suffix)),
        _ => Err(unknown(tag)),
    }
}

/// The core schema of YAML 1.2 (10.3.2).
fn plain(text: &str) -> Result<Dynamic, String> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    Ok(match text {
        "" | "~" | "null" | "Null" | "NULL" => Dynamic::UNIT,
        "true" | "True" | "TRUE" => true.into(),
        "false" | "False" | "FALSE" => false.into(),
        ".nan" | ".NaN" | ".NAN" => f64::NAN.into(),
        _ if matches!(unsigned, ".inf" | ".Inf" | ".INF") => {
            let is_negative = text.starts_with('-');
            Dynamic::from(if is_negative { f64::NEG_INFINITY } else { f64::INFINITY })
        }
        _ if is_integer(text) => match integer(text) {
            Some(number) => number.into(),
            None => {
                return Err(format!(
                    "the integer {} has no room in an int",
                    crate::value::cut(text, 40)
                ));
            }
        },
        _ if is_float(unsigned) => text.parse::<f64>().map_or_else(|_| text.into(), Into::into),
        _ => ImmutableString::from(text).into(),
    })
}

fn is_integer(text: &str) -> bool {
    let all = |digits: &str, is: fn(&char) -> bool| !digits.is_empty() && digits.chars().all(|digit| is(&digit));
    if let Some(digits) = text.strip_prefix("0o") {
        return all(digits, |digit| digit.is_digit(8));
    }
    if let Some(digits) = text.strip_prefix("0x") {
        return all(digits, char::is_ascii_hexdigit);
    }
    all(text.strip_prefix(['-', '+']).unwrap_or(text), char::is_ascii_digit)
}

fn integer(text: &str) -> Option<i64> {
    let radix = |digits: &str, radix| i64::from_str_radix(digits, radix).ok();
    match text.get(..2) {
        Some("0o") => radix(&text[2..], 8),
        Some("0x") => radix(&text[2..], 16),
        _ => text.parse().ok(),
    }
}

/// `[0-9]*` with a point or an exponent, and a digit in all cases.
fn is_float(unsigned: &str) -> bool {
    let (number, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, behind) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    digits(whole)
        && digits(behind)
        && !(whole.is_empty() && behind.is_empty())
        && digits(exponent)
        && !exponent.is_empty()
}

fn documents(text: &str) -> Fallible<Array> {
    if !RUNS {
        return only_described();
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut documents = Documents::default();
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let (event, span) = match event {
            Ok(event) => event,
            Err(why) => {
                return refuse(
                    "bad_yaml",
                    format!("no YAML, at line {}: {}", why.marker().line(), why.info()),
                );
            }
        };
        if let Err(why) = documents.read(event) {
            return refuse(
                "bad_yaml",
                format!("no YAML that is read here, at line {}: {why}", span.start.line()),
            );
        }
    }
    Ok(documents.read)
}

#[export_module]
mod functions {
    /// A YAML text as a value; an empty one is `()`: `yaml::parse("a: [1, x]\nb: no")` is `#{ a: [1, "x"], b: "no" }`.
    /// Keys become strings. Malformed, more than one document, a key that is there twice, a tag beyond the core schema,
    /// more than 128 levels, or aliases that come to more than 10,000 values: throws `bad_yaml`.
    #[rhai_fn(name = "parse", return_raw)]
    pub fn parse(text: &str) -> Fallible<Dynamic> {
        let mut documents = documents(text)?;
        if documents.len() > 1 {
            return refuse(
                "bad_yaml",
                format!("this has {} documents: `yaml::parse_all` reads them", documents.len()),
            );
        }
        Ok(documents.pop().unwrap_or_default())
    }

    /// All documents of a YAML text, as an array: `yaml::parse_all("1\n---\n2")` is `[1, 2]`. Throws as `yaml::parse`.
    #[rhai_fn(name = "parse_all", return_raw)]
    pub fn parse_all(text: &str) -> Fallible<Array> {
        documents(text)
    }
}
