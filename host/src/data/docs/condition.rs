//! One condition on one field of a document.

use picloud_sdk::value::{Reader, Token, Value};

use super::path::Path;
use super::{compare, foreign, kind};

/// More values in one `in` or `nin` are refused.
pub const LIST_MAX: usize = 100;
/// What can be asked of a field.
pub const OPERATORS: [&str; 11] = [
    "eq", "ne", "lt", "le", "gt", "ge", "in", "nin", "has", "starts", "exists",
];

/// A filter that says nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("filter: `{at:.160}`: {problem}")]
pub struct BadFilter {
    /// The path, with the operator if there is one.
    pub at: String,
    /// What is wrong with it.
    pub problem: String,
}

/// What is asked of a field.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// Which field.
    pub path: Path,
    /// What.
    pub test: Test,
}

/// What can be asked of a value. Values to compare with are encoded.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// `eq`, or no operator.
    Equal(Vec<u8>),
    /// `ne`
    NotEqual(Vec<u8>),
    /// `lt`, `le`, `gt`, `ge`: never true of another kind.
    Ordered {
        /// What the value is compared with.
        than: Vec<u8>,
        /// Whether it has to be less; else more.
        less: bool,
        /// Whether it may also be equal.
        or_equal: bool,
    },
    /// `in`
    In(Vec<Vec<u8>>),
    /// `nin`
    NotIn(Vec<Vec<u8>>),
    /// `has`: an array that has an element equal to this.
    Has(Vec<u8>),
    /// `starts`: a text that begins so.
    Starts(String),
    /// `exists`: anything but `()`; or `()`.
    Exists(bool),
}

impl Condition {
    /// The conditions on `path` that `value` says: one for each operator, or that the field equals it. A map that has keys
    /// which are operators elsewhere is refused, and not taken for a value: `eq` says that it is one.
    ///
    /// # Errors
    /// When they say nothing.
    pub fn parse(path: &str, value: &Value) -> Result<Vec<Self>, BadFilter> {
        let bad = |at: String, problem: String| BadFilter { at, problem };
        let field = Path::new(path).map_err(|error| bad(path.to_owned(), error.to_string()))?;
        let with = |test| Self {
            path: field.clone(),
            test,
        };
        let operators = match value {
            Value::Map(pairs) if pairs.keys().any(|key| is_operator(key)) => pairs,
            value => return Ok(vec![with(Test::Equal(value.encode()))]),
        };
        let test = |(operator, operand): (&String, &Value)| {
            let test = Test::parse(operator, operand).map_err(|problem| bad(format!("{path}.{operator}"), problem))?;
            Ok(with(test))
        };
        operators.iter().map(test).collect()
    }

    /// Whether it is true of an encoded document.
    #[must_use]
    pub fn matches(&self, document: &[u8]) -> bool {
        self.test.matches(self.path.value(document))
    }
}

impl Test {
    fn parse(operator: &str, operand: &Value) -> Result<Self, String> {
        let ordered = |less, or_equal| match operand {
            Value::Unit | Value::Array(_) | Value::Map(_) => {
                let kind = kind::of(operand);
                Err(format!("{kind} is not less or more than anything"))
            }
            _ => Ok(Self::Ordered {
                than: operand.encode(),
                less,
                or_equal,
            }),
        };
        match operator {
            "eq" => Ok(Self::Equal(operand.encode())),
            "ne" => Ok(Self::NotEqual(operand.encode())),
            "lt" => ordered(true, false),
            "le" => ordered(true, true),
            "gt" => ordered(false, false),
            "ge" => ordered(false, true),
            "in" => list(operand).map(Self::In),
            "nin" => list(operand).map(Self::NotIn),
            "has" => Ok(Self::Has(operand.encode())),
            "starts" => match operand {
                Value::Text(text) => Ok(Self::Starts(text.clone())),
                Value::Char(char) => Ok(Self::Starts(char.to_string())),
                _ => Err(format!("takes a string, not {}", kind::of(operand))),
            },
            "exists" => match operand {
                Value::Bool(exists) => Ok(Self::Exists(*exists)),
                _ => Err(format!("takes true or false, not {}", kind::of(operand))),
            },
            _ => Err(no_operator(operator)),
        }
    }

    fn matches(&self, value: &[u8]) -> bool {
        match self {
            Self::Equal(wanted) => compare::equal(value, wanted),
            Self::NotEqual(unwanted) => !compare::equal(value, unwanted),
            Self::Ordered { than, less, or_equal } => compare::order(value, than).is_some_and(|order| {
                let strictly = if *less { order.is_lt() } else { order.is_gt() };
                strictly || *or_equal && order.is_eq()
            }),
            Self::In(list) => list.iter().any(|wanted| compare::equal(value, wanted)),
            Self::NotIn(list) => !list.iter().any(|unwanted| compare::equal(value, unwanted)),
            Self::Has(wanted) => compare::has(value, wanted),
            Self::Starts(start) => match Reader::new(value).token() {
                Ok(Token::Text(text)) => text.starts_with(&**start),
                Ok(Token::Char(char)) => char.encode_utf8(&mut [0; 4]).starts_with(&**start),
                _ => false,
            },
            Self::Exists(exists) => matches!(Reader::new(value).token(), Ok(Token::Unit)) != *exists,
        }
    }
}

