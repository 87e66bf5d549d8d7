//! The command line: results on stdout, chatter on stderr, and how it went as the exit code.

mod allow;
mod app;
mod change;
mod check;
mod docs;
mod env;
mod excerpt;
mod executions;
mod finding;
mod folder;
mod grammar;
mod kept;
mod kv;
mod letter;
mod lines;
mod logs;
mod modules;
mod plain;
mod plan;
mod push;
mod queue;
mod remote;
mod replay;
mod route;
mod run;
mod sandbox;
mod say;
mod schedule;
mod script;
mod secret;
mod serve;
mod source;
mod subscription;
mod token;
mod transfer;
mod trigger;
mod trouble;
mod variables;
mod version;
mod whole;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::config::{self, Env};
use remote::Remote;
use trouble::Trouble;

const FIRST_STEPS: &str = "First steps:
  picloud serve                                             start a server
  picloud app create shop                                   make an app on it
  picloud push hello.rhai --app shop --route 'GET /hello'   save a script, and where it answers
  picloud logs --app shop --follow                          see what it says

Without a server, `picloud check hello.rhai` and `picloud run hello.rhai` try a script out.";

/// A self-hosted script cloud: every request in a sandbox of its own.
#[derive(Debug, Parser)]
#[command(name = "picloud", version, propagate_version = true, arg_required_else_help = true, after_help = FIRST_STEPS)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    remote: Remote,
    /// Print results, and what went wrong, as JSON.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Serve),
    Check(check::Check),
    Run(run::Run),
    App(app::App),
    Push(push::Push),
    Script(script::Script),
    Route(route::Route),
    Kv(kv::Kv),
    Docs(docs::Docs),
    Secret(secret::Secret),
    Env(env::Env),
    Allow(allow::Allow),
    Queue(queue::Queue),
    Schedule(schedule::Schedule),
    Subscription(subscription::Subscription),
    Change(change::Change),
    Letter(letter::Letter),
    Logs(logs::Logs),
    Executions(executions::Executions),
    Replay(replay::Replay),
    Export(replay::Export),
    Token(token::Token),
    Version(version::Version),
}

/// Why a command did not do what it was asked.
#[derive(Debug)]
enum Failure {
    /// The output has said so already; this is the exit code.
    Told(u8),
    /// It went wrong.
    Wrong(anyhow::Error),
    /// It went wrong in a way that has a word for it.
    Named(Box<Trouble>),
    /// It cannot be done as asked: the arguments, or a file they name.
    Usage(anyhow::Error),
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Wrong(error)
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        Self::Named(Box::new(trouble))
    }
}

type Done = Result<(), Failure>;

/// Does what the arguments say.
///
/// 0: done; 1: it went wrong; 2: it cannot be done as asked.
pub async fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    let json = args.iter().take_while(|arg| *arg != "--").any(|arg| arg == "--json");
    if json {
        say::only_json();
    }
    let done = match Cli::try_parse_from(args) {
        Ok(cli) => cli.run().await,
        Err(error) => not_a_command(&error, json),
    };
    let (trouble, exit) = match done {
        Ok(()) => return ExitCode::SUCCESS,
        Err(Failure::Told(exit)) => return ExitCode::from(exit),
        Err(Failure::Wrong(error)) => (Trouble::failed(&error), 1),
        Err(Failure::Named(trouble)) => (*trouble, 1),
        Err(Failure::Usage(error)) => (Trouble::usage(&error), 2),
    };
    say::trouble(&trouble);
    ExitCode::from(exit)
}

/// Help and version are results; the rest is usage, which clap words well.
fn not_a_command(error: &clap::Error, json: bool) -> Done {
    if !error.use_stderr() {
        return say::written(error.print());
    }
    if json {
        say::trouble(&Trouble::of_arguments(error));
    } else {
        // Nobody is left to be told that stderr is gone.
        let _ = error.print();
    }
    Err(Failure::Told(2))
}

impl Cli {
    async fn run(self) -> Done {
        let (remote, json) = (&self.remote, self.json);
        if !matches!(self.command, Command::Serve(_)) {
            for warning in config::unknown(Env::names()) {
                say::note(&format!("warning: {warning}"));
            }
        }
        match self.command {
            Command::Serve(serve) => serve.run(json).await,
            Command::Check(check) => check.run(json).await,
            Command::Run(run) => run.run(json).await,
            Command::App(app) => app.run(remote, json).await,
            Command::Push(push) => push.run(remote, json).await,
            Command::Script(script) => script.run(remote, json).await,
            Command::Route(route) => route.run(remote, json).await,
            Command::Kv(kv) => kv.run(remote, json).await,
            Command::Docs(docs) => docs.run(remote, json).await,
            Command::Secret(secret) => secret.run(remote, json).await,
            Command::Env(env) => env.run(remote, json).await,
            Command::Allow(allow) => allow.run(remote, json).await,
            Command::Queue(queue) => queue.run(remote, json).await,
            Command::Schedule(schedule) => schedule.run(remote, json).await,
            Command::Subscription(subscription) => subscription.run(remote, json).await,
            Command::Change(change) => change.run(remote, json).await,
            Command::Letter(letter) => letter.run(remote, json).await,
            Command::Logs(logs) => logs.run(remote, json).await,
            Command::Executions(executions) => executions.run(remote, json).await,
            Command::Replay(replay) => replay.run(remote, json).await,
            Command::Export(export) => export.run(remote, json).await,
            Command::Token(token) => token.run(remote, json).await,
            Command::Version(version) => version.run(json),
        }
    }
}

/// The whole tree of commands, for the documentation's test.
#[must_use]
pub fn command() -> clap::Command {
    Cli::command()
}
