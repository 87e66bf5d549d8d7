//! What a run was told: with its program, enough to run it again exactly.

use std::borrow::Cow;
use std::io::{self, Read as _};

use bytes::Bytes;
use picloud_sdk::report::EndingKind;
use picloud_sdk::wire;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

/// Other forms are not read: of a run of one before, what was random cannot be made again.
pub const FORMAT: u8 = 2;
/// Of a longer question only so much is kept, and its hash.
const QUESTION_BYTES_MAX: usize = 256;
/// What a journal may come to when it is unpacked.
const UNPACKED_BYTES_MAX: u64 = 256 << 20;
/// Fast, and nearly as small as the slower ones for so little.
const LEVEL: i32 = 1;

/// A run's journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Journal {
    /// [`FORMAT`].
    pub format: u8,
    /// Names the guest that ran.
    pub guest: Cow<'static, str>,
    /// The version's id, in the text form; none for a draft.
    pub version: Option<String>,
    /// The app's name.
    pub app: String,
    /// The script's.
    pub script: String,
    /// The version's number; 0 for a draft.
    pub number: u32,
    /// The execution's id.
    pub execution: String,
    /// The trace id.
    pub trace: String,
    /// The attempt that counted.
    pub attempt: u32,
    /// What seeded it.
    pub seed: [u8; 32],
    /// Its time, in milliseconds since 1970.
    pub now_ms: i64,
    /// What it was allowed, by the limits' variables.
    pub limits: Vec<(Cow<'static, str>, u64)>,
    /// An encoded [`picloud_sdk::event::Event`].
    #[serde(with = "as_bytes")]
    pub event: Bytes,
    /// The event's body, unless it was left out.
    #[serde(with = "as_bytes::if_any")]
    pub body: Option<Bytes>,
    /// How long that was.
    pub body_bytes: u64,
    /// What it asked and was told, in order.
    pub calls: Vec<Call>,
    /// How it ended.
    pub ended: Ended,
}

/// A question and its answer, as they crossed the wall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// The question; of a long one the beginning.
    pub question: Vec<u8>,
    /// How long it was.
    pub question_bytes: u64,
    /// Its XXH3.
    pub question_hash: u64,
    /// The answer; none when the run was given up there.
    pub answer: Option<Vec<u8>>,
}

/// How a run ended, as far as another one can be compared with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// In a word.
    pub ending: EndingKind,
    /// The reply's status; 0 without one.
    pub status: u16,
    /// XXH3 of the reply, or of the error: it tells bytes apart, and is no seal.
    pub outcome: u128,
    /// XXH3 of the log.
    pub log: u128,
    /// Units of work.
    pub fuel: u64,
    /// Largest size of the linear memory.
    pub memory_bytes: u32,
    /// Questions to the host.
    pub host_calls: u32,
}

impl Call {
    /// One that was asked, and answered so.
    #[must_use]
    pub fn of(question: &[u8], answer: Option<Vec<u8>>) -> Self {
        Self {
            question: question[..question.len().min(QUESTION_BYTES_MAX)].to_owned(),
            question_bytes: question.len() as u64,
            question_hash: xxh3_64(question),
            answer,
        }
    }

    /// The same, with length and hash alone of the question.
    #[must_use]
    pub fn without_beginning(self) -> Self {
        let question = Vec::new();
        Self { question, ..self }
    }

    /// Whether `question` is the same.
    #[must_use]
    pub fn is_of(&self, question: &[u8]) -> bool {
        self.question_bytes == question.len() as u64 && self.question_hash == xxh3_64(question)
    }
}

impl Journal {
    /// What it takes, about.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let calls = self
            .calls
            .iter()
            .map(|call| call.question.len() + call.answer.as_ref().map_or(0, Vec::len));
        let body = self.body.as_ref().map_or(0, Bytes::len);
        size_of::<Self>() + self.event.len() + body + calls.sum::<usize>()
    }

    /// As it is kept.
    ///
    /// # Errors
    /// When it cannot be compressed.
    pub fn pack(&self) -> io::Result<Vec<u8>> {
        zstd::bulk::compress(&wire::encode(self), LEVEL)
    }

    /// From what was kept.
    ///
    /// # Errors
    /// When it is none, or, as `Unsupported`, of another release's form.
    pub fn unpack(packed: &[u8]) -> io::Result<Self> {
        let mut bytes = Vec::new();
        let unpacked = zstd::Decoder::new(packed)?.take(UNPACKED_BYTES_MAX);
        { unpacked }.read_to_end(&mut bytes)?;
        if let Some(form) = bytes.first().filter(|form| **form != FORMAT) {
            let message = format!("it has the form {form}, and {FORMAT} is known here");
            return Err(io::Error::new(io::ErrorKind::Unsupported, message));
        }
        wire::decode(&bytes, bytes.len()).map_err(io::Error::other)
    }
}

/// Shared in memory, bytes like any others when kept.
mod as_bytes {
    use bytes::Bytes;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &Bytes, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(bytes)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Bytes, D::Error> {
        Vec::deserialize(from).map(Bytes::from)
    }

    pub(super) mod if_any {
        use bytes::Bytes;
        use serde::{Deserialize, Deserializer, Serialize, Serializer};

        #[expect(clippy::ref_option, reason = "as serde calls it")]
        pub(in super::super) fn serialize<S: Serializer>(bytes: &Option<Bytes>, to: S) -> Result<S::Ok, S::Error> {
            bytes.as_deref().serialize(to)
        }

        pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Bytes>, D::Error> {
            Ok(Option::<Vec<u8>>::deserialize(from)?.map(Bytes::from))
        }
    }
}
