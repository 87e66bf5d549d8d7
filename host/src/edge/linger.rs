//! Closing a connection on which more may come. A socket that is closed with bytes unread resets the connection, and the
//! client loses the answer that it was about to read: so what comes is read and thrown away for a while.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::config::HttpConfig;

use super::shared::Stop;
use super::watch::GOODBYE_MAX;

/// At least as much is thrown away (the largest body of the management API); twice what a body may have, where that is more.
const BYTES_MIN: u64 = 16 << 20;
/// A client that sends nothing for so long has read its answer, or never will.
const PAUSE_MAX: Duration = Duration::from_secs(2);
/// Thrown away at a time.
const BUFFER_BYTES: usize = 16 << 10;

/// Says `words`, then closes the connection once the client has stopped sending, or has sent too much.
pub(super) async fn part(mut socket: TcpStream, words: &[u8], http: &HttpConfig, stop: &Stop) {
    let parting = async {
        if !words.is_empty() && socket.write_all(words).await.is_err() {
            return;
        }
        let _ = socket.shutdown().await;
        throw_away(&mut socket, http).await;
    };
    let stopped = async {
        stop.politely.cancelled().await;
        sleep(GOODBYE_MAX).await;
    };
    tokio::select! {
        _ = timeout(http.body_max, parting) => {}
        () = stopped => {}
    }
}

async fn throw_away(socket: &mut TcpStream, http: &HttpConfig) {
    let mut left = BYTES_MIN.max(u64::from(http.body_bytes_max) * 2);
    // On the heap: every connection's task would be larger by it.
    let mut buffer = vec![0; BUFFER_BYTES];
    while let Ok(Ok(bytes @ 1..)) = timeout(PAUSE_MAX, socket.read(&mut buffer)).await {
        left = left.saturating_sub(u64::try_from(bytes).unwrap_or(u64::MAX));
        if left == 0 {
            return;
        }
    }
}
