//! A socket that does not wait for ever for a client that takes no bytes.

use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

use super::activity::Activity;

/// A client that takes fewer bytes in a second than this, for longer than it is allowed to pause, is cut off.
const BYTES_PER_SECOND_MIN: u32 = 4096;

/// A connection's socket.
pub(super) struct Steady {
    socket: TokioIo<TcpStream>,
    activity: Arc<Activity>,
    pause_max: Duration,
    /// Set while the client does not take what is to be written.
    deadline: Option<Pin<Box<Sleep>>>,
}

impl Steady {
    pub(super) fn new(socket: TcpStream, activity: Arc<Activity>, pause_max: Duration) -> Self {
        Self {
            socket: TokioIo::new(socket),
            activity,
            pause_max,
            deadline: None,
        }
    }

    pub(super) fn peer(&self) -> io::Result<SocketAddr> {
        self.socket.inner().peer_addr()
    }

    /// Keeps the deadline by what came of a write.
    fn watch(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match &written {
            Poll::Ready(Ok(bytes)) => {
                self.activity.beat();
                if let Some(deadline) = &mut self.deadline {
                    let earned =
                        Duration::from_secs(1) * u32::try_from(*bytes).unwrap_or(u32::MAX) / BYTES_PER_SECOND_MIN;
                    let later = deadline.deadline() + earned;
                    deadline.as_mut().reset(later);
                }
            }
            Poll::Ready(Err(_)) => {}
            Poll::Pending => {
                let pause_max = self.pause_max;
                let deadline = self
                    .deadline
                    .get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + pause_max)));
                ready!(deadline.as_mut().poll(cx));
                return Poll::Ready(Err(io::Error::new(
                    io::ErrorKind::TimedOut,
                    "the client does not take its answer",
                )));
            }
        }
        written
    }
}

impl Read for Steady {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_read(cx, buffer)
    }
}

impl Write for Steady {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write(cx, bytes);
        self.watch(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.socket).poll_write_vectored(cx, slices);
        self.watch(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    /// All that there was to write is written.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.deadline = None;
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}
