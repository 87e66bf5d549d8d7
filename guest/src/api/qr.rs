//! `qr::*`: QR codes (ISO/IEC 18004) as pictures.

use std::fmt::Write as _;

use qrcodegen::{QrCode, QrCodeEcc};
use rhai::plugin::*;
use rhai::{Engine, Map};

use super::options::Options;
use super::{Fallible, RUNS, only_described, refuse};

/// Digits that the largest code holds; of anything else it holds less.
const BYTES_MAX: usize = 7089;
/// Modules of quiet that the standard wants around a code.
const BORDER: i64 = 4;

pub(super) fn register(engine: &mut Engine) {
    engine.register_static_module("qr", exported_module!(functions).into());
}

fn level(options: &mut Options) -> Fallible<QrCodeEcc> {
    let given = options.take::<ImmutableString>("level")?;
    Ok(match given.as_deref().unwrap_or("M") {
        "L" => QrCodeEcc::Low,
        "M" => QrCodeEcc::Medium,
        "Q" => QrCodeEcc::Quartile,
        "H" => QrCodeEcc::High,
        _ => return refuse("bad_option", "qr::svg: `level` is \"L\", \"M\", \"Q\" or \"H\""),
    })
}

fn drawn(text: &str, options: Map) -> Fallible<ImmutableString> {
    if !RUNS {
        return only_described();
    }
    let mut options = Options::new("qr::svg", options);
    let level = level(&mut options)?;
    let border = options.number("border", 0, 100)?.unwrap_or(BORDER);
    options.end()?;
    let code = Some(text)
        .filter(|text| text.len() <= BYTES_MAX)
        .and_then(|text| QrCode::encode_text(text, level).ok());
    let Some(code) = code else {
        return refuse(
            "too_large",
            format!("a QR code of that level has no room for {} bytes", text.len()),
        );
    };
    let side = i64::from(code.size()) + 2 * border;
    let mut svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d=""##
    );
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let run = (x..code.size()).take_while(|x| code.get_module(*x, y)).count() as i32;
            if run > 0 {
                let (left, top) = (i64::from(x) + border, i64::from(y) + border);
                // A string takes everything.
                _ = write!(svg, "M{left} {top}h{run}v1h-{run}z");
            }
            x += run + 1;
        }
    }
    svg.push_str(r#""/></svg>"#);
    Ok(svg.into())
}

#[export_module]
mod functions {
    /// A QR code of the text, as an SVG picture: black on white, as large as the page makes it. Up to 2,331 bytes, or
    /// more of digits and capitals; more: throws `too_large`.
    #[rhai_fn(name = "svg", return_raw)]
    pub fn svg(text: &str) -> Fallible<ImmutableString> {
        drawn(text, Map::new())
    }

    /// The same with options: `level`, how much of it may be unreadable (`"L"` 7 %, `"M"` 15 %, `"Q"` 25 %, `"H"` 30 %),
    /// and `border`, the quiet modules around it: `qr::svg("https://example.org", #{ level: "Q", border: 0 })`.
    #[rhai_fn(name = "svg", return_raw)]
    pub fn svg_with(text: &str, options: Map) -> Fallible<ImmutableString> {
        drawn(text, options)
    }
}
