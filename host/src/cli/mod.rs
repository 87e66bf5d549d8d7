//! The command line: results on stdout, chatter on stderr, and how it went as the exit code.

mod app;
mod check;
mod excerpt;
mod executions;
mod finding;
mod folder;
mod logs;
mod modules;
mod push;
mod remote;
mod run;
mod sandbox;
mod say;
mod serve;
mod source;
mod token;
mod version;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

/// A self-hosted script cloud: every request in a sandbox of its own.
#[derive(Debug, Parser)]
#[command(name = "picloud", version, propagate_version = true, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Print results as JSON.
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
    Logs(logs::Logs),
    Executions(executions::Executions),
    Token(token::Token),
    Version(version::Version),
}

/// Why a command did not do what it was asked.
#[derive(Debug)]
enum Failure {
    /// It went wrong, and the output has said so already.
    Told,
    /// It went wrong.
    Wrong(anyhow::Error),
    /// It cannot be done as asked: the arguments, or a file they name.
    Usage(anyhow::Error),
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::Wrong(error)
    }
}

type Done = Result<(), Failure>;

/// Does what the arguments say.
///
/// 0: done; 1: it went wrong; 2: it cannot be done as asked.
pub async fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are results; the rest is usage, which clap words well.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let json = cli.json;
    let done = match cli.command {
        Command::Serve(serve) => serve.run(json).await,
        Command::Check(check) => check.run(json).await,
        Command::Run(run) => run.run(json).await,
        Command::App(app) => app.run(json).await,
        Command::Push(push) => push.run(json).await,
        Command::Logs(logs) => logs.run(json).await,
        Command::Executions(executions) => executions.run(json).await,
        Command::Token(token) => token.run(json).await,
        Command::Version(version) => version.run(json),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Told) => ExitCode::from(1),
        Err(Failure::Wrong(error)) => {
            say::error(&error);
            ExitCode::from(1)
        }
        Err(Failure::Usage(error)) => {
            say::error(&error);
            ExitCode::from(2)
        }
    }
}

/// The whole tree of commands, for the documentation's test.
#[must_use]
pub fn command() -> clap::Command {
    Cli::command()
}
