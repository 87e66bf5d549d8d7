//! `picloud serve`: read the settings, build the host, say where everything is, serve until told to stop.

use std::io::{self, IsTerminal as _};
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use picloud_executor::{Executor, PoolConfig};
use picloud_sdk::api::PREFIX;
use serde_json::{Value, json};

use super::{Done, Failure, say};
use crate::clock::Clock;
use crate::config::{self, Config, Env};
use crate::identity::{self, OPERATOR_FILE};
use crate::manager::apps;
use crate::orchestrator::{Engine, Host};
use crate::outbound::Dns;
use crate::serve::Listeners;
use crate::store::{Db, own_alone};
use crate::{edge, shutdown, telemetry};

/// Serve the apps and the management API until told to stop.
#[derive(Debug, Args)]
pub(super) struct Serve {}

impl Serve {
    pub(super) async fn run(self, json: bool) -> Done {
        let mut config = Config::from_env(&Env::process()).map_err(Failure::Usage)?;
        telemetry::init(&config.log).map_err(Failure::Usage)?;
        for warning in config::unknown(Env::names()) {
            tracing::warn!("{warning}");
        }
        edge::fit(&mut config.http)?;
        let _owner = match config.store.database_url {
            None => Some(own_alone(&config.store.data)?),
            Some(_) => None,
        };
        let listeners = Listeners::bind(&config.bind).await?;
        // With port 0 the system chose one, which is the one to tell.
        let unknown = "finding out where it listens";
        config.bind.ingress = listeners.ingress.local_addr().context(unknown)?;
        config.bind.admin = listeners.admin.local_addr().context(unknown)?;
        let host = build(config).await?;
        let operator = identity::ensure_operator(&host).await?;
        apps::demo(&host).await?;

        let addresses = addresses(&host);
        if json {
            say::json(&addresses)?;
        } else {
            welcome(&addresses, &operator)?;
        }
        crate::serve::serve(host, listeners, shutdown::signal()).await?;
        Ok(())
    }
}

async fn build(config: Config) -> anyhow::Result<Host> {
    let pool = PoolConfig {
        runs_max: config.runs.runs_max,
        memory_bytes_max: config.limits.run.memory_bytes_max,
    };
    let executor = Arc::new(Executor::new(pool).context("making room for sandboxes")?);
    tracing::info!("running scripts in {}", executor.arrangement());
    let db = Db::connect(&config.store.data, config.store.database_url.as_deref()).await?;
    let engine = Engine {
        runner: executor.clone(),
        compiler: executor,
        guest_hash: Executor::guest_hash(),
        resolver: Arc::new(Dns::new(config.outbound.dns.0.clone())),
    };
    Host::build(config, db, engine, Clock::System).await
}

/// Where everything is, and a request that works.
fn addresses(host: &Host) -> Value {
    let (scripts, admin) = (host.config.bind.ingress, host.config.bind.admin);
    let port = scripts.port();
    let demo = host
        .routes
        .current()
        .by_name("demo")
        .is_some_and(|app| app.endpoints.contains_key("hello"));
    let everywhere = scripts.ip().is_unspecified() || scripts.ip().is_loopback();
    let try_it = match (demo, everywhere) {
        (true, true) => format!("http://demo.localhost:{port}/hello"),
        (true, false) => format!("http://{scripts}/~demo/hello"),
        (false, _) => format!("http://{}/healthz", reachable(scripts)),
    };
    json!({
        "scripts": format!("http://{}", reachable(scripts)),
        "dashboard": format!("http://{}/", reachable(admin)),
        "management": format!("http://{}{}", reachable(admin), PREFIX),
        "operator_token_file": host.config.store.data.join(OPERATOR_FILE),
        "try": try_it,
    })
}

/// An address to connect to: one that stands for all of the machine's is reached at localhost.
fn reachable(address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        format!("localhost:{}", address.port())
    } else {
        address.to_string()
    }
}

fn welcome(addresses: &Value, operator: &identity::OperatorToken) -> Done {
    let text = |name: &str| addresses[name].as_str().unwrap_or_default();
    // What is no terminal may be kept, as a service's output is: the token stands in its file and nowhere else.
    let made = operator.made.as_ref().filter(|_| io::stdout().is_terminal());
    let made = made.map_or_else(String::new, |token| format!(" (made just now: {token})"));
    say::result(&format!(
        "scripts         {}/~APP/, and every app by its name",
        text("scripts")
    ))?;
    say::result(&format!("dashboard       {}", text("dashboard")))?;
    say::result(&format!("management API  {}", text("management")))?;
    say::result(&format!("operator token  {}{made}", operator.file.display()))?;
    say::result(&format!("try             curl {}", text("try")))
}
