//! Foreign text, fit to be shown: nothing in it acts on a terminal, breaks a line, or turns the direction of text around.

/// `text` as one line: a line break in it is written `\n`, and what would do more than show itself is a `·`.
pub(super) fn plain(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            '\t' => line.push_str("\\t"),
            c => line.push(visible(c)),
        }
    }
    line
}

/// One column for one character, so that a mark stands below its place.
pub(super) fn visible(c: char) -> char {
    match c {
        '\t' => ' ',
        c if acts(c) => '·',
        c => c,
    }
}

/// As it is where lines may break.
pub(super) fn on_terminal(c: char) -> char {
    if matches!(c, '\n' | '\t') { c } else { visible(c) }
}

/// Control characters, what separates lines, and what turns text around or hides in it.
fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stays_one_line_and_talks_to_nobody() {
        for (text, shown) in [
            ("plain é 漢 👩‍🚀", "plain é 漢 👩‍🚀"),
            ("a\nb\r\tc", "a\\nb\\r\\tc"),
            ("\x1b[2J\u{9b}31m\x7f\0", "·[2J·31m··"),
            ("a\u{202e}b\u{2028}c\u{2066}", "a·b·c·"),
        ] {
            assert_eq!(plain(text), shown);
        }
    }
}
