//! Where a script answers, as an author writes it: `GET /orders/{id}`.

use std::fmt;
use std::str::FromStr;

use picloud_sdk::api::PushedRoute;
use serde::Serialize;

use crate::routing::METHODS;
use crate::routing::Pattern;

/// `METHOD PATTERN`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(in crate::cli) struct Route {
    pub(in crate::cli) method: String,
    pub(in crate::cli) pattern: String,
    #[serde(skip)]
    shape: String,
}

impl Route {
    /// Where an endpoint answers that says nothing of it: at its name, and `index` for its folder.
    pub(super) fn by_name(name: &str) -> Self {
        let path = match name.rsplit_once('/') {
            Some((folder, "index")) => folder,
            None if name == "index" => "",
            _ => name,
        };
        let pattern = format!("/{path}");
        Self {
            method: "ANY".to_owned(),
            shape: Pattern::parse(&pattern).map_or_else(|_| pattern.clone(), |pattern| pattern.shape()),
            pattern,
        }
    }

    /// What two routes must not share.
    pub(super) fn key(&self) -> (String, String) {
        (self.method.clone(), self.shape.clone())
    }
}

impl From<Route> for PushedRoute {
    fn from(route: Route) -> Self {
        let Route { method, pattern, .. } = route;
        Self { method, pattern }
    }
}

impl FromStr for Route {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some((method, pattern)) = text
            .trim()
            .split_once(char::is_whitespace)
            .filter(|(_, rest)| rest.trim().starts_with('/'))
        else {
            return Err(
                "expected a method and a path pattern, such as 'GET /orders/{id}' or 'ANY /files/{*path}'".to_owned(),
            );
        };
        let (method, pattern) = (method.to_ascii_uppercase(), pattern.trim());
        if !METHODS.contains(&method.as_str()) {
            return Err(format!("{method} is no method; there are {}", METHODS.join(", ")));
        }
        let pattern = Pattern::of_new(pattern).map_err(|why| why.to_string())?;
        Ok(Self {
            method,
            shape: pattern.shape(),
            pattern: pattern.to_string(),
        })
    }
}

impl fmt::Display for Route {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.method, self.pattern)
    }
}
