//! The route table against a matcher that is too simple to be wrong.

use http::Method;
use picloud::routing::{Match, Miss, RouteTable, Verb};
use picloud::routing::{Pattern, Segment};
use proptest::prelude::*;

/// One route: host, verb, pattern.
type Route = (String, Verb, Pattern);

/// What `segments` make of the parts of a path, and how good each step is: 0 literal, 1 parameter, 2 catch-all.
fn naive_match(segments: &[Segment], parts: &[&str]) -> Option<(Vec<u8>, Vec<String>)> {
    let (Some(segment), Some(part)) = (segments.first(), parts.first()) else {
        return (segments.is_empty() && parts.is_empty()).then(Default::default);
    };
    let (rank, value) = match segment {
        Segment::Literal(text) => (text == part).then_some((0, None))?,
        Segment::Parameter(_) => (!part.is_empty()).then(|| (1, Some((*part).to_owned())))?,
        Segment::CatchAll(_) => {
            let rest = parts.join("/");
            return (!rest.is_empty()).then(|| (vec![2], vec![rest]));
        }
    };
    let (mut ranks, mut values) = naive_match(&segments[1..], &parts[1..])?;
    ranks.insert(0, rank);
    values.splice(0..0, value);
    Some((ranks, values))
}

/// How well a verb fits a method: smaller is better.
fn naive_verb(verb: &Verb, method: &Method) -> Option<u8> {
    match verb {
        Verb::One(own) if own == method => Some(0),
        Verb::One(own) if *own == Method::GET && *method == Method::HEAD => Some(1),
        Verb::One(_) => None,
        Verb::Any => Some(2),
    }
}

/// Tries every route and takes the best.
fn naive_find(routes: &[Route], host: &str, method: &Method, path: &str) -> Option<(usize, Vec<String>)> {
    let parts: Vec<_> = path[1..].split('/').collect();
    let fits = routes.iter().enumerate().filter_map(|(at, (own, verb, pattern))| {
        let host_rank = if own == host { 0 } else { own.is_empty().then_some(1)? };
        let (ranks, values) = naive_match(pattern.segments(), &parts)?;
        Some(((host_rank, ranks, naive_verb(verb, method)?), at, values))
    });
    fits.min_by(|a, b| a.0.cmp(&b.0)).map(|(_, at, values)| (at, values))
}

fn verbs() -> impl Strategy<Value = Verb> {
    prop_oneof![
        Just(Verb::Any),
        Just(Verb::One(Method::GET)),
        Just(Verb::One(Method::POST)),
        Just(Verb::One(Method::HEAD)),
    ]
}

fn patterns() -> impl Strategy<Value = Pattern> {
    let segment = prop_oneof![Just("a"), Just("b"), Just("%7Bx%7D"), Just("{}")];
    let last = prop_oneof![3 => Just(None), 1 => Just(Some("{*rest}")), 1 => Just(Some(""))];
    (prop::collection::vec(segment, 0..4), last).prop_map(|(segments, last)| {
        let named = segments
            .iter()
            .enumerate()
            .map(|(at, text)| text.replace("{}", &format!("{{p{at}}}")));
        let mut parts: Vec<String> = named.collect();
        parts.extend(last.map(str::to_owned));
        Pattern::parse(&format!("/{}", parts.join("/"))).unwrap()
    })
}

fn paths() -> impl Strategy<Value = String> {
    let part = prop_oneof![4 => Just("a"), 4 => Just("b"), 1 => Just("%7Bx%7D"), 1 => Just(""), 1 => Just("p0")];
    prop::collection::vec(part, 1..5).prop_map(|parts| format!("/{}", parts.join("/")))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_table_finds_what_trying_all_routes_finds(
        wanted in prop::collection::vec((prop_oneof![Just(""), Just("h"), Just("i")], verbs(), patterns()), 0..12),
        host in prop_oneof![Just("h"), Just("i"), Just("j")],
        method in prop_oneof![Just(Method::GET), Just(Method::HEAD), Just(Method::POST), Just(Method::PUT)],
        path in paths(),
    ) {
        let mut table = RouteTable::default();
        let mut routes: Vec<Route> = Vec::new();
        for (own, verb, pattern) in wanted {
            let same = |(host, other, route): &Route| host == own && *other == verb && route.shape() == pattern.shape();
            let is_new = !routes.iter().any(same);
            prop_assert_eq!(table.insert(own, verb.clone(), &pattern, routes.len()), is_new);
            if is_new {
                routes.push((own.to_owned(), verb, pattern));
            }
        }
        let found = table.find(host, &method, &path);
        if let Some((at, values)) = naive_find(&routes, host, &method, &path) {
            let Ok(Match { target, params }) = found else { panic!("{found:?} instead of {:?}", routes[at]) };
            prop_assert_eq!(*target, at);
            prop_assert_eq!(params.iter().map(|(_, value)| (*value).to_owned()).collect::<Vec<_>>(), values);
            let names = routes[at].2.segments().iter().filter_map(Segment::parameter);
            prop_assert_eq!(params.iter().map(|(name, _)| *name).collect::<Vec<_>>(), names.collect::<Vec<_>>());
        } else {
            let parts: Vec<_> = path[1..].split('/').collect();
            let on_host = |own: &str| own.is_empty() || own == host;
            let known = routes.iter().any(|(own, _, pattern)| on_host(own) && naive_match(pattern.segments(), &parts).is_some());
            prop_assert_eq!(matches!(found, Err(Miss::Method(_))), known);
            prop_assert!(found.is_err());
        }
    }
}

#[test]
fn a_literal_goes_before_a_parameter_before_a_catch_all() {
    let mut table = RouteTable::default();
    let patterns = ["/{*rest}", "/{a}", "/{a}/{*rest}", "/x", "/x/{b}", "/{a}/y", "/x/", "/"];
    for (at, pattern) in patterns.iter().enumerate() {
        assert!(table.insert("", Verb::Any, &Pattern::parse(pattern).unwrap(), at));
    }
    for (path, pattern) in [
        ("/", "/"),
        ("/x", "/x"),
        ("/z", "/{a}"),
        ("/x/", "/x/"),
        ("/x/y", "/x/{b}"),
        ("/z/y", "/{a}/y"),
        ("/z/z", "/{a}/{*rest}"),
        ("/x/y/z", "/{a}/{*rest}"),
        ("//x", "/{*rest}"),
    ] {
        let found = table.find("", &Method::GET, path).unwrap();
        assert_eq!(patterns[*found.target], pattern, "{path}");
    }
}
