//! Any patterns and paths: the route table answers as a list of routes would that is tried one after the other.
//!
//! The input is lines. `METHOD pattern` or `METHOD host pattern` is a route; from the first empty line on, `METHOD path`
//! or `METHOD host path` is a request.

use http::Method;

use super::routing::{Miss, Pattern, RouteTable, Segment, Verb, normal_path};

const ROUTES_MAX: usize = 32;
const REQUESTS_MAX: usize = 32;

struct Route<'a> {
    host: &'a str,
    verb: Verb,
    pattern: Pattern,
}

pub(crate) fn check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.split('\n');
    let mut table = RouteTable::default();
    let mut routes: Vec<Route<'_>> = Vec::new();
    for line in lines.by_ref().take_while(|line| !line.is_empty()).take(ROUTES_MAX) {
        let Some((verb, host, path)) = parts(line) else {
            continue;
        };
        let (Some(verb), Ok(pattern)) = (Verb::parse(verb), Pattern::parse(path)) else {
            continue;
        };
        assert_eq!(
            Pattern::parse(&pattern.to_string()).as_ref(),
            Ok(&pattern),
            "its normal form"
        );
        let conflict = routes
            .iter()
            .any(|route| (route.host, &route.verb, route.pattern.shape()) == (host, &verb, pattern.shape()));
        let inserted = table.insert(host, verb.clone(), &pattern, routes.len());
        assert_eq!(inserted, !conflict, "{line}");
        if inserted {
            routes.push(Route { host, verb, pattern });
        }
    }
    for line in lines.take(REQUESTS_MAX) {
        let Some((method, host, path)) = parts(line) else {
            continue;
        };
        let Ok(method) = Method::from_bytes(method.as_bytes()) else {
            continue;
        };
        let path = normal_path(path);
        assert_eq!(normal_path(&path), path, "normal twice");
        compare(&table, &routes, host, &method, &path);
    }
}

fn parts(line: &str) -> Option<(&str, &str, &str)> {
    let (verb, rest) = line.split_once(' ')?;
    Some(match rest.split_once(' ') {
        Some((host, path)) => (verb, host, path),
        None => (verb, "", rest),
    })
}

fn compare(table: &RouteTable<usize>, routes: &[Route<'_>], host: &str, method: &Method, path: &str) {
    let found = table.find(host, method, path);
    match (found, naive(routes, host, method, path)) {
        (Ok(found), Some((at, params))) => {
            assert_eq!((*found.target, found.params), (at, params), "{method} {host} {path}");
        }
        (Err(miss), None) => {
            let known = routes
                .iter()
                .any(|route| (route.host.is_empty() || route.host == host) && values(&route.pattern, path).is_some());
            assert_eq!(
                matches!(miss, Miss::Method(_)),
                known,
                "{method} {host} {path}: {miss:?}"
            );
        }
        (found, expected) => panic!("{method} {host} {path}: {found:?}, expected {expected:?}"),
    }
}

/// All routes that answer, the best of them: the request's own host first, then segment by segment from the left
/// literal, parameter, catch-all, then the most precise method.
fn naive<'r, 'p>(
    routes: &'r [Route<'_>],
    host: &str,
    method: &Method,
    path: &'p str,
) -> Option<(usize, Vec<(&'r str, &'p str)>)> {
    routes
        .iter()
        .enumerate()
        .filter(|(_, route)| route.host.is_empty() || route.host == host)
        .filter_map(|(at, route)| {
            let verb = match &route.verb {
                Verb::One(own) if own == method => 0,
                Verb::One(own) if own == Method::GET && *method == Method::HEAD => 1,
                Verb::One(_) => return None,
                Verb::Any => 2,
            };
            let values = values(&route.pattern, path)?;
            let names = route.pattern.segments().iter().filter_map(Segment::parameter);
            let rank: Vec<_> = route.pattern.segments().iter().map(kind).collect();
            Some(((route.host.is_empty(), rank, verb), at, names.zip(values).collect()))
        })
        .min_by(|(a, ..), (b, ..)| a.cmp(b))
        .map(|(_, at, params)| (at, params))
}

fn kind(segment: &Segment) -> u8 {
    match segment {
        Segment::Literal(_) => 0,
        Segment::Parameter(_) => 1,
        Segment::CatchAll(_) => 2,
    }
}

/// The parameters' values when `pattern` matches `path`.
fn values<'p>(pattern: &Pattern, path: &'p str) -> Option<Vec<&'p str>> {
    let mut rest = Some(path.strip_prefix('/')?);
    let mut values = Vec::new();
    for segment in pattern.segments() {
        let here = rest?;
        let (first, after) = match here.split_once('/') {
            Some((first, after)) => (first, Some(after)),
            None => (here, None),
        };
        match segment {
            Segment::Literal(text) if text == first => rest = after,
            Segment::Parameter(_) if !first.is_empty() => {
                values.push(first);
                rest = after;
            }
            Segment::CatchAll(_) if !here.is_empty() => {
                values.push(here);
                rest = None;
            }
            _ => return None,
        }
    }
    rest.is_none().then_some(values)
}
