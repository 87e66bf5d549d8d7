//! Names written in other ways; part of `text::*`.

use rhai::plugin::*;

/// The words of a name: runs of letters and digits, of which a capital behind a small letter, or before one when another
/// is before it, begins the next.
fn words(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    let mut words = vec![String::new()];
    for (at, letter) in letters.iter().enumerate() {
        if !letter.is_alphanumeric() {
            words.push(String::new());
            continue;
        }
        let is_small = |at: usize| {
            letters
                .get(at)
                .is_some_and(|letter| !letter.is_uppercase() && letter.is_alphanumeric())
        };
        let is_large = |at: usize| letters.get(at).is_some_and(|letter| letter.is_uppercase());
        if at > 0 && letter.is_uppercase() && (is_small(at - 1) || is_large(at - 1) && is_small(at + 1)) {
            words.push(String::new());
        }
        words.last_mut().expect("one").extend(letter.to_lowercase());
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The first letter large, the others as they are.
fn begun_large(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

#[export_module]
pub(super) mod functions {
    /// The text with its first letter in upper case: `text::capitalize("élan vital")` is `"Élan vital"`.
    #[rhai_fn(name = "capitalize")]
    pub fn capitalize(text: &str) -> ImmutableString {
        begun_large(text).into()
    }

    /// A name in lower case with `_` between its words: `text::snake_case("HTTPServer port")` is `"http_server_port"`.
    #[rhai_fn(name = "snake_case")]
    pub fn snake_case(text: &str) -> ImmutableString {
        words(text).join("_").into()
    }

    /// A name in lower case with `-` between its words: `text::kebab_case("userName")` is `"user-name"`.
    #[rhai_fn(name = "kebab_case")]
    pub fn kebab_case(text: &str) -> ImmutableString {
        words(text).join("-").into()
    }

    /// A name whose words but the first begin with a capital: `text::camel_case("user_name")` is `"userName"`.
    #[rhai_fn(name = "camel_case")]
    pub fn camel_case(text: &str) -> ImmutableString {
        let words = words(text);
        let written = words.iter().enumerate().map(|(at, word)| match at {
            0 => word.clone(),
            _ => begun_large(word),
        });
        written.collect::<String>().into()
    }

    /// A name whose words all begin with a capital: `text::pascal_case("user name")` is `"UserName"`.
    #[rhai_fn(name = "pascal_case")]
    pub fn pascal_case(text: &str) -> ImmutableString {
        words(text)
            .iter()
            .map(|word| begun_large(word))
            .collect::<String>()
            .into()
    }
}
