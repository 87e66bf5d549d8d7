//! English: articles and plurals.

/// `1 error`, `2 errors`
pub(super) fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// `a viewer`, `an owner`
pub(super) fn with_article(what: &str) -> String {
    let article = if what.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {what}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_articles_agree_with_their_noun() {
        assert_eq!(
            [0, 1, 2].map(|n| count(n, "error")),
            ["0 errors", "1 error", "2 errors"]
        );
        assert_eq!(["viewer", "owner"].map(with_article), ["a viewer", "an owner"]);
    }
}
