//! `xml::*`: XML as maps. No document type is read, so there are no entities but XML's own five.

use std::borrow::Cow;

use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use rhai::plugin::*;
use rhai::{Array, Dynamic, Engine, Map};

use super::options::Options;
use super::{Fallible, RUNS, only_described, refuse};

/// Elements that may stand in each other: each is two levels of a value, and JSON has 128.
const DEPTH_MAX: usize = 64;

pub(super) fn register(engine: &mut Engine) {
    engine.register_static_module("xml", exported_module!(functions).into());
}

/// An element whose end is still to come.
struct Element {
    name: String,
    attributes: Map,
    children: Array,
    text: String,
    /// Where its last text begins in `text`: that goes on until another element comes.
    text_from: usize,
}

impl Element {
    fn of(tag: &BytesStart<'_>) -> Result<Self, String> {
        let mut attributes = Map::new();
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(|why| why.to_string())?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
            let value = value.map_err(|why| why.to_string())?;
            attributes.insert(
                attribute.key.as_ref().into(),
                Dynamic::from(ImmutableString::from(&*value)),
            );
        }
        Ok(Self {
            name: tag.name().as_ref().to_owned(),
            attributes,
            children: Array::new(),
            text: String::new(),
            text_from: 0,
        })
    }

    /// What was read since the last element becomes a child of its own, when that is asked for.
    fn end_text(&mut self, is_mixed: bool) {
        let text = &self.text[self.text_from..];
        if is_mixed && !text.is_empty() {
            self.children.push(ImmutableString::from(text).into());
        }
        self.text_from = self.text.len();
    }

    fn end(mut self, is_mixed: bool) -> Dynamic {
        self.end_text(is_mixed);
        let has_elements = self.children.iter().any(Dynamic::is_map);
        // Between elements it is mostly what indents them.
        let text = if has_elements { self.text.trim() } else { &self.text };
        let mut map = Map::new();
        map.insert("text".into(), text.into());
        map.insert("name".into(), self.name.into());
        map.insert("attributes".into(), self.attributes.into());
        map.insert("children".into(), self.children.into());
        map.into()
    }
}

/// A document that is being read.
struct Document {
    open: Vec<Element>,
    root: Option<Dynamic>,
    is_mixed: bool,
}

impl Document {
    fn begin(&mut self, tag: &BytesStart<'_>) -> Result<(), String> {
        if self.open.is_empty() && self.root.is_some() {
            return Err("there is more than one element at the top".to_owned());
        }
        if self.open.len() == DEPTH_MAX {
            return Err(format!("more than {DEPTH_MAX} elements stand in each other"));
        }
        if let Some(around) = self.open.last_mut() {
            around.end_text(self.is_mixed);
        }
        self.open.push(Element::of(tag)?);
        Ok(())
    }

    fn end(&mut self) {
        let ended = self.open.pop().map(|element| element.end(self.is_mixed));
        match self.open.last_mut() {
            Some(around) => around.children.extend(ended),
            None => self.root = ended,
        }
    }

    fn text(&mut self, text: &str) -> Result<(), String> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => return Err("there is text outside of the element at the top".to_owned()),
        }
        Ok(())
    }

    /// Whether there may be more.
    fn read(&mut self, event: Event<'_>) -> Result<bool, String> {
        match event {
            Event::Start(tag) => self.begin(&tag)?,
            Event::Empty(tag) => {
                self.begin(&tag)?;
                self.end();
            }
            Event::End(_) => self.end(),
            Event::Text(text) => self.text(&text.xml10_content())?,
            Event::CData(text) => self.text(&text.xml10_content())?,
            Event::GeneralRef(entity) => {
                let character = entity.resolve_char_ref().map_err(|why| why.to_string())?;
                let name = entity.xml10_content();
                let text = match character {
                    Some(character) => Cow::from(character.to_string()),
                    None => resolve_xml_entity(&name).map(Cow::from).ok_or_else(|| {
                        format!("`&{name};` is none of XML's entities: &amp; &lt; &gt; &quot; &apos;")
                    })?,
                };
                self.text(&text)?;
            }
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            Event::Eof => return Ok(false),
        }
        Ok(true)
    }
}

