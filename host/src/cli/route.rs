//! `picloud route`: where an app's scripts answer.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use picloud_sdk::api::{self, Asynchronous, Idempotency, NewRoute, PushedRoute, RouteChange, ScriptName};
use reqwest::Method;
use serde_json::json;

use super::plan;
use super::remote::{Remote, segment};
use super::{Done, say};

/// List, add and delete an app's routes.
#[derive(Debug, Args)]
pub(super) struct Route {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List an app's routes, newest first.
    List {
        /// The app.
        #[arg(long)]
        app: String,
    },
    /// Let a script answer at a route.
    Add {
        /// A method and a path pattern, such as 'GET /orders/{id}'.
        #[arg(value_name = "ROUTE")]
        route: plan::Route,
        /// The app.
        #[arg(long)]
        app: String,
        /// The script's name.
        #[arg(long)]
        script: ScriptName,
        /// One of the app's own host names; every address of the app when left out.
        #[arg(long)]
        host: Option<String>,
        /// What a header `Idempotency-Key` does: nothing (off), a POST that has it is done once (accept), or nothing is done
        /// without it (require).
        #[arg(long, default_value = "accept", value_parser = keys())]
        idempotency: Idempotency,
        /// Which requests are accepted, and answered later: none (off), those that ask for it (accept), or all (always).
        #[arg(long = "async", value_name = "ASYNC", default_value = "accept", value_parser = later())]
        asynchronous: Asynchronous,
    },
    /// Change a route; what is left out stays.
    #[command(group = clap::ArgGroup::new("what").required(true).multiple(true))]
    Change {
        /// The route's id, as `picloud route list` shows it.
        #[arg(value_name = "ID")]
        id: String,
        /// The app.
        #[arg(long)]
        app: String,
        /// What a header `Idempotency-Key` does: nothing (off), a POST that has it is done once (accept), or nothing is done
        /// without it (require).
        #[arg(long, value_parser = keys(), group = "what")]
        idempotency: Option<Idempotency>,
        /// Which requests are accepted, and answered later: none (off), those that ask for it (accept), or all (always).
        #[arg(long = "async", value_name = "ASYNC", value_parser = later(), group = "what")]
        asynchronous: Option<Asynchronous>,
    },
    /// Delete a route; it answers no more.
    Delete {
        /// The route's id, as `picloud route list` shows it.
        #[arg(value_name = "ID")]
        id: String,
        /// The app.
        #[arg(long)]
        app: String,
    },
}

impl Route {
    pub(super) async fn run(self, remote: &Remote, json: bool) -> Done {
        let client = remote.client()?;
        match self.command {
            Command::List { app } => {
                let routes: Vec<api::Route> = client.all(&format!("/apps/{}/routes", segment(&app)?)).await?;
                if json {
                    return say::json(&routes);
                }
                routes.iter().try_for_each(|route| say::result(&line(route)))
            }
            Command::Add {
                route,
                app,
                script,
                host,
                idempotency,
                asynchronous,
            } => {
                let PushedRoute { method, pattern } = route.into();
                let new = NewRoute {
                    method,
                    pattern,
                    host,
                    script,
                    idempotency,
                    asynchronous,
                };
                let path = format!("/apps/{}/routes", segment(&app)?);
                let route: api::Route = client.send(Method::POST, &path, Some(&new)).await?;
                if json {
                    say::json(&route)
                } else {
                    say::result(&line(&route))
                }
            }
            Command::Change {
                id,
                app,
                idempotency,
                asynchronous,
            } => {
                let path = format!("/apps/{}/routes/{}", segment(&app)?, segment(&id)?);
                let change = RouteChange {
                    idempotency,
                    asynchronous,
                };
                let route: api::Route = client.send(Method::PATCH, &path, Some(&change)).await?;
                if json {
                    say::json(&route)
                } else {
                    say::result(&line(&route))
                }
            }
            Command::Delete { id, app } => {
                let path = format!("/apps/{}/routes/{}", segment(&app)?, segment(&id)?);
                client.send::<()>(Method::DELETE, &path, None::<&()>).await?;
                if json {
                    say::json(&json!({ "deleted": id }))
                } else {
                    say::result(&format!("{id} deleted"))
                }
            }
        }
    }
}

/// What a header `Idempotency-Key` does.
fn keys() -> impl TypedValueParser<Value = Idempotency> {
    PossibleValuesParser::new(["off", "accept", "require"]).try_map(Idempotency::try_from)
}

/// Which requests are answered later.
fn later() -> impl TypedValueParser<Value = Asynchronous> {
    PossibleValuesParser::new(["off", "accept", "always"]).try_map(Asynchronous::try_from)
}

/// One route in one line.
fn line(route: &api::Route) -> String {
    let api::Route {
        id,
        method,
        pattern,
        host,
        script,
        idempotency,
        asynchronous,
        ..
    } = route;
    let host = host.as_ref().map_or_else(String::new, |host| format!(" at {host}"));
    let keys = match idempotency {
        Idempotency::Accept => String::new(),
        other => format!(", idempotency: {}", other.as_str()),
    };
    let later = match asynchronous {
        Asynchronous::Accept => String::new(),
        other => format!(", async: {}", other.as_str()),
    };
    format!("{id} {method} {pattern} → {script}{host}{keys}{later}")
}
