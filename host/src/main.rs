//! `picloud`: does what the command line says.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    picloud::cli::main(std::env::args_os()).await
}
