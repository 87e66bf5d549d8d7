//! How a section is made of a table of settings: a new one is one entry of its section.

use super::env::Env;
use super::setting::Setting;

/// Settings that are read together.
pub(super) trait Section: Sized {
    /// They, in the order of the documentation.
    fn settings() -> Vec<Setting>;

    /// What they are set to.
    fn from_env(env: &Env<'_>) -> anyhow::Result<Self>;
}

/// A section: those that it consists of, then `field: type = VARIABLE kind;` with the sentence for the operator before it.
/// `then` names what is left to look at when every field is known.
macro_rules! section {
    (
        $(#[$attribute:meta])*
        $visibility:vis struct $name:ident {
            $(sections {
                $($(#[$inner_attribute:meta])* $inner:ident: $inner_type:ty;)*
            })?
            $($(#[doc = $about:literal])+ $field:ident: $type:ty = $variable:ident $kind:expr;)*
        }
        $(then $check:path)?
    ) => {
        $(#[$attribute])*
        $visibility struct $name {
            $($($(#[$inner_attribute])* pub $inner: $inner_type,)*)?
            $(
                $(#[doc = $about])+
                #[doc = ""]
                #[doc = concat!("`", stringify!($variable), "`")]
                pub $field: $type,
            )*
        }

        impl $name {
            $(const $variable: $crate::config::Setting = $crate::config::Setting {
                name: stringify!($variable),
                kind: $kind,
                about: concat!($($about),+).trim_ascii(),
            };)*
        }

        impl $crate::config::section::Section for $name {
            fn settings() -> Vec<$crate::config::Setting> {
                let sections: &[Vec<$crate::config::Setting>] = &[
                    $($(<$inner_type as $crate::config::section::Section>::settings(),)*)?
                    vec![$(Self::$variable,)*],
                ];
                sections.concat()
            }

            fn from_env(env: &$crate::config::Env<'_>) -> anyhow::Result<Self> {
                let read = Self {
                    $($($inner: $crate::config::section::Section::from_env(env)?,)*)?
                    $($field: $crate::config::env::Value::read(env, &Self::$variable)?,)*
                };
                $(let read = $check(read, env)?;)?
                Ok(read)
            }
        }
    };
}
pub(super) use section;