fn parsed(text: &str, options: Map) -> Fallible<Dynamic> {
    if !RUNS {
        return only_described();
    }
    let mut options = Options::new("xml::parse", options);
    let is_mixed = options.take("mixed")?.unwrap_or(false);
    options.end()?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader::from_str(text);
    let mut document = Document {
        open: Vec::new(),
        root: None,
        is_mixed,
    };
    let read = loop {
        let event = reader.read_event().map_err(|why| why.to_string());
        match event.and_then(|event| document.read(event)) {
            Ok(true) => {}
            Ok(false) => break Ok(()),
            Err(why) => break Err(why),
        }
    };
    let at = usize::try_from(reader.buffer_position())
        .unwrap_or(usize::MAX)
        .min(text.len());
    let line = text.as_bytes()[..at].split(|byte| *byte == b'\n').count();
    match (read, document.open.last(), document.root) {
        (Err(why), ..) => refuse("bad_xml", format!("no XML, at line {line}: {why}")),
        (_, Some(open), _) => refuse("bad_xml", format!("no XML: `<{}>` has no end", open.name)),
        (_, None, None) => refuse("bad_xml", "no XML: there is no element"),
        (_, None, Some(root)) => Ok(root),
    }
}

/// The children of that name, step by step.
fn at(element: &Map, path: &str) -> Vec<Dynamic> {
    let mut found: Vec<Dynamic> = vec![];
    let of = |element: &Map, name: &str| -> Vec<Dynamic> {
        let children = element
            .get("children")
            .and_then(|children| children.as_array_ref().ok());
        let is_named = |child: &&Dynamic| {
            let child = child.as_map_ref().ok();
            let named = child.as_ref().and_then(|child| child.get("name"));
            named.is_some_and(|named| named.as_immutable_string_ref().is_ok_and(|named| *named == name))
        };
        children.map_or_else(Vec::new, |children| children.iter().filter(is_named).cloned().collect())
    };
    for (depth, name) in path.split('/').enumerate() {
        found = if depth == 0 {
            of(element, name)
        } else {
            let next = found
                .iter()
                .filter_map(|element| Some(of(&*element.as_map_ref().ok()?, name)));
            next.flatten().collect()
        };
    }
    found
}

/// Characters that XML has none of, even as references, become `U+FFFD`.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&apos;"),
            '\t' | '\n' => safe.push(character),
            '\r' => safe.push_str("&#13;"),
            '\0'..' ' | '\u{fffe}' | '\u{ffff}' => safe.push('\u{fffd}'),
            other => safe.push(other),
        }
    }
    safe
}

#[export_module]
mod functions {
    /// The element at the top as a map of `name`, `attributes` (a map of strings), `children` (an array of such maps) and
    /// `text`, what stands directly in it: `xml::parse("<a n='1'>x</a>").text` is `"x"`. Not well-formed, more than 64
    /// elements in each other, or an entity that is not XML's own: throws `bad_xml`.
    #[rhai_fn(name = "parse", return_raw)]
    pub fn parse(text: &str) -> Fallible<Dynamic> {
        parsed(text, Map::new())
    }

    /// The same with `#{ mixed: true }`: `children` has the texts between the elements as well, as strings and in order.
    #[rhai_fn(name = "parse", return_raw)]
    pub fn parse_with(text: &str, options: Map) -> Fallible<Dynamic> {
        parsed(text, options)
    }

    /// The first element at that path below one, or `()`: `xml::find(feed, "channel/title")`.
    #[rhai_fn(name = "find", pure)]
    pub fn find(element: &mut Map, path: &str) -> Dynamic {
        at(element, path).into_iter().next().unwrap_or_default()
    }

    /// All elements at that path below one, as an array: `xml::find_all(feed, "channel/item")`.
    #[rhai_fn(name = "find_all", pure)]
    pub fn find_all(element: &mut Map, path: &str) -> Array {
        at(element, path)
    }

    /// `& < > " '` as entities, for texts and quoted attributes; what no XML can hold becomes `U+FFFD`.
    /// `xml::escape("a < b")` is `"a &lt; b"`.
    #[rhai_fn(name = "escape")]
    pub fn escape(text: &str) -> ImmutableString {
        escaped(text).into()
    }
}
