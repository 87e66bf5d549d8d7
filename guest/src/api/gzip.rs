//! `gzip::*`: bytes made smaller, and back (RFC 1952).

use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use rhai::plugin::*;
use rhai::{Blob, Dynamic, Engine, Map};

use super::options::Options;
use super::{Fallible, RUNS, only_described, refuse};
use crate::words;

/// What a script is given when it asks for no other bound.
const BYTES_MAX: i64 = 8 << 20;
/// What it may ask for: more has no room in a run anyway.
const BYTES_MAX_ASKED: i64 = 1 << 30;

pub(super) fn register(engine: &mut Engine) {
    engine.register_static_module("gzip", exported_module!(functions).into());
}

fn compressed(data: &Dynamic, options: Map) -> Fallible<Blob> {
    if !RUNS {
        return only_described();
    }
    let mut options = Options::new("gzip::compress", options);
    let level = options.number("level", 0, 9)?;
    options.end()?;
    let level = level.map_or_else(Compression::default, |level| Compression::new(level as u32));
    let mut encoder = GzEncoder::new(Blob::new(), level);
    let written = if let Ok(text) = data.as_immutable_string_ref() {
        encoder.write_all(text.as_bytes())
    } else if let Ok(blob) = data.as_blob_ref() {
        encoder.write_all(&blob)
    } else {
        let is = words::a_type(data.type_name());
        return refuse(
            "bad_argument",
            format!("gzip::compress takes a string or a blob, not {is}"),
        );
    };
    written
        .and_then(|()| encoder.finish())
        .or_else(|why| refuse("bad_gzip", why.to_string()))
}

fn decompressed(data: &[u8], options: Map) -> Fallible<Blob> {
    if !RUNS {
        return only_described();
    }
    let mut options = Options::new("gzip::decompress", options);
    let bytes_max = options.number("max", 0, BYTES_MAX_ASKED)?.unwrap_or(BYTES_MAX);
    options.end()?;
    let mut bytes = Blob::new();
    let mut reader = MultiGzDecoder::new(data).take(bytes_max as u64 + 1);
    if let Err(why) = reader.read_to_end(&mut bytes) {
        return refuse("bad_gzip", format!("this is no gzip: {why}"));
    }
    if bytes.len() as i64 > bytes_max {
        return refuse(
            "too_large",
            format!(
                "this is more than {bytes_max} bytes; `max` allows for more, as in gzip::decompress(data, #{{ max: 16777216 }})"
            ),
        );
    }
    Ok(bytes)
}

#[export_module]
mod functions {
    /// The bytes of a string or a blob, compressed: `gzip::decompress(gzip::compress("aaa")).as_string()` is `"aaa"`.
    /// Something else: throws `bad_argument`.
    #[rhai_fn(name = "compress", pure, return_raw)]
    pub fn compress(data: &mut Dynamic) -> Fallible<Blob> {
        compressed(data, Map::new())
    }

    /// The same with a `level` of 0 to 9: `#{ level: 9 }` is the smallest and the slowest.
    #[rhai_fn(name = "compress", pure, return_raw)]
    pub fn compress_with(data: &mut Dynamic, options: Map) -> Fallible<Blob> {
        compressed(data, options)
    }

    /// What was compressed, as a blob. No gzip, or one that is cut short: throws `bad_gzip`. More than 8 MiB: throws
    /// `too_large`.
    #[rhai_fn(name = "decompress", pure, return_raw)]
    pub fn decompress(data: &mut Blob) -> Fallible<Blob> {
        decompressed(data, Map::new())
    }

    /// The same with another bound: `gzip::decompress(data, #{ max: 1000 })` gives at most so many bytes.
    #[rhai_fn(name = "decompress", pure, return_raw)]
    pub fn decompress_with(data: &mut Blob, options: Map) -> Fallible<Blob> {
        decompressed(data, options)
    }
}
