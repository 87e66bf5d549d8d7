//! A form with files, as browsers send it (RFC 7578).

use rhai::{Array, Blob, Dynamic, ImmutableString, Map};

use super::super::options::Options;
use super::super::{Fallible, random, refuse};
use crate::words;

/// A form's body.
pub(super) struct Multipart {
    boundary: String,
    body: Vec<u8>,
}

impl Multipart {
    /// Of fields: a string or a blob each, a file `#{ name, type, body }`, or an array of those.
    pub(super) fn of(of: &'static str, fields: Map) -> Fallible<Self> {
        let mut bytes = [0; 16];
        random::fill(&mut bytes);
        let mut form = Self {
            boundary: format!("picloud-{:032x}", u128::from_le_bytes(bytes)),
            body: Vec::new(),
        };
        for (field, value) in fields {
            match value.try_cast_result::<Array>() {
                Ok(values) => values.into_iter().try_for_each(|value| form.add(of, &field, value))?,
                Err(value) => form.add(of, &field, value)?,
            }
        }
        form.body.extend(format!("--{}--\r\n", form.boundary).as_bytes());
        Ok(form)
    }

    /// Its media type.
    pub(super) fn kind(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }

    pub(super) fn into_body(self) -> Vec<u8> {
        self.body
    }

    fn add(&mut self, of: &'static str, field: &str, value: Dynamic) -> Fallible<()> {
        let (value, file) = match value.try_cast_result::<Map>() {
            Err(value) => (value, None),
            Ok(map) => {
                let mut options = Options::new(of, map);
                let name = options.take::<ImmutableString>("name")?.unwrap_or_else(|| field.into());
                let kind = options.take::<ImmutableString>("type")?;
                let Some(body) = options.value("body") else {
                    return refuse("bad_option", format!("{of}: the file `{field}` has no `body`"));
                };
                options.end()?;
                (
                    body,
                    Some((name, kind.unwrap_or_else(|| "application/octet-stream".into()))),
                )
            }
        };
        let body = match value {
            value if value.is_int() || value.is_float() || value.is_bool() => value.to_string().into_bytes(),
            value => bytes_of(value).or_else(|is| {
                refuse(
                    "bad_option",
                    format!("{of}: `{field}` of a multipart form is a string, a blob or a file, not {is}"),
                )
            })?,
        };
        let mut head = format!(
            "--{}\r\nContent-Disposition: form-data; name=\"{}\"",
            self.boundary,
            quoted(field)
        );
        if let Some((name, kind)) = file {
            if kind.contains(['\r', '\n']) {
                return refuse(
                    "bad_option",
                    format!("{of}: the type of the file `{field}` has a line break"),
                );
            }
            head = format!("{head}; filename=\"{}\"\r\nContent-Type: {kind}", quoted(&name));
        }
        self.body.extend(head.as_bytes());
        self.body.extend(b"\r\n\r\n");
        self.body.extend(body);
        self.body.extend(b"\r\n");
        Ok(())
    }
}

/// As browsers write names (HTML, "multipart form data").
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

/// The bytes of a string or a blob.
fn bytes_of(value: Dynamic) -> Result<Vec<u8>, String> {
    if value.is_string() {
        let text = value.into_immutable_string().unwrap_or_default();
        return Ok(text.as_bytes().to_vec());
    }
    let is = words::a_type(value.type_name());
    value.try_cast::<Blob>().ok_or(is)
}
