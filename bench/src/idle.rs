//! Start, and doing nothing.

use std::fs;
use std::time::Duration;

use crate::process::{Server, picloud_binary};

const WATCH: Duration = Duration::from_secs(30);
const STARTS: usize = 5;

pub(crate) fn report() -> anyhow::Result<()> {
    let mut starts: Vec<Duration> = Vec::new();
    for _ in 0..STARTS {
        starts.push(Server::picloud()?.ready);
    }
    starts.sort_unstable();

    let server = Server::picloud()?;
    // Let the start's own work end: records written, threads parked.
    std::thread::sleep(Duration::from_secs(3));
    let (wakeups, cpu) = (server.wakeups()?, server.cpu()?);
    std::thread::sleep(WATCH);
    let (wakeups, cpu) = (server.wakeups()? - wakeups, server.cpu()?.saturating_sub(cpu));
    let binary = fs::metadata(picloud_binary()?)?.len();

    println!("\n## Start and idle\n\n| what | figure |\n|---|---:|");
    println!(
        "| start to first answer, empty folder (median of {STARTS}) | {:.0?} |",
        starts[STARTS / 2]
    );
    println!("| resident, idle | {} MiB |", server.resident_mib()?);
    println!("| wake-ups in {} s | {wakeups} |", WATCH.as_secs());
    println!("| CPU in {} s | {cpu:.1?} |", WATCH.as_secs());
    println!("| release binary | {:.1} MB |", f64::from(u32::try_from(binary)?) / 1e6);
    Ok(())
}