/// Whether it is one, here or elsewhere.
fn is_operator(key: &str) -> bool {
    OPERATORS.contains(&key) || foreign::meant(key).is_some()
}

fn no_operator(operator: &str) -> String {
    let known = OPERATORS.join(", ");
    let in_capitals = || OPERATORS.into_iter().find(|own| own.eq_ignore_ascii_case(operator));
    match foreign::meant(operator).or_else(in_capitals) {
        Some(own) => format!(
            "there is no operator `{operator:.80}`, but `{own}`; a map with this key as a value is written `eq: #{{ … }}`"
        ),
        None => format!("there is no operator `{operator:.80}`; there are {known}"),
    }
}

fn list(operand: &Value) -> Result<Vec<Vec<u8>>, String> {
    match operand {
        Value::Array(values) if values.len() > LIST_MAX => {
            let count = values.len();
            Err(format!("has {count} values; {LIST_MAX} are allowed"))
        }
        Value::Array(values) => Ok(values.iter().map(Value::encode).collect()),
        _ => Err(format!("takes an array, not {}", kind::of(operand))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map<const N: usize>(pairs: [(&str, Value); N]) -> Value {
        Value::Map(pairs.map(|(key, value)| (key.to_owned(), value)).into())
    }

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    /// Whether a field that is `value` matches `operator: operand`.
    fn is(value: Value, operator: &str, operand: Value) -> bool {
        let conditions = Condition::parse("a", &map([(operator, operand)])).unwrap();
        conditions[0].matches(&map([("a", value)]).encode())
    }

    #[test]
    fn missing_is_unit_to_every_operator() {
        let matches = |operator: &str, operand: Value| {
            let conditions = Condition::parse("a", &map([(operator, operand.clone())])).unwrap();
            let missing = conditions[0].matches(&map([]).encode());
            assert_eq!(missing, is(Value::Unit, operator, operand), "{operator}");
            missing
        };
        assert!(matches("eq", Value::Unit));
        assert!(!matches("ne", Value::Unit));
        assert!(matches("ne", Value::Int(1)));
        assert!(matches("in", Value::Array(vec![Value::Unit])));
        assert!(matches("nin", Value::Array(vec![])));
        assert!(matches("exists", Value::Bool(false)));
        for operator in ["lt", "le", "gt", "ge", "eq", "has"] {
            assert!(!matches(operator, Value::Int(0)), "{operator}");
        }
        assert!(!matches("starts", text("")));
    }

    #[test]
    fn operators_compare_within_one_kind() {
        assert!(is(Value::Int(5), "ge", Value::Float(5.0)));
        assert!(is(Value::Int(4), "lt", Value::Float(4.5)));
        assert!(!is(Value::Int(4), "lt", text("x")));
        assert!(!is(text("x"), "gt", Value::Int(4)));
        assert!(is(Value::Bool(false), "lt", Value::Bool(true)));
        assert!(is(Value::Float(f64::NAN), "ne", Value::Float(f64::NAN)));
        assert!(!is(Value::Int(1), "le", Value::Float(f64::NAN)));
        assert!(is(text("Anna"), "starts", text("An")));
        assert!(is(Value::Char('A'), "starts", Value::Char('A')));
        assert!(is(Value::Array(vec![text("x")]), "has", text("x")));
        assert!(!is(text("x"), "has", text("x")));
    }

    #[test]
    fn a_map_without_operators_is_a_value() {
        let wanted = map([("x", Value::Int(1))]);
        let conditions = Condition::parse("a", &wanted).unwrap();
        assert!(conditions[0].matches(&map([("a", wanted)]).encode()));
        let empty = Condition::parse("a", &map([])).unwrap();
        assert!(empty[0].matches(&map([("a", map([]))]).encode()));
        assert!(!empty[0].matches(&map([]).encode()));
    }

    #[test]
    fn errors_name_path_operator_and_remedy() {
        let said = |value: Value| Condition::parse("age", &value).unwrap_err().to_string();
        assert_eq!(
            said(map([("lt", Value::Int(1)), ("gee", Value::Int(1))])),
            "filter: `age.gee`: there is no operator `gee`; there are \
             eq, ne, lt, le, gt, ge, in, nin, has, starts, exists"
        );
        assert_eq!(
            said(map([("in", Value::Int(1))])),
            "filter: `age.in`: takes an array, not an int"
        );
        let many = Value::Array(vec![Value::Unit; 101]);
        assert_eq!(
            said(map([("nin", many)])),
            "filter: `age.nin`: has 101 values; 100 are allowed"
        );
        assert_eq!(
            said(map([("starts", Value::Int(1))])),
            "filter: `age.starts`: takes a string, not an int"
        );
        assert_eq!(
            said(map([("exists", Value::Unit)])),
            "filter: `age.exists`: takes true or false, not ()"
        );
        assert_eq!(
            said(map([("lt", Value::Unit)])),
            "filter: `age.lt`: () is not less or more than anything"
        );
        let path = Condition::parse("a..b", &Value::Unit).unwrap_err().to_string();
        assert_eq!(path, "filter: `a..b`: `a..b` is no path: a name of it is empty");
    }
}
