//! `csv::*`: tables as text (RFC 4180).

use csv_core::{ReadFieldResult, Reader, ReaderBuilder};
use rhai::plugin::*;
use rhai::{Array, Dynamic, Engine, Map};

use super::options::Options;
use super::{Fallible, decimal, refuse};
use crate::words;

pub(super) fn register(engine: &mut Engine) {
    engine.register_static_module("csv", exported_module!(functions).into());
}

/// One character of ASCII, which is no quote and no end of a line.
fn delimiter(options: &mut Options) -> Fallible<u8> {
    let given = options.take::<ImmutableString>("delimiter")?;
    match given.as_deref().unwrap_or(",").as_bytes() {
        [one] if one.is_ascii() && !matches!(one, b'"' | b'\r' | b'\n') => Ok(*one),
        _ => refuse(
            "bad_option",
            "csv: `delimiter` is one character of ASCII, such as \";\"",
        ),
    }
}

/// The records of a text, each with its fields. An empty line is none.
struct Records<'a> {
    reader: Reader,
    rest: &'a [u8],
    /// Room for a field, which is never longer than the text.
    field: Vec<u8>,
}

impl<'a> Records<'a> {
    fn new(text: &'a str, delimiter: u8) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        Self {
            reader: ReaderBuilder::new().delimiter(delimiter).build(),
            rest: text.as_bytes(),
            field: vec![0; text.len() + 1],
        }
    }
}

impl Iterator for Records<'_> {
    type Item = Vec<ImmutableString>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut fields = Vec::new();
        let mut filled = 0;
        loop {
            let (read, taken, written) = self.reader.read_field(self.rest, &mut self.field[filled..]);
            self.rest = &self.rest[taken..];
            filled += written;
            match read {
                ReadFieldResult::InputEmpty => {}
                ReadFieldResult::OutputFull => self.field.resize(self.field.len() * 2, 0),
                ReadFieldResult::Field { record_end } => {
                    fields.push(String::from_utf8_lossy(&self.field[..filled]).as_ref().into());
                    filled = 0;
                    if record_end {
                        return Some(fields);
                    }
                }
                ReadFieldResult::End => return None,
            }
        }
    }
}

fn parsed(text: &str, options: Map) -> Fallible<Array> {
    let mut options = Options::new("csv::parse", options);
    let delimiter = delimiter(&mut options)?;
    let has_header = options.take("header")?.unwrap_or(false);
    options.end()?;
    let mut records = Records::new(text, delimiter);
    if !has_header {
        let as_array = |fields: Vec<ImmutableString>| fields.into_iter().map(Dynamic::from).collect::<Array>().into();
        return Ok(records.map(as_array).collect());
    }
    let Some(names) = records.next() else {
        return Ok(Array::new());
    };
    for (at, name) in names.iter().enumerate() {
        if names[..at].contains(name) {
            return refuse("bad_csv", format!("the header has `{name}` twice"));
        }
    }
    let mut rows = Array::new();
    for (number, fields) in (1..).zip(records) {
        if fields.len() != names.len() {
            let (has, wanted) = (fields.len(), names.len());
            return refuse(
                "bad_csv",
                format!("record {number} has {has} fields, the header {wanted}"),
            );
        }
        let row = names
            .iter()
            .zip(fields)
            .map(|(name, field)| (name.as_str().into(), field.into()));
        rows.push(row.collect::<Map>().into());
    }
    Ok(rows)
}

struct Writer {
    text: String,
    delimiter: u8,
}

impl Writer {
    fn row<'v>(&mut self, number: usize, values: impl ExactSizeIterator<Item = Option<&'v Dynamic>>) -> Fallible<()> {
        // Else nobody could tell it from an empty line.
        let is_alone = values.len() == 1;
        for (at, value) in values.enumerate() {
            if at > 0 {
                self.text.push(char::from(self.delimiter));
            }
            let value = value.filter(|value| !value.is_unit());
            let text = value.map_or(Ok(String::new()), |value| plain(number, value))?;
            self.field(&text, is_alone);
        }
        self.text.push_str("\r\n");
        Ok(())
    }

    fn field(&mut self, text: &str, is_alone: bool) {
        let has_mark = |byte: u8| byte == self.delimiter || matches!(byte, b'"' | b'\r' | b'\n');
        if text.bytes().any(has_mark) || is_alone && text.is_empty() {
            self.text.push('"');
            self.text.push_str(&text.replace('"', "\"\""));
            self.text.push('"');
        } else {
            self.text.push_str(text);
        }
    }
}

