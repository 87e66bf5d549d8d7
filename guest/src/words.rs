//! The words of a script's author for what Rhai names by its own types; the editor has the same.

/// What a value's type is called.
pub(crate) fn of_type(name: &str) -> &str {
    let name = name.trim().trim_start_matches("&mut ").trim_start_matches('&');
    let last = name.rsplit("::").next().unwrap_or(name);
    match last {
        "i64" | "INT" => "int",
        "f64" | "FLOAT" => "float",
        "String" | "ImmutableString" | "str" => "string",
        "FnPtr" => "Fn",
        "Decimal" => "decimal",
        "Dynamic" | "?" => "any",
        _ if name.starts_with("str |") => "string",
        _ if name.contains("Range") || name == "range=" => "range",
        _ => last,
    }
}

/// The same with its article.
pub(crate) fn a_type(name: &str) -> String {
    let word = of_type(name);
    let article = if word.starts_with(['a', 'i']) { "an" } else { "a" };
    format!("{article} {word}")
}

/// A text of Rhai's in which types stand, with the author's words for them.
#[cfg(feature = "runner")]
pub(crate) fn of_types(text: &str) -> String {
    let mut told = String::new();
    let mut rest = &*text.replace("&str | ImmutableString | String", "string");
    while !rest.is_empty() {
        let of_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '<' | '>' | '&');
        let name = rest.find(|c| !of_name(c)).unwrap_or(rest.len());
        told.push_str(of_type(&rest[..name]));
        let next = rest[name..].find(of_name).map_or(rest.len(), |behind| name + behind);
        told.push_str(&rest[name..next]);
        rest = &rest[next..];
    }
    told
}
