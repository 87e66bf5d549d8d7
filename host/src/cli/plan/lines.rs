//! Where a source says that it answers: `// route: GET /orders/{id}` in the comments that it begins with.
//!
//! Line comments and block comments are alike, and `Route:` is as good as `route:`. `// route: none` says that it answers no
//! requests.

use super::route::Route;

/// A `// route:` line: where it is, and what it says.
pub(super) struct RouteLine {
    pub(super) line: u32,
    pub(super) column: u32,
    /// Exclusive.
    pub(super) end: u32,
    /// Nothing is `none`.
    pub(super) route: Result<Option<Route>, String>,
    /// It stands below the first line of code, where it says nothing.
    pub(super) late: bool,
}

/// All of them, in the order of the source.
pub(super) fn route_lines(text: &str) -> Vec<RouteLine> {
    let mut state = State::Head;
    let mut found = Vec::new();
    for (text, line) in text.lines().zip(1..) {
        let (comment, late) = match state.comment_of(text) {
            Some(comment) => (comment, false),
            None if text.trim_start().starts_with("//") => (text.trim_start(), true),
            None => continue,
        };
        let words = comment.trim_start_matches(['/', '*', '!', ' ', '\t']);
        let Some(route) = words.get(..6).filter(|word| word.eq_ignore_ascii_case("route:")) else {
            continue;
        };
        let said = words[route.len()..].trim_end().trim_end_matches("*/").trim();
        let route = match said {
            "none" => Ok(None),
            said => said.parse::<Route>().map(Some),
        };
        if late && route.is_err() {
            // Prose.
            continue;
        }
        let column = characters(text) - characters(words) + 1;
        found.push(RouteLine {
            line,
            column,
            end: column + characters(words.trim_end()),
            route,
            late,
        });
    }
    found
}

/// Where in a source we are, line by line.
enum State {
    /// Among the comments that it begins with.
    Head,
    /// In a block comment there.
    Block,
    /// Below them.
    Code,
}

impl State {
    /// What the line has of the first comments, if it has any.
    fn comment_of<'a>(&mut self, line: &'a str) -> Option<&'a str> {
        let text = line.trim_start();
        match self {
            Self::Head if text.is_empty() || text.starts_with("//") => Some(text),
            Self::Head if text.starts_with("/*") => {
                *self = after(&text[2..]);
                Some(text)
            }
            Self::Block => {
                *self = after(text);
                Some(text)
            }
            Self::Head | Self::Code => {
                *self = Self::Code;
                None
            }
        }
    }
}

/// Behind a line within a block comment.
fn after(text: &str) -> State {
    match text.split_once("*/") {
        None => State::Block,
        Some((_, rest)) if rest.trim().is_empty() => State::Head,
        Some(_) => State::Code,
    }
}

fn characters(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes(text: &str) -> Vec<String> {
        let lines = route_lines(text).into_iter().filter(|line| !line.late);
        lines
            .map(|line| match line.route {
                Ok(Some(route)) => route.to_string(),
                Ok(None) => "none".to_owned(),
                Err(why) => why,
            })
            .collect()
    }

    #[test]
    fn every_comment_at_the_beginning_may_name_routes() {
        for head in [
            "// route: GET /a",
            "//route:get /a",
            "// Route: GET /a",
            "  // ROUTE:  GET   /a  ",
            "/// route: GET /a",
            "//! route: GET /a",
            "/* route: GET /a */",
            "/*route: GET /a*/",
            "/*\n * Orders.\n * Route: GET /a\n */",
            "// Orders.\n\n/* They are sold. */\n// route: GET /a",
        ] {
            assert_eq!(routes(&format!("{head}\n1")), ["GET /a"], "{head}");
        }
        assert_eq!(routes("// route: none\n1"), ["none"]);
    }

    #[test]
    fn below_the_first_code_nothing_is_a_route_line() {
        for text in [
            "1\n// route: GET /a",
            "/* a */ 1\n// route: GET /a",
            "// routes: GET /a",
            "// the route: GET /a",
            "`\nroute: GET /a\n`",
        ] {
            assert!(routes(text).is_empty(), "{text}");
        }
        assert!(route_lines("1\n// route: GET /a")[0].late);
        assert!(route_lines("1\n// route: what it takes").is_empty());
    }

    #[test]
    fn a_route_line_knows_its_place() {
        let lines = route_lines("/* é\n  route: GET /a  */");
        assert_eq!((lines[0].line, lines[0].column, lines[0].end), (2, 3, 20));
    }
}
