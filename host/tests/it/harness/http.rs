//! HTTP/1.1 as bytes: a client that can be as rude as a test wants.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A connection.
pub(crate) struct Wire {
    stream: TcpStream,
    /// Read, and not yet looked at.
    ahead: Vec<u8>,
}

/// A response.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Wire {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self::on(TcpStream::connect(address).await.unwrap())
    }

    pub(crate) fn on(stream: TcpStream) -> Self {
        Self {
            stream,
            ahead: Vec::new(),
        }
    }

    /// Sends `GET http://host/path` with headers and a body, and reads the answer.
    pub(crate) async fn ask(&mut self, line: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.write(&request(line, headers, body)).await;
        self.answer_to(line.split(' ').next().unwrap()).await
    }

    /// The same without anything; whether there was an answer.
    pub(crate) async fn try_ask(&mut self, line: &str) -> bool {
        let sent = self.stream.write_all(&request(line, &[], b"")).await;
        sent.is_ok() && self.try_answer("GET").await.is_some()
    }

    /// Sends these bytes.
    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    /// The same; whether they went out.
    pub(crate) async fn try_write(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).await.is_ok() && self.stream.flush().await.is_ok()
    }

    /// Reads the answer to a request that was no `HEAD`.
    pub(crate) async fn answer(&mut self) -> Answer {
        self.answer_to("GET").await
    }

    /// Reads the answer to a request of this method.
    pub(crate) async fn answer_to(&mut self, method: &str) -> Answer {
        self.try_answer(method)
            .await
            .expect("an answer before the connection ends")
    }

    /// Reads an answer; `None` when the connection ends before one is complete.
    pub(crate) async fn try_answer(&mut self, method: &str) -> Option<Answer> {
        let head_bytes = loop {
            if let Some(at) = self.ahead.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            self.more().await?;
        };
        let head = String::from_utf8(self.ahead.drain(..head_bytes).collect()).unwrap();
        let mut lines = head.trim_end().split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let header = |line: &str| {
            line.split_once(": ")
                .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        };
        let headers: Vec<_> = lines.filter_map(header).collect();
        let mut answer = Answer {
            status,
            headers,
            body: Vec::new(),
        };
        let bodiless = method == "HEAD" || matches!(status, 204 | 304);
        let length = if bodiless {
            0
        } else {
            answer
                .header("content-length")
                .map_or(0, |length| length.parse().unwrap())
        };
        while self.ahead.len() < length {
            self.more().await?;
        }
        answer.body = self.ahead.drain(..length).collect();
        Some(answer)
    }

    /// Waits until the server closes the connection; what it said before.
    pub(crate) async fn rest(mut self) -> Vec<u8> {
        while self.more().await.is_some() {}
        self.ahead
    }

    /// Reads something; `None` when the connection has ended.
    pub(crate) async fn more(&mut self) -> Option<()> {
        let mut buffer = [0; 4096];
        let length = self.stream.read(&mut buffer).await.unwrap_or(0);
        self.ahead.extend_from_slice(&buffer[..length]);
        (length > 0).then_some(())
    }
}

impl Answer {
    /// The first header of this name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// All headers of this name.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        self.headers
            .iter()
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
            .collect()
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// Status and error code.
    pub(crate) fn problem(&self) -> (u16, String) {
        (self.status, self.json()["error"]["code"].as_str().unwrap().to_owned())
    }
}

/// `GET http://host/path` as HTTP/1.1.
pub(crate) fn request(line: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let (method, url) = line.split_once(" http://").unwrap();
    let (host, path) = url.find('/').map_or((url, "/"), |at| url.split_at(at));
    let mut bytes = format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\n").into_bytes();
    for (name, value) in headers {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    let framed = headers
        .iter()
        .any(|(name, _)| ["content-length", "transfer-encoding"].contains(name));
    if !body.is_empty() && !framed {
        bytes.extend_from_slice(format!("content-length: {}\r\n", body.len()).as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    bytes
}
