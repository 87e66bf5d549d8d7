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
    Artifact(Box<Artifact>),
    /// It cannot, and here is why.
    Refused(Vec<Diagnostic>),
}

/// A compiled version.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// Rhai Grain bytecode without positions; only the runner guest reads it.
    pub program: Vec<u8>,
    /// From addresses to positions; only the host reads it.
    pub sidecar: Sidecar,
    /// The same in pieces that run without each other, when it is fit to be a module of several: a run loads just those
    /// that may be used.
    pub parts: Vec<Part>,
    /// Every name that it mentions without a path before it, be it as a call, a method, a variable or a text: what is not
    /// among them is not meant by one.
    pub mentions: Vec<String>,
    /// Whether it calls functions by names that are not in its text.
    pub makes_names: bool,
    /// Whether it has functions for values of a type (`fn int.f()`): those that import it have them too, without a path.
    pub has_methods: bool,
    /// Literal names in `import "name"`, with their positions.
    pub imports: Vec<Import>,
    /// What is read or called through a module's name, whether imported or one of the SDK's.
    pub uses: Vec<Use>,
    /// Functions the source declares.
    pub functions: Vec<Function>,
    /// What it exports besides functions.
    pub constants: Vec<String>,
    /// Why it can be no module: statements at file level that a module may not have. A module has none.
    pub unfit: Vec<Diagnostic>,
    /// What an author should know of it all the same.
    pub warnings: Vec<Diagnostic>,
}

/// Some functions of a module, with all of its constants and imports.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Names of its functions.
    pub functions: Vec<String>,
    /// As [`Artifact::program`].
    pub program: Vec<u8>,
    /// As [`Artifact::sidecar`].
    pub sidecar: Sidecar,
}

impl Artifact {
    /// Whether it imports something whose name only a run knows.
    #[must_use]
    pub fn computes_imports(&self) -> bool {
        self.warnings.iter().any(|warning| warning.code == COMPUTED_IMPORT)
    }
}

/// The code of the warning for `import` of anything but a literal.
pub const COMPUTED_IMPORT: &str = "computed_import";

/// One literal `import`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// What is imported.
    pub name: String,
    /// What it is called here; empty without `as`, and with [`ALIAS_MARK`] and a number when given in a block.
    pub alias: String,
    /// At file level: a module's importers see it as a module inside that module.
    pub outermost: bool,
    /// Where the name stands, 1-based.
    pub line: u32,
    /// Of its first quote, 1-based, in Unicode scalar values.
    pub column: u32,
}

impl Import {
    /// Where the name ends, with its last quote (exclusive).
    #[must_use]
    pub fn end(&self) -> (u32, u32) {
        let width = u32::try_from(self.name.chars().count()).unwrap_or(u32::MAX);
        (self.line, self.column.saturating_add(width).saturating_add(2))
    }
}

/// Sets an alias that is given in a block apart from others of that name; no identifier has it.
pub const ALIAS_MARK: char = '#';

/// A path, or a text with paths in it, as the source has it: without marks.
#[must_use]
pub fn as_written(text: &str) -> String {
    let unmarked = |piece: &str| match piece.rsplit_once(ALIAS_MARK) {
        Some((name, number)) if number.bytes().all(|b| b.is_ascii_digit()) => name.to_owned(),
        _ => piece.to_owned(),
    };
    text.split("::").map(unmarked).collect::<Vec<_>>().join("::")
}

/// One `path::name` or `path::name(...)`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Use {
    /// The names before the last, such as `shop::pricing`.
    pub path: String,
    /// The last.
    pub name: String,
    /// How many arguments a call has; none for a constant.
    pub arguments: Option<u32>,
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
    /// A stable word: `syntax`, `eval`, `too_deep`, `not_in_module`, ...
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