fn plain(number: usize, value: &Dynamic) -> Fallible<String> {
    if let Some(text) = decimal::as_text(value) {
        return Ok(text);
    }
    if value.is_string() || value.is_int() || value.is_float() || value.is_bool() || value.is_char() {
        return Ok(value.to_string());
    }
    let is = words::a_type(value.type_name());
    refuse("bad_csv", format!("row {number} has {is} in it, which is no field"))
}

/// The columns' names, when rows are maps: those that were asked for, or those of the first row.
fn columns(rows: &Array, wanted: Vec<ImmutableString>) -> Vec<ImmutableString> {
    if !wanted.is_empty() {
        return wanted;
    }
    let first = rows.first().and_then(|row| row.as_map_ref().ok());
    first.map_or_else(Vec::new, |row| row.keys().map(|name| name.as_str().into()).collect())
}

fn written(rows: &Array, options: Map) -> Fallible<String> {
    let mut options = Options::new("csv::stringify", options);
    let delimiter = delimiter(&mut options)?;
    let has_header = options.take("header")?.unwrap_or(true);
    let columns = columns(rows, options.texts("columns")?);
    options.end()?;
    let mut writer = Writer {
        text: String::new(),
        delimiter,
    };
    if has_header && !columns.is_empty() {
        let names: Array = columns.iter().cloned().map(Dynamic::from).collect();
        writer.row(0, names.iter().map(Some))?;
    }
    for (number, row) in rows.iter().enumerate() {
        if let Ok(fields) = row.as_array_ref() {
            writer.row(number, fields.iter().map(Some))?;
        } else if let Ok(fields) = row.as_map_ref() {
            writer.row(number, columns.iter().map(|name| fields.get(name.as_str())))?;
        } else {
            let is = words::a_type(row.type_name());
            return refuse("bad_csv", format!("row {number} is {is}, not an array or a map"));
        }
    }
    Ok(writer.text)
}

#[export_module]
mod functions {
    /// The rows of a CSV text, each an array of strings: `csv::parse("a,b\n1,\"x, y\"")` is
    /// `[["a", "b"], ["1", "x, y"]]`. Empty lines are left out.
    #[rhai_fn(name = "parse", return_raw)]
    pub fn parse(text: &str) -> Fallible<Array> {
        parsed(text, Map::new())
    }

    /// The same with options: `#{ header: true }` makes each row a map by the names in the first line, `delimiter` is
    /// what stands between fields (`","`). With a header, a name that is there twice, or a row of more or fewer fields:
    /// throws `bad_csv`.
    #[rhai_fn(name = "parse", return_raw)]
    pub fn parse_with(text: &str, options: Map) -> Fallible<Array> {
        parsed(text, options)
    }

    /// Rows as a CSV text, with `\r\n` behind each. A row is an array, or a map: then the names in the first row are
    /// the header and what is written of each. A field is a string, a number, a bool, a char, or `()`, which is empty;
    /// anything else: throws `bad_csv`.
    #[rhai_fn(name = "stringify", return_raw)]
    pub fn stringify(rows: Array) -> Fallible<ImmutableString> {
        Ok(written(&rows, Map::new())?.into())
    }

    /// The same with options: `columns` (the names that are written, in that order), `header: false` (no first line),
    /// `delimiter` (`","`).
    #[rhai_fn(name = "stringify", return_raw)]
    pub fn stringify_with(rows: Array, options: Map) -> Fallible<ImmutableString> {
        Ok(written(&rows, options)?.into())
    }
}
