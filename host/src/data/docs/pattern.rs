//! Regular expressions of schemas: those are understood that are a small automaton, in which each byte of a text is one
//! step, whatever the text.

use jsonschema::{Draft, PatternOptions, ValidationOptions};
use regex_automata::dfa::dense;
use regex_automata::nfa::thompson;

/// What the automaton may take, in bytes, and what its making.
const AUTOMATON_BYTES_MAX: usize = 256 << 10;
const MAKING_BYTES_MAX: usize = 128 << 10;
/// The engine finds the states when it needs them, and keeps as many: all of them have room.
const STATES_BYTES_MAX: usize = 2 * (AUTOMATON_BYTES_MAX + MAKING_BYTES_MAX);
/// Steps for each byte of text.
pub(super) const STEPS_PER_BYTE: u64 = 2;
/// What one takes in memory, about: few have as many states as they may.
pub(super) const BYTES: u64 = 128 << 10;

/// How schemas are understood; nothing is fetched for them.
pub(super) fn options(draft: Draft) -> ValidationOptions<'static> {
    let patterns = PatternOptions::regex()
        .size_limit(AUTOMATON_BYTES_MAX)
        .dfa_size_limit(STATES_BYTES_MAX);
    jsonschema::options()
        .with_draft(draft)
        .offline()
        .should_validate_formats(true)
        // Whether a text is a regular expression is asked for by nobody who keeps data, and costs most of all.
        .with_format("regex", |_: &str| true)
        .with_pattern_options(patterns)
}

/// Whether `pattern` is a small automaton, from either end.
pub(super) fn is_small(pattern: &str) -> bool {
    let Ok(translated) = jsonschema_regex::to_rust_regex(pattern) else {
        return false;
    };
    [false, true].into_iter().all(|reverse| {
        let nfa = thompson::Config::new()
            .reverse(reverse)
            .nfa_size_limit(Some(AUTOMATON_BYTES_MAX));
        let dfa = dense::Config::new()
            .dfa_size_limit(Some(AUTOMATON_BYTES_MAX))
            .determinize_size_limit(Some(MAKING_BYTES_MAX));
        let mut builder = dense::Builder::new();
        builder.thompson(nfa).configure(dfa).build(&translated).is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_ask_for_is_small() {
        for pattern in [
            "^[a-z0-9-]+$",
            "^\\d{4}-\\d{2}-\\d{2}$",
            "^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\\.[A-Za-z]{2,63}$",
            "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
            "^\\+?[0-9 ()-]{5,30}$",
            "^[\\p{L} .'-]+$",
            "^(red|green|blue)$",
            "[0-9]{3}",
            "^https?://[^\\s/]+(/.*)?$",
            "^#[0-9a-fA-F]{6}$",
            "^.{1,20}$",
            "^\\S(.*\\S)?$",
        ] {
            assert!(is_small(pattern), "{pattern}");
        }
    }

    #[test]
    fn what_takes_powers_of_time_or_memory_is_not() {
        for pattern in [
            "(a|b)*a(a|b){30}",
            "(a|b){30}a(a|b)*$",
            "(a{1000}){1000}",
            "(\\p{L}*a){30}",
            "(a",
            "(a+)\\1",
            "^(?=a)b",
        ] {
            assert!(!is_small(pattern), "{pattern}");
        }
    }
}
