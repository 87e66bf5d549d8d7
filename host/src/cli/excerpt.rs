//! A diagnostic with the lines it is about.

use std::fmt::Write as _;

use picloud_sdk::compile::Diagnostic;

use super::plain::{plain, visible};

/// Characters of a source line that are shown; a longer line is cut around the place.
const WIDTH: usize = 100;

/// `error[code]: message` or another `word`, where it is, and the line with the place underlined.
///
/// Control characters are shown as `·`, so that a source cannot talk to the terminal.
pub(super) fn render(word: &str, file: &str, source: &str, diagnostic: &Diagnostic) -> String {
    let Diagnostic {
        code,
        message,
        line,
        column,
        end,
    } = diagnostic;
    let file = plain(file);
    let mut text = format!("{word}[{code}]: {}\n", plain(message));
    if *line == 0 {
        let _ = writeln!(text, " --> {file}");
        return text;
    }
    let gutter = " ".repeat(line.to_string().len());
    let _ = writeln!(text, "{gutter}--> {file}:{line}:{column}");
    let Some(shown) = source.lines().nth(*line as usize - 1) else {
        return text;
    };

    // 0-based, in characters; an unknown column points at the line's beginning.
    let at = (*column as usize).saturating_sub(1);
    let width = match end {
        Some((end_line, end_column)) if end_line == line => (*end_column as usize).saturating_sub(at + 1).max(1),
        _ => 1,
    };
    let from = at.saturating_sub(WIDTH / 2);
    let cut: String = shown.chars().skip(from).take(WIDTH).map(visible).collect();
    let mark = "^".repeat(width.min(WIDTH - (at - from)));
    let _ = writeln!(text, "{gutter} |");
    let _ = writeln!(text, "{line} | {}", cut.trim_end());
    let _ = writeln!(text, "{gutter} | {}{mark}", " ".repeat(at - from));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diagnostic(line: u32, column: u32, end: Option<(u32, u32)>) -> Diagnostic {
        Diagnostic {
            code: "syntax".into(),
            message: "Expecting ';'".into(),
            line,
            column,
            end,
        }
    }

    #[test]
    fn the_place_is_underlined() {
        let text = render(
            "error",
            "a.rhai",
            "let a = 1;\n\tlet é 2;\n",
            &diagnostic(2, 8, Some((2, 9))),
        );
        assert_eq!(
            text,
            "error[syntax]: Expecting ';'\n --> a.rhai:2:8\n  |\n2 |  let é 2;\n  |        ^\n"
        );
    }

    #[test]
    fn a_place_past_the_end_and_an_unknown_one_are_no_trouble() {
        assert!(render("error", "a.rhai", "x", &diagnostic(9, 9, None)).contains("a.rhai:9:9"));
        assert!(render("error", "a.rhai", "x", &diagnostic(1, 70_000, Some((1, 2)))).contains("a.rhai:1:70000"));
        assert_eq!(
            render("error", "a.rhai", "x", &diagnostic(0, 0, None)),
            "error[syntax]: Expecting ';'\n --> a.rhai\n"
        );
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let text = render(
            "error",
            "a.rhai",
            &"(".repeat(100_000),
            &diagnostic(1, 60_000, Some((1, 100_001))),
        );
        assert!(text.len() < 500, "{text}");
    }

    #[test]
    fn a_source_cannot_talk_to_the_terminal() {
        let text = render(
            "error",
            "a.rhai",
            "let a = \"\x1b[2J\u{202e}\";",
            &diagnostic(1, 1, None),
        );
        assert!(text.contains("\"·[2J·\""), "{text}");
    }
}
