//! What scripts are called, and so what `import` can name.

/// What a name has to be, for whoever chose another.
pub const RULE: &str =
    "names have a-z, 0-9 and _, a letter first, and are counted from the top of the app, as in shop/orders";

/// Whether a script may be called so: `[a-z][a-z0-9_]*`, with folders as in `shop/orders`.
#[must_use]
pub fn is_script(name: &str) -> bool {
    let part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_lowercase())
            && part
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    name.split('/').all(part)
}

/// What was probably meant by a name that cannot be: a path to a file becomes the name of the script in it.
#[must_use]
pub fn meant(name: &str) -> Option<String> {
    let file = name.strip_suffix(".rhai").unwrap_or(name);
    let mut parts = Vec::new();
    for part in file.split(['/', '\\', ':']) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(plain(part)),
        }
    }
    parts.retain(|part| !part.is_empty());
    let meant = parts.join("/");
    is_script(&meant).then_some(meant)
}

/// `HttpClient` and `http-client` are `http_client`.
fn plain(part: &str) -> String {
    let mut plain = String::new();
    let mut before = ' ';
    for character in part.chars() {
        if character.is_ascii_alphanumeric() {
            if character.is_ascii_uppercase() && before.is_ascii_lowercase() {
                plain.push('_');
            }
            plain.push(character.to_ascii_lowercase());
        } else if !plain.ends_with('_') {
            plain.push('_');
        }
        before = character;
    }
    let plain = plain.trim_start_matches(|c: char| !c.is_ascii_lowercase());
    plain.trim_end_matches('_').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_to_a_file_means_the_script_in_it() {
        for (written, name) in [
            ("lib.rhai", "lib"),
            ("./lib", "lib"),
            ("../x", "x"),
            ("shop/../lib/money.rhai", "lib/money"),
            ("/etc/passwd", "etc/passwd"),
            ("HttpClient", "http_client"),
            ("my-lib", "my_lib"),
            ("crypto::sha", "crypto/sha"),
        ] {
            assert!(!is_script(written), "{written}");
            assert_eq!(meant(written).as_deref(), Some(name), "{written}");
        }
        for nothing in ["", ".", "..", "./", "123", "ß"] {
            assert_eq!(meant(nothing), None, "{nothing}");
        }
        for name in ["a", "shop/orders", "a1_b/c"] {
            assert!(is_script(name), "{name}");
        }
    }
}
