//! Somebody on loopback who answers whatever he is asked, and remembers it.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc::{Receiver, channel};

/// A listener that gives one answer to everybody.
pub(super) struct Fake {
    pub(super) address: SocketAddr,
    heard: Receiver<String>,
}

impl Fake {
    /// Answers everybody with `kind` as the content type.
    pub(super) fn answering(status: &str, kind: &str, body: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("its address");
        let answer = format!(
            "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        let (told, heard) = channel();
        std::thread::spawn(move || {
            for socket in listener.incoming() {
                let mut socket = socket.expect("a connection");
                let mut bytes = Vec::new();
                let mut byte = [0];
                while !bytes.ends_with(b"\r\n\r\n") && socket.read(&mut byte).is_ok_and(|read| read == 1) {
                    bytes.extend(byte);
                }
                let _ = told.send(String::from_utf8_lossy(&bytes).into_owned());
                let _ = socket.write_all(answer.as_bytes());
            }
        });
        Self { address, heard }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The heads of the requests so far.
    pub(super) fn heard(&self) -> Vec<String> {
        self.heard.try_iter().collect()
    }
}
