//! `text::*`: strings made safe for where they go, and made to fit.

use rhai::plugin::*;
use rhai::{Array, Engine, Module};
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation as _;

use super::{Fallible, cases, diff, html, refuse, url};

/// More characters are no padding.
const PADDED_MAX: i64 = 1 << 20;

pub(super) fn register(engine: &mut Engine) {
    let mut module = Module::new();
    combine_with_exported_module!(&mut module, "text", functions);
    combine_with_exported_module!(&mut module, "cases", cases::functions);
    combine_with_exported_module!(&mut module, "diff", diff::functions);
    engine.register_static_module("text", module.into());
}

/// What is to be put before or behind a text so that it has `length` characters.
fn padding(text: &str, length: i64, with: &str) -> Fallible<String> {
    if length > PADDED_MAX {
        return refuse(
            "bad_argument",
            format!("texts are padded to at most {PADDED_MAX} characters, not {length}"),
        );
    }
    let missing = usize::try_from(length)
        .unwrap_or_default()
        .saturating_sub(text.chars().count());
    Ok(with.chars().cycle().take(missing).collect())
}

fn shortened(text: &str, length: i64, end: &str) -> Fallible<ImmutableString> {
    if length < 0 {
        return refuse(
            "bad_argument",
            format!("text::truncate: a text has no {length} characters"),
        );
    }
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let begins = |count: usize| text.char_indices().nth(count).map(|(at, _)| at);
    if begins(length).is_none() {
        return Ok(text.into());
    }
    let kept = length.saturating_sub(end.chars().count());
    let mut short = text[..begins(kept).unwrap_or(text.len())].to_owned();
    short.extend(end.chars().take(length - kept));
    Ok(short.into())
}

/// The same by what people take for one character.
fn shortened_by_graphemes(text: &str, length: i64, end: &str) -> Fallible<ImmutableString> {
    let Ok(length) = usize::try_from(length) else {
        return refuse(
            "bad_argument",
            format!("text::truncate_graphemes: a text has no {length} graphemes"),
        );
    };
    if text.graphemes(true).nth(length).is_none() {
        return Ok(text.into());
    }
    let kept = length.saturating_sub(end.graphemes(true).count());
    let short = text
        .graphemes(true)
        .take(kept)
        .chain(end.graphemes(true).take(length - kept));
    Ok(short.collect::<String>().into())
}

/// Letters that are others with a stroke, or two in one, and so none with an accent.
const fn spelled(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ß' | 'ẞ' => "ss",
        'æ' | 'Æ' => "ae",
        'œ' | 'Œ' => "oe",
        'ø' | 'Ø' => "o",
        'đ' | 'Đ' | 'ð' | 'Ð' => "d",
        'ł' | 'Ł' => "l",
        'þ' | 'Þ' => "th",
        'ı' => "i",
        _ => return None,
    })
}

fn slug_of(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    let mut is_apart = false;
    for letter in text
        .nfkd()
        .filter(|letter| !is_combining_mark(*letter) && *letter != '\'' && *letter != '’')
    {
        let spelled = spelled(letter);
        if spelled.is_none() && !letter.is_alphanumeric() {
            is_apart = true;
            continue;
        }
        if std::mem::take(&mut is_apart) && !slug.is_empty() {
            slug.push('-');
        }
        match spelled {
            Some(letters) => slug.push_str(letters),
            None => slug.extend(letter.to_lowercase()),
        }
    }
    slug
}

#[export_module]
mod functions {
    /// `& < > " '` as entities: safe between tags and in quoted attributes. The same as `html::escape`.
    #[rhai_fn(name = "escape_html")]
    pub fn escape_html(text: &str) -> ImmutableString {
        html::escaped(text)
    }

    /// Percent-encoded for one piece of a path or query (RFC 3986: all but `A-Z a-z 0-9 - . _ ~`). The same as
    /// `url::encode`.
    #[rhai_fn(name = "encode_uri")]
    pub fn encode_uri(text: &str) -> ImmutableString {
        url::encoded(text)
    }

    /// A text for addresses: letters and digits in lower case without accents, `-` for all between.
    /// `text::slug("Crème brûlée, 2x!")` is `"creme-brulee-2x"`. Letters of other scripts stay as they are.
    #[rhai_fn(name = "slug")]
    pub fn slug(text: &str) -> ImmutableString {
        slug_of(text).into()
    }

