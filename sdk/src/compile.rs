//! What the compiler guest is given and what it makes of it.

use serde::{Deserialize, Serialize};

use crate::sidecar::Sidecar;

/// A source to compile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source<'a> {
    /// The script's name, for messages.
    pub name: &'a str,
    /// Rhai.
    pub text: &'a str,
}

/// What the compiler guest makes of a [`Source`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Compiled {
    /// It can run.
    Artifact(Artifact),
    /// It cannot, and here is why.
    Refused(Vec<Diagnostic>),
}

/// A compiled version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// Rhai Grain bytecode without positions; only the runner guest reads it.
    pub program: Vec<u8>,
    /// From addresses to positions; only the host reads it.
    pub sidecar: Sidecar,
    /// Literal names in `import "name"`, with their positions.
    pub imports: Vec<Import>,
    /// Functions the source declares.
    pub functions: Vec<Function>,
}

/// One literal `import`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// What is imported.
    pub name: String,
    /// 1-based.
    pub line: u32,
    /// 1-based, in Unicode scalar values.
    pub column: u32,
}

/// One script function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// Its parameters.
    pub params: Vec<String>,
    /// `private fn`
    pub private: bool,
}

/// One thing wrong with a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// A stable word: `syntax`, `eval`, `too_deep`, ...
    pub code: String,
    /// A sentence for the author.
    pub message: String,
    /// 1-based; 0 when the position is not known.
    pub line: u32,
    /// 1-based, in Unicode scalar values; 0 when the position is not known.
    pub column: u32,
    /// Where it ends (exclusive), where known.
    pub end: Option<(u32, u32)>,
}
