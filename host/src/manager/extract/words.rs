//! What is wrong with a field, in our own words: serde's are for whoever writes the program.

use serde_json::json;

use crate::problem::{Code, Problem};

/// A refusal that names the field at `path`, for what serde says of it.
pub(super) fn refusal(code: Code, path: &str, why: &str) -> Problem {
    let (field, message) = field_and_message(path, why);
    if field.is_empty() {
        return Problem::new(code, message);
    }
    Problem::new(code, format!("{field}: {message}")).with(json!({ "field": field }))
}

fn field_and_message(path: &str, why: &str) -> (String, String) {
    let why = without_place(why);
    // Where the value itself has no name of its own, serde calls its place a dot.
    let path = path.trim_start_matches('.');
    let below = |name: &str| {
        // The path may name it already.
        if path.is_empty() || path == name || path.ends_with(&format!(".{name}")) {
            if path.is_empty() {
                name.to_owned()
            } else {
                path.to_owned()
            }
        } else {
            format!("{path}.{name}")
        }
    };
    if let Some((name, rest)) = named(why, "unknown field ") {
        let known = expected(rest).map_or_else(
            || "there are none here".to_owned(),
            |known| format!("there are {known}"),
        );
        return (below(name), format!("there is no such field; {known}"));
    }
    if let Some((name, _)) = named(why, "missing field ") {
        return (below(name), "this has to be there".to_owned());
    }
    if let Some((name, _)) = named(why, "duplicate field ") {
        return (below(name), "this is there twice".to_owned());
    }
    if let Some((value, rest)) = named(why, "unknown variant ") {
        let known = expected(rest).unwrap_or_default();
        return (path.to_owned(), format!("{value:?} is none of {known}"));
    }
    for start in ["invalid type: ", "invalid value: "] {
        if let Some((got, wanted)) = why.strip_prefix(start).and_then(|why| why.split_once(", expected ")) {
            return (
                path.to_owned(),
                format!("{} is expected, this is {}", wanted_of(wanted), got_of(got)),
            );
        }
    }
    (path.to_owned(), why.to_owned())
}

/// What comes of JSON ends with where it was.
fn without_place(why: &str) -> &str {
    let Some((before, after)) = why.rsplit_once(" at line ") else {
        return why;
    };
    let is_place = after
        .split(" column ")
        .all(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
    if is_place { before } else { why }
}

/// ``start `name`rest`` as name and rest.
fn named<'w>(why: &'w str, start: &str) -> Option<(&'w str, &'w str)> {
    why.strip_prefix(start)?.strip_prefix('`')?.split_once('`')
}

/// The names in ``, expected one of `a`, `b` ``.
fn expected(rest: &str) -> Option<String> {
    let names: Vec<&str> = rest.split('`').skip(1).step_by(2).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

fn wanted_of(wanted: &str) -> String {
    match wanted {
        "a map" => "an object".to_owned(),
        "a sequence" => "an array".to_owned(),
        _ if wanted.starts_with("struct ") => "an object".to_owned(),
        "i64" | "u32" | "u64" | "i32" | "usize" | "u16" => "a whole number".to_owned(),
        _ => wanted.to_owned(),
    }
}

fn got_of(got: &str) -> String {
    match got {
        "map" => "an object".to_owned(),
        "sequence" => "an array".to_owned(),
        "null" => "null".to_owned(),
        _ => got
            .replace("floating point", "the number")
            .replace("integer", "the number")
            .replace('`', ""),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only what is refused is looked at")]
    struct Outer {
        name: String,
        #[serde(default)]
        inner: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only what is refused is looked at")]
    struct Inner {
        kind: Kind,
        #[serde(default)]
        count: u32,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Kind {
        Endpoint,
        Module,
    }

    #[test]
    fn each_mistake_has_its_field_and_a_sentence() {
        for (body, field, message) in [
            (
                r#"{"nam": "a"}"#,
                "nam",
                "there is no such field; there are name, inner",
            ),
            (r"{}", "name", "this has to be there"),
            (r#"{"name": 5}"#, "name", "a string is expected, this is the number 5"),
            (r#"{"name": null}"#, "name", "a string is expected, this is null"),
            (r#"{"name": "a", "name": "b"}"#, "name", "this is there twice"),
            (
                r#"{"name": "a", "inner": {}}"#,
                "inner",
                "an array is expected, this is an object",
            ),
            (
                r#"{"name": "a", "inner": [{}]}"#,
                "inner[0].kind",
                "this has to be there",
            ),
            (
                r#"{"name": "a", "inner": [{"kind": "x"}]}"#,
                "inner[0].kind",
                "\"x\" is none of endpoint, module",
            ),
            (
                r#"{"name": "a", "inner": [{"kind": "module", "count": -1}]}"#,
                "inner[0].count",
                "a whole number is expected, this is the number -1",
            ),
            (
                r#"{"name": "a", "inner": [{"kind": "module", "size": 1}]}"#,
                "inner[0].size",
                "there is no such field; there are kind, count",
            ),
        ] {
            let error = serde_path_to_error::deserialize::<_, Outer>(&mut serde_json::Deserializer::from_str(body));
            let error = error.expect_err(body);
            let problem = refusal(Code::Invalid, &error.path().to_string(), &error.inner().to_string());
            assert_eq!(problem.message, format!("{field}: {message}"), "{body}");
            assert_eq!(problem.details, Some(json!({ "field": field })));
        }
    }
}
