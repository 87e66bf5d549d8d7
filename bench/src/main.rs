//! `make bench`: prints the table of docs/performance.md. Reported, never asserted.
//!
//! With `axum` or `rhai` and a port it is one of the servers that PiCloud is compared with.

mod baseline;
mod data;
mod events;
mod http;
mod idle;
mod load;
mod outbound;
mod process;
mod sandbox;
mod scripts;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["axum" | "rhai"] => baseline::serve(),
        [] => {
            sandbox::report()?;
            idle::report()?;
            http::report()?;
            outbound::report()?;
            data::report(data::DOCUMENTS, None)?;
            events::report(events::BACKLOG, None)
        }
        ["sandbox"] => sandbox::report(),
        ["idle"] => idle::report(),
        ["http"] => http::report(),
        ["outbound"] => outbound::report(),
        ["data"] => data::report(data::DOCUMENTS, None),
        ["data", documents] => data::report(documents.parse()?, None),
        ["data", documents, postgres] => data::report(documents.parse()?, Some(postgres)),
        ["events"] => events::report(events::BACKLOG, None),
        ["events", backlog] => events::report(backlog.parse()?, None),
        ["events", backlog, postgres] => events::report(backlog.parse()?, Some(postgres)),
        ["repeat", script, runs] => sandbox::repeat(script, runs.parse()?),
        _ => anyhow::bail!(
            "usage: picloud-bench [sandbox | idle | http | outbound | data [DOCUMENTS [POSTGRES]] | events [BACKLOG [POSTGRES]] | repeat SCRIPT RUNS]"
        ),
    }
}
