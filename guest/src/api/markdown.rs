//! `markdown::*`: texts of people as HTML that is safe to show.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, html};
use rhai::Engine;
use rhai::plugin::*;

use super::RUNS;

/// Where a link may lead; an address without a scheme stays on the page's own site.
const LINKED: [&str; 3] = ["http", "https", "mailto"];
/// Where a picture may come from.
const SHOWN: [&str; 2] = ["http", "https"];

pub(super) fn register(engine: &mut Engine) {
    engine.register_static_module("markdown", exported_module!(functions).into());
}

/// Whether an address has one of these schemes or none, however a browser reads it: it leaves out control characters, so
/// an address with any is refused.
fn is_allowed(address: &str, schemes: &[&str]) -> bool {
    if address.chars().any(char::is_control) {
        return false;
    }
    match address.trim_start().split_once([':', '/', '?', '#']) {
        Some((scheme, _)) if address.trim_start()[scheme.len()..].starts_with(':') => {
            schemes.iter().any(|allowed| scheme.eq_ignore_ascii_case(allowed))
        }
        _ => true,
    }
}

/// The events of a text that become HTML: tags that it has are shown as text, and of links and pictures that lead
/// elsewhere their text stays.
struct Safe<'a> {
    events: Parser<'a>,
    /// For each link or picture that is open, whether it stays.
    open: Vec<bool>,
}

impl<'a> Iterator for Safe<'a> {
    type Item = Event<'a>;

    fn next(&mut self) -> Option<Event<'a>> {
        loop {
            let (event, stays) = match self.events.next()? {
                Event::Html(html) | Event::InlineHtml(html) => (Event::Text(html), true),
                Event::Start(Tag::HtmlBlock) => (Event::Start(Tag::Paragraph), true),
                Event::End(TagEnd::HtmlBlock) => (Event::End(TagEnd::Paragraph), true),
                Event::Start(tag @ (Tag::Link { .. } | Tag::Image { .. })) => {
                    let stays = may_stay(&tag);
                    self.open.push(stays);
                    (Event::Start(tag), stays)
                }
                Event::End(tag @ (TagEnd::Link | TagEnd::Image)) => {
                    let stays = self.open.pop().unwrap_or(false);
                    (Event::End(tag), stays)
                }
                other => (other, true),
            };
            if stays {
                return Some(event);
            }
        }
    }
}

/// Whether a link or a picture stays. `<someone@example.org>` has no scheme yet, the writer of HTML gives it one.
fn may_stay(tag: &Tag<'_>) -> bool {
    match tag {
        Tag::Link { dest_url, .. } => is_allowed(dest_url, &LINKED),
        Tag::Image { dest_url, .. } => is_allowed(dest_url, &SHOWN),
        _ => true,
    }
}

fn safe_html(text: &str) -> String {
    if !RUNS {
        return String::new();
    }
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let events = Safe {
        events: Parser::new_ext(text, options),
        open: Vec::new(),
    };
    let mut page = String::with_capacity(text.len() * 3 / 2);
    html::push_html(&mut page, events);
    page
}

#[export_module]
mod functions {
    /// Markdown (`CommonMark`, with tables, `~~strikethrough~~` and task lists) as HTML that is safe in a page, whoever wrote
    /// it: `markdown::to_html("*hi*")` is `"<p><em>hi</em></p>\n"`. HTML in it is shown as text, and links lead to `http`,
    /// `https`, `mailto` or the same site only.
    #[rhai_fn(name = "to_html")]
    pub fn to_html(text: &str) -> ImmutableString {
        safe_html(text).into()
    }
}
