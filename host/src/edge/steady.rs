//! A socket that does not wait for ever for a client that takes no bytes, and that says in our words what hyper refuses.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf as _, Bytes};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

use super::activity::Activity;
use super::pace::prolonged;
use super::refusal::Refusals;

/// A connection's socket.
pub(super) struct Steady {
    socket: TokioIo<TcpStream>,
    activity: Arc<Activity>,
    pause_max: Duration,
    /// Set while the client does not take what is to be written.
    deadline: Option<Pin<Box<Sleep>>>,
    /// HTTP/1.1 only: what to say instead of hyper's own refusals.
    refusals: Option<Arc<Refusals>>,
    /// Said instead, and not yet written.
    words: Bytes,
}

impl Steady {
    /// `refusals` for HTTP/1.1, none for HTTP/2.
    pub(super) fn new(
        socket: TcpStream,
        activity: Arc<Activity>,
        pause_max: Duration,
        refusals: Option<Arc<Refusals>>,
    ) -> Self {
        Self {
            socket: TokioIo::new(socket),
            activity,
            pause_max,
            deadline: None,
            refusals,
            words: Bytes::new(),
        }
    }

    pub(super) fn into_socket(self) -> TcpStream {
        self.socket.into_inner()
    }

    /// Keeps the deadline by what came of a write.
    fn watch(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match &written {
            Poll::Ready(Ok(bytes)) => {
                // Over HTTP/2 a client makes us write by pinging: there, answers say themselves that they are taken.
                if self.refusals.is_some() {
                    self.activity.beat();
                }
                if let Some(deadline) = &mut self.deadline {
                    let later = prolonged(deadline.deadline(), *bytes, self.pause_max);
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

    /// Whether these are hyper's own words, which are replaced by ours.
    fn replaces(&mut self, bytes: &[u8]) -> bool {
        let Some(refusals) = self.refusals.as_ref().filter(|_| !self.activity.is_owing()) else {
            return false;
        };
        let Some(words) = refusals.instead_of(bytes) else {
            return false;
        };
        self.words = words;
        self.activity.leave_unread();
        true
    }

    fn poll_words(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.words.is_empty() {
            let written = Pin::new(&mut self.socket).poll_write(cx, &self.words);
            let bytes = ready!(self.watch(cx, written))?;
            if bytes == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.words.advance(bytes);
        }
        Poll::Ready(Ok(()))
    }
}

impl Read for Steady {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_read(cx, buffer)
    }
}

impl Write for Steady {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.replaces(bytes) {
            return Poll::Ready(Ok(bytes.len()));
        }
        let written = Pin::new(&mut self.socket).poll_write(cx, bytes);
        self.watch(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if let Some(first) = slices.iter().find(|slice| !slice.is_empty())
            && self.replaces(first)
        {
            return Poll::Ready(Ok(first.len()));
        }
        let written = Pin::new(&mut self.socket).poll_write_vectored(cx, slices);
        self.watch(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    /// All that there was to write is written.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_words(cx))?;
        self.deadline = None;
        self.activity.written();
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_words(cx))?;
        if self.refusals.is_some() {
            // There may be a last word; whoever has the socket then closes it.
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}
