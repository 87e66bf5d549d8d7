//! One setting, and how it is read: the only code that looks at the environment.

use anyhow::{Context, bail};

/// A variable that the operator may set.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// The variable's name.
    pub name: &'static str,
    /// What holds when it is not set; empty when there is nothing then.
    pub default: &'static str,
    /// What its number counts; empty for text.
    pub unit: &'static str,
    /// What it may be.
    pub kind: Kind,
    /// One sentence for the operator.
    pub about: &'static str,
}

/// What a setting may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text with a form of its own.
    Text,
    /// A whole number, both bounds included.
    Number {
        /// The smallest that makes sense.
        min: u64,
        /// The largest that makes sense.
        max: u64,
    },
}

impl Setting {
    pub(super) const fn text(name: &'static str, default: &'static str, about: &'static str) -> Self {
        Self {
            name,
            default,
            unit: "",
            kind: Kind::Text,
            about,
        }
    }

    pub(super) const fn number(
        name: &'static str,
        default: &'static str,
        unit: &'static str,
        (min, max): (u64, u64),
        about: &'static str,
    ) -> Self {
        Self {
            name,
            default,
            unit,
            kind: Kind::Number { min, max },
            about,
        }
    }
}

/// Where settings come from: the process environment, or a test's closure.
pub struct Env<'a>(&'a dyn Fn(&str) -> Option<String>);

impl<'a> Env<'a> {
    /// Settings that `lookup` knows.
    #[must_use]
    pub fn new(lookup: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self(lookup)
    }

    /// The process environment.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that may")]
    pub fn process() -> Env<'static> {
        Env(&|name| std::env::var(name).ok())
    }

    /// The names of all variables of the process.
    pub fn names() -> impl Iterator<Item = String> {
        std::env::vars_os().filter_map(|(name, _)| name.into_string().ok())
    }

    /// The value, trimmed; `None` when it is not set or blank.
    pub(super) fn given(&self, setting: &Setting) -> Option<String> {
        self.0(setting.name)
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
    }

    pub(super) fn text(&self, setting: &Setting) -> String {
        self.given(setting).unwrap_or_else(|| setting.default.to_owned())
    }

    /// A number within the setting's bounds, in the field's own type.
    pub(super) fn number<T: TryFrom<u64>>(&self, setting: &Setting) -> anyhow::Result<T> {
        let text = self.text(setting);
        let shown = format!("{}={text:?}", setting.name);
        let value: u64 = text
            .parse()
            .ok()
            .with_context(|| format!("{shown} is not a whole number"))?;
        if let Kind::Number { min, max } = setting.kind
            && !(min..=max).contains(&value)
        {
            bail!("{shown} is out of bounds: {min} to {max} {}", setting.unit);
        }
        T::try_from(value).ok().with_context(|| format!("{shown} is too large"))
    }
}
