//! How a setting is read: the only code that looks at the environment.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};

use super::{Kind, Setting};

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
        self.given(setting).unwrap_or_else(|| setting.default())
    }

    pub(super) fn number(&self, setting: &Setting) -> anyhow::Result<u64> {
        let text = self.text(setting);
        let shown = format!("{}={text:?}", setting.name);
        let value: u64 = text
            .parse()
            .ok()
            .with_context(|| format!("{shown} is not a whole number"))?;
        if let Kind::Number { min, max, unit, .. } = setting.kind
            && !(min..=max).contains(&value)
        {
            bail!("{shown} is out of bounds: {min} to {max} {unit}");
        }
        Ok(value)
    }
}

impl Setting {
    /// What holds when it is not set, as one would set it.
    #[must_use]
    pub fn default(&self) -> String {
        match self.kind {
            Kind::Text { default } => default.to_owned(),
            Kind::Number { default, .. } => default.to_string(),
        }
    }
}

/// A type that settings have.
pub(super) trait Value: Sized {
    fn read(env: &Env<'_>, setting: &Setting) -> anyhow::Result<Self>;
}

impl Value for u64 {
    fn read(env: &Env<'_>, setting: &Setting) -> anyhow::Result<Self> {
        env.number(setting)
    }
}

impl Value for u32 {
    fn read(env: &Env<'_>, setting: &Setting) -> anyhow::Result<Self> {
        let value = env.number(setting)?;
        let value = value.try_into().ok();
        value.with_context(|| format!("{} is too large", setting.name))
    }
}

/// Milliseconds.
impl Value for Duration {
    fn read(env: &Env<'_>, setting: &Setting) -> anyhow::Result<Self> {
        Ok(Self::from_millis(env.number(setting)?))
    }
}

impl Value for String {
    fn read(env: &Env<'_>, setting: &Setting) -> anyhow::Result<Self> {
        Ok(env.text(setting))
    }
}

impl Value for Option<String> {
    fn read(env: &Env<'_>, setting: &Setting) -> anyhow::Result<Self> {
        Ok(env.given(setting))
    }
}

impl Value for PathBuf {
    fn read(env: &Env<'_>, setting: &Setting) -> anyhow::Result<Self> {
        Ok(env.text(setting).into())
    }
}
