//! `docs/settings.md` says what `config::SETTINGS` says.

use std::fmt::Write as _;
use std::path::Path;

use picloud::config::{Kind, SETTINGS};

fn table() -> String {
    let mut table = "| variable | default | bounds | what it is |\n|---|---|---|---|\n".to_owned();
    for setting in SETTINGS {
        let default = if setting.default.is_empty() {
            String::new()
        } else {
            format!("`{}`", setting.default)
        };
        let bounds = match setting.kind {
            Kind::Text => String::new(),
            Kind::Number { min, max } => format!("{min} to {max} {}", setting.unit),
        };
        writeln!(
            table,
            "| `{}` | {default} | {bounds} | {} |",
            setting.name, setting.about
        )
        .unwrap();
    }
    table
}

#[test]
fn the_documentation_has_every_setting() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/settings.md");
    let document = std::fs::read_to_string(&file).unwrap_or_default();
    let table = table();
    assert!(
        document.contains(&table),
        "docs/settings.md is stale; its table should be:\n\n{table}"
    );
}