    /// The text with spaces before it, until it has that many characters: `text::pad_start("7", 3)` is `"  7"`. More
    /// than a million: throws `bad_argument`.
    #[rhai_fn(name = "pad_start", return_raw)]
    pub fn pad_start(text: &str, length: i64) -> Fallible<ImmutableString> {
        Ok((padding(text, length, " ")? + text).into())
    }

    /// The same with another text than spaces, again and again: `text::pad_start("7", 3, "0")` is `"007"`.
    #[rhai_fn(name = "pad_start", return_raw)]
    pub fn pad_start_with(text: &str, length: i64, with: &str) -> Fallible<ImmutableString> {
        Ok((padding(text, length, with)? + text).into())
    }

    /// The text with spaces behind it, until it has that many characters. More than a million: throws `bad_argument`.
    #[rhai_fn(name = "pad_end", return_raw)]
    pub fn pad_end(text: &str, length: i64) -> Fallible<ImmutableString> {
        Ok((text.to_owned() + padding(text, length, " ")?.as_str()).into())
    }

    /// The same with another text than spaces, again and again: `text::pad_end("a", 4, ".-")` is `"a.-."`.
    #[rhai_fn(name = "pad_end", return_raw)]
    pub fn pad_end_with(text: &str, length: i64, with: &str) -> Fallible<ImmutableString> {
        Ok((text.to_owned() + padding(text, length, with)?.as_str()).into())
    }

    /// A text of at most that many characters, as `len` counts them, whose last is `…` when it was cut:
    /// `text::truncate("abcdef", 4)` is `"abc…"`. Fewer than 0: throws `bad_argument`.
    #[rhai_fn(name = "truncate", return_raw)]
    pub fn truncate(text: &str, length: i64) -> Fallible<ImmutableString> {
        shortened(text, length, "…")
    }

    /// The same with another end, which counts too: `text::truncate("abcdef", 4, "")` is `"abcd"`.
    #[rhai_fn(name = "truncate", return_raw)]
    pub fn truncate_with(text: &str, length: i64, end: &str) -> Fallible<ImmutableString> {
        shortened(text, length, end)
    }

    /// What people take for one character each, of however many it is made (Unicode's extended grapheme clusters):
    /// `text::graphemes("e\u0301a").len()` is `2`.
    #[rhai_fn(name = "graphemes")]
    pub fn graphemes(text: &str) -> Array {
        let graphemes = text.graphemes(true);
        graphemes
            .map(|grapheme| ImmutableString::from(grapheme).into())
            .collect()
    }

    /// A text of at most that many graphemes, none of them cut in two, whose last is `…` when it was cut:
    /// `text::truncate_graphemes("🇨🇭🇩🇪🇫🇷", 2)` is `"🇨🇭…"`. Fewer than 0: throws `bad_argument`.
    #[rhai_fn(name = "truncate_graphemes", return_raw)]
    pub fn truncate_graphemes(text: &str, length: i64) -> Fallible<ImmutableString> {
        shortened_by_graphemes(text, length, "…")
    }

    /// The same with another end, which counts too.
    #[rhai_fn(name = "truncate_graphemes", return_raw)]
    pub fn truncate_graphemes_with(text: &str, length: i64, end: &str) -> Fallible<ImmutableString> {
        shortened_by_graphemes(text, length, end)
    }

    /// A text in Unicode's form NFC: letters with their accents as one character, so that what looks the same is equal.
    #[rhai_fn(name = "normalize")]
    pub fn normalize(text: &str) -> ImmutableString {
        text.nfc().collect::<String>().into()
    }

    /// The same in `"NFC"`, `"NFD"`, `"NFKC"` or `"NFKD"`: `text::normalize("ﬁ", "NFKC")` is `"fi"`. Another form: throws
    /// `bad_argument`.
    #[rhai_fn(name = "normalize", return_raw)]
    pub fn normalize_to(text: &str, form: &str) -> Fallible<ImmutableString> {
        let normal: String = match form {
            "NFC" => text.nfc().collect(),
            "NFD" => text.nfd().collect(),
            "NFKC" => text.nfkc().collect(),
            "NFKD" => text.nfkd().collect(),
            _ => {
                return refuse(
                    "bad_argument",
                    "text::normalize: the form is \"NFC\", \"NFD\", \"NFKC\" or \"NFKD\"",
                );
            }
        };
        Ok(normal.into())
    }
}
