//! What `make docs` writes from its one source: the tables of the documentation and the API's description. As a test it
//! compares.

use std::fs;

use picloud::config::{Kind, Setting, settings};
use picloud::data::docs::bounds;
use picloud::manager::{BOUNDS, document_pretty};
use picloud::problem::Code;
use picloud_sdk::limits::{Limit, Limits};

use crate::harness::binary::root;

/// Writes `text` into `file` when `make docs` asks for it, and says whether it stands there.
fn written(file: &str, text: &str) {
    let path = root().join(file);
    let found = fs::read_to_string(&path).unwrap_or_default();
    #[expect(clippy::disallowed_methods, reason = "`make docs` asks for it")]
    if std::env::var("UPDATE").is_ok() {
        fs::write(&path, text).unwrap_or_else(|error| panic!("{file}: {error}"));
    } else {
        assert!(found == text, "{file} is stale: run make docs");
    }
}

/// The same for the part of `file` between the two comments that name it.
fn part(file: &str, name: &str, text: &str) {
    let document = fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    let (begin, end) = (
        format!("<!-- {name}: written by make docs -->\n\n"),
        format!("<!-- end of {name} -->"),
    );
    let parts = document.split_once(&begin).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(&end)?;
        Some((before, after))
    });
    let (before, after) = parts.unwrap_or_else(|| panic!("{file} has no part between {begin:?} and {end:?}"));
    written(file, &format!("{before}{begin}{text}\n{end}{after}"));
}

/// A table of Markdown.
fn table<const N: usize>(head: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let line = |cells: [String; N]| format!("| {} |\n", cells.join(" | "));
    let rows: String = rows.map(line).collect();
    format!("{}|{}\n{rows}", line(head.map(str::to_owned)), "---|".repeat(N))
}

#[test]
fn the_table_of_settings() {
    let row = |setting: Setting| {
        let default = setting.default();
        let default = if default.is_empty() {
            default
        } else {
            format!("`{default}`")
        };
        let bounds = match setting.kind {
            Kind::Text { .. } => String::new(),
            Kind::Number { min, max, unit, .. } => format!("{min} to {max} {unit}"),
        };
        [format!("`{}`", setting.name), default, bounds, setting.about.to_owned()]
    };
    let head = ["variable", "default", "bounds", "what it is"];
    part(
        "docs/settings.md",
        "settings",
        &table(head, settings().into_iter().map(row)),
    );
}

#[test]
fn the_table_of_limits() {
    let row = |limit: &Limit| {
        let bound = Limits::BOUNDS.iter().find(|bound| bound.limit == *limit);
        let unit = limit.unit();
        let default = bound.map_or_else(|| unit.to_owned(), |bound| format!("{} {unit}", bound.default));
        [format!("`{}`", limit.as_str()), default, limit.about().to_owned()]
    };
    let head = ["limit", "by default", "what it bounds"];
    part("docs/scripts.md", "limits", &table(head, Limit::ALL.iter().map(row)));
}

#[test]
fn the_table_of_error_codes() {
    let row = |code: &Code| {
        let (word, status) = (format!("`{}`", code.as_str()), code.status().as_u16().to_string());
        [word, status, code.meaning().to_owned()]
    };
    let head = ["code", "status", "what it means"];
    part("docs/errors.md", "codes", &table(head, Code::ALL.iter().map(row)));
}

#[test]
fn the_table_of_bounds() {
    let row = |(what, most, unit): &(&str, usize, &str)| [(*what).to_owned(), format!("{most} {unit}")];
    part(
        "docs/bounds.md",
        "bounds",
        &table(["what", "at most"], BOUNDS.iter().map(row)),
    );
    part(
        "docs/bounds.md",
        "bounds of documents",
        &table(["what", "at most"], bounds::BOUNDS.iter().map(row)),
    );
}

#[test]
fn the_management_api() {
    written("sdk/api/openapi.json", &document_pretty());
}
