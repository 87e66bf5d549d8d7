//! One app's routes: host, method and path → target.
//!
//! A tree of path segments. A literal goes before a parameter, a parameter before a catch-all, decided from the left;
//! where the better path has no such method, the next one answers. Routes of the request's own host go before routes of
//! any host. A lookup visits every node at most once.

use std::collections::{BTreeSet, HashMap};

use http::Method;

use super::pattern::{Pattern, SEGMENTS_MAX, Segment};

/// Which methods a route answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verb {
    /// Every one that no other route of the same path names.
    Any,
    /// Just this; `GET` answers `HEAD` too.
    One(Method),
}

impl Verb {
    /// From the text in the database: `ANY` or a method.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text == "ANY" {
            Some(Self::Any)
        } else {
            Method::from_bytes(text.as_bytes()).ok().map(Self::One)
        }
    }
}

/// Where one app's requests go.
#[derive(Debug)]
pub struct RouteTable<T> {
    any_host: Node<T>,
    hosts: HashMap<Box<str>, Node<T>>,
}

/// A route that answers.
#[derive(Debug, PartialEq, Eq)]
pub struct Match<'t, 'p, T> {
    /// What was put into the table.
    pub target: &'t T,
    /// Names and still encoded values, in the pattern's order.
    pub params: Vec<(&'t str, &'p str)>,
}

/// Why there is no match.
#[derive(Debug, PartialEq, Eq)]
pub enum Miss {
    /// No route has the path.
    Path,
    /// Routes have the path, with other methods: the value of `Allow`.
    Method(String),
}

#[derive(Debug)]
struct Node<T> {
    /// Sorted by text.
    literals: Vec<(Box<str>, Node<T>)>,
    parameter: Option<Box<Node<T>>>,
    /// Routes that end here.
    ends: Vec<Way<T>>,
    /// Routes whose catch-all starts here.
    catches: Vec<Way<T>>,
}

#[derive(Debug)]
struct Way<T> {
    verb: Verb,
    names: Box<[Box<str>]>,
    target: T,
}

impl<T> Default for RouteTable<T> {
    fn default() -> Self {
        Self {
            any_host: Node::default(),
            hosts: HashMap::new(),
        }
    }
}

impl<T> Default for Node<T> {
    fn default() -> Self {
        Self {
            literals: Vec::new(),
            parameter: None,
            ends: Vec::new(),
            catches: Vec::new(),
        }
    }
}

impl<T> RouteTable<T> {
    /// Adds a route; `host` is empty for any host. `false` when one of the same shape is there already.
    pub fn insert(&mut self, host: &str, verb: Verb, pattern: &Pattern, target: T) -> bool {
        let mut node = if host.is_empty() {
            &mut self.any_host
        } else {
            self.hosts.entry(host.into()).or_default()
        };
        let mut names = Vec::new();
        let mut catch_all = false;
        for segment in pattern.segments() {
            names.extend(segment.parameter().map(Box::from));
            match segment {
                Segment::Literal(text) => node = node.literal(text),
                Segment::Parameter(_) => node = node.parameter.get_or_insert_default(),
                Segment::CatchAll(_) => catch_all = true,
            }
        }
        let ways = if catch_all { &mut node.catches } else { &mut node.ends };
        if ways.iter().any(|way| way.verb == verb) {
            return false;
        }
        ways.push(Way {
            verb,
            names: names.into(),
            target,
        });
        true
    }

    /// The route for a request to `host` with `path` in normal form, starting with a slash.
    ///
    /// # Errors
    /// Says whether the path or just the method is not there.
    pub fn find<'t, 'p>(&'t self, host: &str, method: &Method, path: &'p str) -> Result<Match<'t, 'p, T>, Miss> {
        let mut found = None;
        self.visit(host, path, &mut |ways, values| {
            let way = way_for(ways, method);
            found = way.map(|way| Match {
                target: &way.target,
                params: way
                    .names
                    .iter()
                    .map(AsRef::as_ref)
                    .zip(values.iter().copied())
                    .collect(),
            });
            found.is_some()
        });
        found.ok_or_else(|| self.miss(host, path))
    }

    fn miss(&self, host: &str, path: &str) -> Miss {
        let mut methods = BTreeSet::new();
        self.visit(host, path, &mut |ways, _| {
            methods.extend(ways.iter().filter_map(|way| match &way.verb {
                Verb::One(method) => Some(method.as_str()),
                Verb::Any => None,
            }));
            false
        });
        if methods.is_empty() {
            return Miss::Path;
        }
        if methods.contains("GET") {
            methods.insert("HEAD");
        }
        methods.insert("OPTIONS");
        Miss::Method(methods.into_iter().collect::<Vec<_>>().join(", "))
    }

    /// Shows `look` the routes of `path`, best first, until it is content.
    fn visit<'t, 'p>(&'t self, host: &str, path: &'p str, look: &mut Look<'_, 't, 'p, T>) {
        let Some(path) = path.strip_prefix('/') else { return };
        let own = if self.hosts.is_empty() {
            None
        } else {
            self.hosts.get(host)
        };
        for root in own.into_iter().chain([&self.any_host]) {
            if root.visit(Some(path), &mut [""; SEGMENTS_MAX], 0, look) {
                return;
            }
        }
    }
}

type Look<'a, 't, 'p, T> = dyn FnMut(&'t [Way<T>], &[&'p str]) -> bool + 'a;

impl<T> Node<T> {
    fn literal(&mut self, text: &str) -> &mut Self {
        let at = match self.literals.binary_search_by(|(literal, _)| (**literal).cmp(text)) {
            Ok(at) => at,
            Err(at) => {
                self.literals.insert(at, (text.into(), Self::default()));
                at
            }
        };
        &mut self.literals[at].1
    }

    fn visit<'t, 'p>(
        &'t self,
        path: Option<&'p str>,
        values: &mut [&'p str; SEGMENTS_MAX],
        count: usize,
        look: &mut Look<'_, 't, 'p, T>,
    ) -> bool {
        let Some(path) = path else {
            return !self.ends.is_empty() && look(&self.ends, &values[..count]);
        };
        let (segment, rest) = path
            .split_once('/')
            .map_or((path, None), |(segment, rest)| (segment, Some(rest)));
        if let Ok(at) = self.literals.binary_search_by(|(literal, _)| (**literal).cmp(segment))
            && self.literals[at].1.visit(rest, values, count, look)
        {
            return true;
        }
        // A pattern has no more segments than there are values: parsing saw to it.
        if let Some(node) = &self.parameter
            && !segment.is_empty()
            && count < SEGMENTS_MAX
        {
            values[count] = segment;
            if node.visit(rest, values, count + 1, look) {
                return true;
            }
        }
        if self.catches.is_empty() || path.is_empty() || count >= SEGMENTS_MAX {
            return false;
        }
        values[count] = path;
        look(&self.catches, &values[..=count])
    }
}

fn way_for<'t, T>(ways: &'t [Way<T>], method: &Method) -> Option<&'t Way<T>> {
    let named = |name: &Method| {
        ways.iter()
            .find(|way| matches!(&way.verb, Verb::One(own) if own == name))
    };
    named(method)
        .or_else(|| {
            if *method == Method::HEAD {
                named(&Method::GET)
            } else {
                None
            }
        })
        .or_else(|| ways.iter().find(|way| way.verb == Verb::Any))
}
