//! Topics: names with dots between them, and patterns of those.

use picloud_sdk::call::topic::TOPIC_BYTES_MAX;

/// Which topics: `orders.paid`; `*` stands for one name, `**` at the end for one or more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    names: Vec<Option<Box<str>>>,
    /// Whether more may follow.
    and_more: bool,
}

/// Whether something can be published under `topic`.
///
/// # Errors
/// A sentence for whoever chose it.
pub fn check(topic: &str) -> Result<(), String> {
    if topic.is_empty() || topic.len() > TOPIC_BYTES_MAX {
        return Err(format!(
            "a topic has 1 to {TOPIC_BYTES_MAX} bytes, this has {}",
            topic.len()
        ));
    }
    match topic.split('.').find(|name| !is_name(name)) {
        None => Ok(()),
        Some(name) => Err(format!(
            "a topic is names of letters, digits, - and _ with dots between, as in orders.paid; got {name:?} in {topic:?}"
        )),
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

impl Pattern {
    /// Reads one.
    ///
    /// # Errors
    /// A sentence for whoever wrote it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (names, and_more) = match text.strip_suffix("**") {
            Some("") => ("", true),
            Some(names) if names.ends_with('.') => (&names[..names.len() - 1], true),
            Some(_) => return Err(format!("** stands for whole names, at the end; got {text:?}")),
            None => (text, false),
        };
        if text.len() > TOPIC_BYTES_MAX {
            return Err(format!(
                "a topic has 1 to {TOPIC_BYTES_MAX} bytes, this has {}",
                text.len()
            ));
        }
        if names.is_empty() && and_more {
            let names = Vec::new();
            return Ok(Self { names, and_more });
        }
        let names = names.split('.').map(|name| match name {
            "*" => Ok(None),
            name if is_name(name) => Ok(Some(name.into())),
            _ => Err(format!(
                "a topic is names with dots between, as in orders.paid; * stands for one name, ** at the end for one or more; got {text:?}"
            )),
        });
        Ok(Self {
            names: names.collect::<Result<_, _>>()?,
            and_more,
        })
    }

    /// Whether `topic` is one of them.
    #[must_use]
    pub fn fits(&self, topic: &str) -> bool {
        let mut names = topic.split('.');
        let begins = self.names.iter().all(|wanted| {
            names
                .next()
                .is_some_and(|name| wanted.as_deref().is_none_or(|wanted| wanted == name))
        });
        begins && names.next().is_some() == self.and_more
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_whole_names() {
        for (pattern, fitting, others) in [
            (
                "orders.paid",
                &["orders.paid"][..],
                &["orders", "orders.paid.x", "orders.paidx"][..],
            ),
            (
                "orders.*",
                &["orders.paid", "orders.x"],
                &["orders", "orders.a.b", "order.a"],
            ),
            ("*.paid", &["orders.paid", "x.paid"], &["paid", "a.b.paid"]),
            ("orders.**", &["orders.a", "orders.a.b.c"], &["orders", "other.a"]),
            ("**", &["a", "a.b"], &[]),
            ("*", &["a"], &["a.b"]),
            ("*.**", &["a.b", "a.b.c"], &["a"]),
        ] {
            let parsed = Pattern::parse(pattern).unwrap();
            for topic in fitting {
                assert!(parsed.fits(topic), "{pattern} {topic}");
            }
            for topic in others {
                assert!(!parsed.fits(topic), "{pattern} {topic}");
            }
        }
        for wrong in ["", ".", "a.", "a..b", "a**", "**.a", "a.*b", "ä", "a b"] {
            assert!(Pattern::parse(wrong).is_err(), "{wrong}");
        }
        for wrong in ["", "a.", "a.*", "**", "a b"] {
            assert!(check(wrong).is_err(), "{wrong}");
        }
        assert!(check(&"a".repeat(257)).is_err() && check("orders.paid-2_x").is_ok());
    }
}
