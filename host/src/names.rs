//! What hosts and modules may be called; for apps and scripts see [`picloud_sdk::api`].

/// Bytes of a host name.
pub const HOST_BYTES_MAX: usize = 253;

/// An app's own host name: a DNS name in lower case, without a port. Not one that the installation gives to its apps.
pub(super) fn host_name<'a>(host: &'a str, base_domain: Option<&str>) -> Result<&'a str, String> {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if host.len() > HOST_BYTES_MAX {
        return Err(format!("{HOST_BYTES_MAX} bytes are allowed, these are {}", host.len()));
    }
    let last = host.rsplit('.').next().unwrap_or_default();
    if !host.split('.').all(label) || last.bytes().all(|b| b.is_ascii_digit()) {
        return Err(format!(
            "a host is a name such as shop.example.org, in lower case and without a port; got {host:?}"
        ));
    }
    if last == "localhost" {
        return Err(format!(
            "{host:?} is no name of your own: every app answers at its name.localhost already"
        ));
    }
    if base_domain.is_some_and(|base| {
        host.strip_suffix(base)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }) {
        return Err(format!(
            "{host:?} belongs to the installation, which gives each app its name there already"
        ));
    }
    Ok(host)
}

/// Names that would hide something when they are imported under them: the namespaces of what scripts see (also those
/// that are planned), and Rhai's words.
const RESERVED_FOR_SCRIPTS: &str = "base64 crypto csv ctx decimal docs env event global gzip hex html http invoke json jwt \
    kv log markdown password qr queue random regex req reply secret template text time toml topic url uuid xml yaml \
    as async await break case catch const continue debug default do else eval export exit false fn for go goto if import \
    in is let loop match module new nil null package print private protected public return shared spawn static super \
    switch sync this thread throw true try type_of until use var void while with yield call curry is_def_fn is_def_var \
    is_shared";

/// Whether a script of this name may be a module.
///
/// # Errors
/// Says why not, and what would do.
pub fn of_module(name: &str) -> Result<(), String> {
    if RESERVED_FOR_SCRIPTS.split_whitespace().any(|reserved| reserved == name) {
        return Err(format!(
            "{name:?} is a word of the script language or of its API, so no module can have it; {name}_lib would do"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_hides_nothing_of_the_api() {
        let api: serde_json::Value = serde_json::from_str(include_str!("../../sdk/api/script.json")).unwrap();
        let functions = api["functions"].as_array().unwrap();
        let namespaces = functions.iter().filter_map(|function| function["namespace"].as_str());
        let names = api["names"].as_array().unwrap().iter();
        let names = names.filter_map(|name| name["name"].as_str());
        for name in namespaces
            .chain(names)
            .filter(|name| !name.is_empty())
            .chain(["global", "fn", "kv"])
        {
            assert!(of_module(name).is_err(), "{name}");
        }
        for good in ["pricing", "shop/log", "json_lib", "globals"] {
            assert_eq!(of_module(good), Ok(()));
        }
    }

    #[test]
    fn a_host_is_a_dns_name() {
        for good in [
            "example.org",
            "a.b-c.example",
            "intranet",
            "xn--caf-dma.example",
            "myapps.example",
        ] {
            assert_eq!(host_name(good, Some("apps.example")), Ok(good));
        }
        for bad in [
            "",
            ".",
            "a.",
            ".a",
            "A.org",
            "a_b.org",
            "a.org:80",
            "10.0.0.1",
            "[::1]",
            "-a.org",
            "*.a.org",
            "demo.localhost",
            "apps.example",
            "rival.apps.example",
            "localhost",
        ] {
            assert!(host_name(bad, Some("apps.example")).is_err(), "{bad:?}");
        }
    }
}
