//! Being told to stop: SIGTERM or ctrl-c. The first time politely, the second time at once.

use std::process;

/// What a shell says of a program that ctrl-c ended.
const EXIT_INTERRUPTED: i32 = 130;

/// Done when the process is told to stop for the first time. The second time it ends where it stands.
pub async fn signal() {
    told().await;
    tracing::info!("stopping: what is under way is finished; say it again to stop at once");
    tokio::spawn(async {
        told().await;
        tracing::warn!("stopping at once");
        process::exit(EXIT_INTERRUPTED);
    });
}

#[cfg(unix)]
async fn told() {
    use tokio::signal::unix::{SignalKind, signal};

    // Without a handler the system's default holds, which ends the process: that is a stop too.
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

#[cfg(not(unix))]
async fn told() {
    let _ = tokio::signal::ctrl_c().await;
}
