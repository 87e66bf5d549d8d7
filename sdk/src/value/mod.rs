//! Values as scripts keep them: bytes that cross the wall and are stored as they are, types kept.
//!
//! ```text
//! value = unit | false | true | int i | float f | char c | text n bytes | blob n bytes | time ms
//!       | array n value… | map n (n bytes, value)…
//! ```
//!
//! Whole numbers are LEB128, signed ones zigzag before. A map's keys are in order, each once, so that equal values are
//! equal bytes. A value is read token by token: nobody has to build a tree to find a field of it.

#[cfg(not(target_family = "wasm"))]
mod tree;

#[cfg(not(target_family = "wasm"))]
pub use tree::Value;

/// Deeper values are not kept.
pub const DEPTH_MAX: u32 = 128;

/// The next piece of a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Token<'a> {
    /// `()`
    Unit,
    /// `true`, `false`
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other.
    Float(f64),
    /// One character.
    Char(char),
    /// A string.
    Text(&'a str),
    /// Bytes.
    Blob(&'a [u8]),
    /// A moment, in milliseconds since 1970.
    Time(i64),
    /// So many values follow.
    Array(usize),
    /// So many times a key and a value follow.
    Map(usize),
}

/// Bytes that are no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed;

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a malformed value")
    }
}

impl std::error::Error for Malformed {}

mod tag {
    pub(super) const UNIT: u8 = 0;
    pub(super) const FALSE: u8 = 1;
    pub(super) const TRUE: u8 = 2;
    pub(super) const INT: u8 = 3;
    pub(super) const FLOAT: u8 = 4;
    pub(super) const CHAR: u8 = 5;
    pub(super) const TEXT: u8 = 6;
    pub(super) const BLOB: u8 = 7;
    pub(super) const TIME: u8 = 8;
    pub(super) const ARRAY: u8 = 9;
    pub(super) const MAP: u8 = 10;
}

/// Appends `token` to a value that is being written.
pub fn write(bytes: &mut Vec<u8>, token: Token<'_>) {
    match token {
        Token::Unit => bytes.push(tag::UNIT),
        Token::Bool(false) => bytes.push(tag::FALSE),
        Token::Bool(true) => bytes.push(tag::TRUE),
        Token::Int(int) => signed(bytes, tag::INT, int),
        Token::Float(float) => {
            // There is one NaN.
            let float = if float.is_nan() { f64::NAN } else { float };
            bytes.push(tag::FLOAT);
            bytes.extend(float.to_le_bytes());
        }
        Token::Char(char) => {
            bytes.push(tag::CHAR);
            unsigned(bytes, u32::from(char).into());
        }
        Token::Text(text) => {
            bytes.push(tag::TEXT);
            key(bytes, text);
        }
        Token::Blob(blob) => {
            bytes.push(tag::BLOB);
            unsigned(bytes, blob.len() as u64);
            bytes.extend_from_slice(blob);
        }
        Token::Time(ms) => signed(bytes, tag::TIME, ms),
        Token::Array(count) => {
            bytes.push(tag::ARRAY);
            unsigned(bytes, count as u64);
        }
        Token::Map(count) => {
            bytes.push(tag::MAP);
            unsigned(bytes, count as u64);
        }
    }
}

/// Appends a key of a map.
pub fn key(bytes: &mut Vec<u8>, key: &str) {
    unsigned(bytes, key.len() as u64);
    bytes.extend_from_slice(key.as_bytes());
}

fn signed(bytes: &mut Vec<u8>, tag: u8, number: i64) {
    bytes.push(tag);
    unsigned(bytes, ((number << 1) ^ (number >> 63)).cast_unsigned());
}

fn unsigned(bytes: &mut Vec<u8>, mut number: u64) {
    while number > 0x7f {
        bytes.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
}

/// Reads values from bytes that may be anything.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// From the beginning of `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// What was not read yet.
    #[must_use]
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next piece.
    ///
    /// # Errors
    /// When there is none.
    pub fn token(&mut self) -> Result<Token<'a>, Malformed> {
        Ok(match self.take(1)?[0] {
            tag::UNIT => Token::Unit,
            tag::FALSE => Token::Bool(false),
            tag::TRUE => Token::Bool(true),
            tag::INT => Token::Int(self.signed()?),
            tag::FLOAT => {
                let bytes = self.take(8)?.try_into().map_err(|_| Malformed)?;
                Token::Float(f64::from_le_bytes(bytes))
            }
            tag::CHAR => {
                let code = u32::try_from(self.unsigned()?).map_err(|_| Malformed)?;
                Token::Char(char::from_u32(code).ok_or(Malformed)?)
            }
            tag::TEXT => Token::Text(self.key()?),
            tag::BLOB => {
                let length = self.length()?;
                Token::Blob(self.take(length)?)
            }
            tag::TIME => Token::Time(self.signed()?),
            tag::ARRAY => Token::Array(self.length()?),
            // What is in it takes two bytes each, at least.
            tag::MAP => Token::Map(
                self.length()
                    .and_then(|count| self.room_for(count.saturating_mul(2), count))?,
            ),
            _ => return Err(Malformed),
        })
    }

    /// The next key of a map.
    ///
    /// # Errors
    /// When there is none.
    pub fn key(&mut self) -> Result<&'a str, Malformed> {
        let length = self.length()?;
        std::str::from_utf8(self.take(length)?).map_err(|_| Malformed)
    }

    /// Passes over the next value, whatever is in it; its bytes.
    ///
    /// # Errors
    /// When it is none.
    pub fn skip(&mut self) -> Result<&'a [u8], Malformed> {
        let all = self.rest;
        self.pass(0)?;
        Ok(&all[..all.len() - self.rest.len()])
    }

    fn pass(&mut self, depth: u32) -> Result<(), Malformed> {
        if depth > DEPTH_MAX {
            return Err(Malformed);
        }
        match self.token()? {
            Token::Array(count) => (0..count).try_for_each(|_| self.pass(depth + 1)),
            Token::Map(count) => (0..count).try_for_each(|_| {
                self.key()?;
                self.pass(depth + 1)
            }),
            _ => Ok(()),
        }
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(Malformed)?;
        self.rest = rest;
        Ok(taken)
    }

    fn signed(&mut self) -> Result<i64, Malformed> {
        let number = self.unsigned()?;
        Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    fn unsigned(&mut self) -> Result<u64, Malformed> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            let part = u64::from(byte & 0x7f);
            if shift == 63 && part > 1 {
                return Err(Malformed);
            }
            number |= part << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(Malformed)
    }

    /// A count of what takes at least a byte each: a lying one finds no room.
    fn length(&mut self) -> Result<usize, Malformed> {
        let count = usize::try_from(self.unsigned()?).map_err(|_| Malformed)?;
        self.room_for(count, count)
    }

    const fn room_for(&self, bytes: usize, count: usize) -> Result<usize, Malformed> {
        if bytes <= self.rest.len() {
            Ok(count)
        } else {
            Err(Malformed)
        }
    }
}

/// Whether `bytes` are one value and nothing more.
///
/// # Errors
/// When they are not.
pub fn check(bytes: &[u8]) -> Result<(), Malformed> {
    let mut reader = Reader::new(bytes);
    reader.skip()?;
    if reader.rest.is_empty() { Ok(()) } else { Err(Malformed) }
}
