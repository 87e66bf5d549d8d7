//! `Values`: names with one or more values each, as headers, query and forms have them.

use std::rc::Rc;

use rhai::plugin::*;
use rhai::{Array, Dynamic, Engine, Map, Module};

/// Names and values in order. A cheap handle; scripts only read it.
#[derive(Clone)]
pub(crate) struct Values(Rc<Inner>);

struct Inner {
    pairs: Vec<(ImmutableString, ImmutableString)>,
    case_matters: bool,
}

impl Values {
    pub(super) fn new(pairs: Vec<(ImmutableString, ImmutableString)>, case_matters: bool) -> Self {
        Self(Rc::new(Inner { pairs, case_matters }))
    }

    /// The first value of that name.
    pub(super) fn first(&self, name: &str) -> Option<&str> {
        self.named(name).next().map(ImmutableString::as_str)
    }

    fn named<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a ImmutableString> {
        let case_matters = self.0.case_matters;
        self.0
            .pairs
            .iter()
            .filter(move |(key, _)| {
                if case_matters {
                    key == name
                } else {
                    key.eq_ignore_ascii_case(name)
                }
            })
            .map(|(_, value)| value)
    }

    /// One value as a string, several as an array.
    pub(crate) fn to_map(&self) -> Map {
        let mut map = Map::new();
        for (name, value) in &self.0.pairs {
            match map.get_mut(name.as_str()) {
                None => {
                    map.insert(name.as_str().into(), value.clone().into());
                }
                Some(several) if several.is_array() => {
                    if let Some(mut several) = several.write_lock::<Array>() {
                        several.push(value.clone().into());
                    }
                }
                Some(one) => *one = vec![one.clone(), value.clone().into()].into(),
            }
        }
        map
    }
}

pub(super) fn register(engine: &mut Engine, global: &mut Module) {
    engine.register_type_with_name::<Values>("Values");
    combine_with_exported_module!(global, "values", functions);
}

#[export_module]
mod functions {
    /// The first value of that name, or `()`.
    #[rhai_fn(index_get, pure)]
    pub fn first(values: &mut Values, name: &str) -> Dynamic {
        values
            .named(name)
            .next()
            .map_or(Dynamic::UNIT, |value| value.clone().into())
    }

    /// All values of that name, in order; an empty array when there is none.
    #[rhai_fn(name = "all", pure)]
    pub fn all(values: &mut Values, name: &str) -> Array {
        values.named(name).map(|value| value.clone().into()).collect()
    }

    /// Whether there is a value of that name: `"page" in req.query`.
    #[rhai_fn(name = "contains", pure)]
    pub fn contains(values: &mut Values, name: &str) -> bool {
        values.named(name).next().is_some()
    }

    /// The names, each once, in order of appearance.
    #[rhai_fn(name = "keys", pure)]
    pub fn keys(values: &mut Values) -> Array {
        let mut names: Vec<ImmutableString> = Vec::new();
        for (name, _) in &values.0.pairs {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        names.into_iter().map(Into::into).collect()
    }

    /// How many name-value pairs there are.
    #[rhai_fn(name = "len", get = "len", pure)]
    pub fn len(values: &mut Values) -> i64 {
        values.0.pairs.len() as i64
    }

    /// Whether there is none.
    #[rhai_fn(name = "is_empty", get = "is_empty", pure)]
    pub fn is_empty(values: &mut Values) -> bool {
        values.0.pairs.is_empty()
    }

    /// As a map: a name with one value as a string, with several as an array.
    #[rhai_fn(name = "to_map", pure)]
    pub fn to_map(values: &mut Values) -> Map {
        values.to_map()
    }
}
