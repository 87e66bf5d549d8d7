//! `picloud allow`: whom an app's scripts may call.

use clap::{Args, Subcommand};
use picloud_sdk::api::{AllowedHost, HostPattern, NewAllowedHost};
use reqwest::Method;

use super::remote::{Remote, segment};
use super::secret::done;
use super::{Done, Failure, say};

/// List, add and delete the hosts that an app's scripts may call.
#[derive(Debug, Args)]
pub(super) struct Allow {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the hosts that an app's scripts may call.
    List {
        /// The app.
        #[arg(long)]
        app: String,
    },
    /// Allow a host, in place of what was said of it before.
    Add {
        #[command(flatten)]
        which: Which,
        /// A method, as often as there are some; every one when left out.
        #[arg(long = "method", value_name = "METHOD")]
        methods: Vec<String>,
    },
    /// Allow a host no more.
    Delete {
        #[command(flatten)]
        which: Which,
    },
}

/// A host that an app's scripts may call.
#[derive(Debug, Args)]
struct Which {
    /// `api.example.com`, `*.example.com` (every host below it), `*`, an address, or one of these with `:port`.
    #[arg(value_name = "HOST")]
    host: HostPattern,
    /// The app.
    #[arg(long)]
    app: String,
}

impl Which {
    fn path(&self) -> Result<String, Failure> {
        Ok(format!("{}/{}", list_of(&self.app)?, segment(&self.host.to_string())?))
    }
}

impl Allow {
    pub(super) async fn run(self, remote: &Remote, json: bool) -> Done {
        let client = remote.client()?;
        match self.command {
            Command::List { app } => {
                let allowed: Vec<AllowedHost> = client.all(&list_of(&app)?).await?;
                if json {
                    return say::json(&allowed);
                }
                for AllowedHost { host, methods, .. } in &allowed {
                    let methods = if methods.is_empty() {
                        "every method".to_owned()
                    } else {
                        methods.join(",")
                    };
                    say::result(&format!("{host}  {methods}"))?;
                }
                Ok(())
            }
            Command::Add { which, methods } => {
                let methods = methods.iter().map(|method| method.to_ascii_uppercase()).collect();
                let new = NewAllowedHost { methods };
                client.send::<()>(Method::PUT, &which.path()?, Some(&new)).await?;
                done(json, "allowed", &which.host.to_string())
            }
            Command::Delete { which } => {
                client.send::<()>(Method::DELETE, &which.path()?, None::<&()>).await?;
                done(json, "deleted", &which.host.to_string())
            }
        }
    }
}

fn list_of(app: &str) -> Result<String, Failure> {
    Ok(format!("/apps/{}/allow", segment(app)?))
}
