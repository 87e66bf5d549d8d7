//! A diagnostic with the line it is about.

use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};
use picloud_sdk::api::{Diagnostic, Severity};

use super::plain::{plain, visible};

/// `error[code]: message`, where it is, and the line with the place underlined.
///
/// Control characters are shown as `·`, so that a source cannot talk to the terminal.
pub(super) fn render(file: &str, source: &str, diagnostic: &Diagnostic) -> String {
    let Diagnostic {
        code,
        severity,
        message,
        line,
        column,
        end,
    } = diagnostic;
    let level = match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let (file, title) = (plain(file), level.primary_title(plain(message)).id(plain(code)));
    let number = *line as usize;
    let shown = number.checked_sub(1).and_then(|line| source.lines().nth(line));
    // A place that the line does not have is told, and not shown.
    let shown = shown.filter(|shown| *column as usize <= shown.chars().count() + 1);
    let report = match shown {
        None if number == 0 => title.element(Origin::path(file)),
        None => title.element(Origin::path(file).line(number).char_column(*column as usize)),
        Some(shown) => {
            let shown: String = shown.trim_end().chars().map(visible).collect();
            // 0-based, in bytes; an unknown column points at the line's beginning.
            let byte = |column: u32| {
                let mut places = shown.char_indices().map(|(byte, _)| byte);
                places.nth((column as usize).saturating_sub(1)).unwrap_or(shown.len())
            };
            let from = byte(*column);
            let to = match end {
                Some(end) if end.line == *line => byte(end.column),
                _ => byte(column.max(&1).saturating_add(1)),
            };
            let mark = AnnotationKind::Primary.span(from..to.max(from));
            title.element(
                Snippet::source(shown.clone())
                    .line_start(number)
                    .path(file)
                    .annotation(mark),
            )
        }
    };
    format!("{}\n", Renderer::plain().render(&[report]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diagnostic(line: u32, column: u32, end: Option<(u32, u32)>) -> Diagnostic {
        Diagnostic::error("syntax", "Expecting ';'".into(), (line, column), end)
    }

    #[test]
    fn the_place_is_underlined() {
        let text = render("a.rhai", "let a = 1;\n\tlet é 2;\n", &diagnostic(2, 8, Some((2, 9))));
        assert_eq!(
            text,
            "error[syntax]: Expecting ';'\n --> a.rhai:2:8\n  |\n2 |  let é 2;\n  |        ^\n"
        );
    }

    #[test]
    fn a_place_past_the_end_and_an_unknown_one_are_no_trouble() {
        assert!(render("a.rhai", "x", &diagnostic(9, 9, None)).contains("a.rhai:9:9"));
        assert!(render("a.rhai", "x", &diagnostic(1, 70_000, Some((1, 2)))).contains("a.rhai:1:70000"));
        assert_eq!(
            render("a.rhai", "x", &diagnostic(0, 0, None)),
            "error[syntax]: Expecting ';'\n--> a.rhai\n"
        );
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let text = render(
            "a.rhai",
            &"(".repeat(100_000),
            &diagnostic(1, 60_000, Some((1, 100_001))),
        );
        assert!(text.len() < 500, "{text}");
    }

    #[test]
    fn a_source_cannot_talk_to_the_terminal() {
        let text = render("a.rhai", "let a = \"\x1b[2J\u{202e}\";", &diagnostic(1, 1, None));
        assert!(text.contains("\"·[2J·\""), "{text}");
    }
}
