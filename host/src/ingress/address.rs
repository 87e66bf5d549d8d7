//! Host and path in their normal forms, and the path below an app's root.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::routing::normal_path;

/// Why a host or a path is none: a sentence for the client.
pub(super) type Bad = &'static str;

/// A host's name: in lower case, without port and without a dot at the end. Empty when there is none.
pub(super) fn host_name(authority: &str) -> Result<Cow<'_, str>, Bad> {
    let (name, port) = if authority.starts_with('[') {
        let end = authority.find(']').ok_or("the host's [ is not closed")?;
        authority.split_at(end + 1)
    } else {
        authority.find(':').map_or((authority, ""), |at| authority.split_at(at))
    };
    let port_is_good = match port.strip_prefix(':') {
        None => port.is_empty(),
        Some(digits) => {
            digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits.is_empty() || digits.parse::<u16>().is_ok())
        }
    };
    if !port_is_good {
        return Err("the host's port is none");
    }
    let name = name.strip_suffix('.').unwrap_or(name);
    let named = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'[' | b']' | b':');
    if name.len() > 255 || !name.bytes().all(named) {
        return Err("the host has characters that no host has");
    }
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Ok(Cow::Owned(name.to_ascii_lowercase()));
    }
    Ok(Cow::Borrowed(name))
}

/// The path in its normal form, sure to be UTF-8 when it is decoded.
pub(super) fn path(raw: &str) -> Result<Cow<'_, str>, Bad> {
    if !raw.starts_with('/') {
        return Err("the path does not start with a slash");
    }
    let normal = normal_path(raw);
    if normal.contains("/.") && normal.split('/').any(|segment| matches!(segment, "." | "..")) {
        return Err("the path has segments . or ..");
    }
    if normal.contains('%') {
        if normal.contains("%00") {
            return Err("the path has a NUL");
        }
        if percent_decode_str(&normal).decode_utf8().is_err() {
            return Err("the path is not UTF-8");
        }
    }
    Ok(normal)
}

/// `path` below its first segment when `root` is not 0. Normalising moves no slash, so this holds for the raw path too.
pub(super) fn below(path: &str, root: usize) -> &str {
    if root == 0 {
        return path;
    }
    path[1..].find('/').map_or("/", |at| &path[1 + at..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_has_one_name() {
        for (authority, name) in [
            ("example.org", "example.org"),
            ("Example.ORG.", "example.org"),
            ("example.org:8080", "example.org"),
            ("example.org.:80", "example.org"),
            ("example.org:", "example.org"),
            ("[::1]:8080", "[::1]"),
            ("127.0.0.1", "127.0.0.1"),
            ("", ""),
        ] {
            assert_eq!(host_name(authority).as_deref(), Ok(name), "{authority}");
        }
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for authority in [
            "a:99999",
            "a:x",
            "a:1:2",
            "[::1",
            "[::1]x",
            "a b",
            "user@host",
            "a/b",
            "ex%61mple.org",
            "é",
        ] {
            assert!(host_name(authority).is_err(), "{authority}");
        }
        assert!(host_name(&"a".repeat(256)).is_err());
    }

    #[test]
    fn a_path_is_normal_or_refused() {
        for (raw, normal) in [
            ("/", Ok("/")),
            ("/a/b", Ok("/a/b")),
            ("/%61", Ok("/a")),
            ("/a%2fb", Ok("/a%2Fb")),
            ("/.well-known/x", Ok("/.well-known/x")),
            ("/a..b/...", Ok("/a..b/...")),
            ("/caf%c3%a9", Ok("/caf%C3%A9")),
            ("", Err("the path does not start with a slash")),
            ("*", Err("the path does not start with a slash")),
            ("/a/../b", Err("the path has segments . or ..")),
            ("/a/%2e%2E/b", Err("the path has segments . or ..")),
            ("/.", Err("the path has segments . or ..")),
            ("/%ff", Err("the path is not UTF-8")),
            ("/%c0%ae%c0%ae/", Err("the path is not UTF-8")),
            ("/a%00b", Err("the path has a NUL")),
        ] {
            assert_eq!(path(raw).as_deref(), normal.as_deref(), "{raw}");
        }
    }

    #[test]
    fn below_the_root_an_app_sees_its_own_path() {
        assert_eq!(below("/~shop/orders/1", 6), "/orders/1");
        assert_eq!(below("/%7Eshop/orders/1", 6), "/orders/1");
        assert_eq!(below("/~shop/", 6), "/");
        assert_eq!(below("/orders", 0), "/orders");
    }
}
