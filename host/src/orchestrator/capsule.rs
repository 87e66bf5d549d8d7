//! A run in a file: its journal, its program, and the sources, so that it can be run again without a server.
//!
//! ```text
//! {"picloud_capsule": 3, "app": …, "holds": […]} newline, and the rest compressed
//! ```

use std::io::Read as _;

use anyhow::{Context as _, bail};
use picloud_executor::{Linked, Program};
use picloud_sdk::sidecar::Sidecar;
use picloud_sdk::wire;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::commit::{Call, Journal};
use crate::world::told_secrets;

/// Other forms are not read.
const FORMAT: u8 = 3;
/// What a capsule may come to when it is unpacked.
const UNPACKED_BYTES_MAX: u64 = 512 << 20;
/// Fast, and nearly as small as the slower ones.
const LEVEL: i32 = 3;

/// A run, with all that it takes to run it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capsule {
    format: u8,
    /// What it was told.
    pub journal: Journal,
    /// The script.
    pub script: Script,
    /// What ran within it, by its versions.
    pub called: Vec<(String, Script)>,
}

/// A version of a script, to run and to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Script {
    /// Its name.
    pub name: String,
    /// Its source.
    pub source: String,
    /// The modules' names and sources.
    pub modules: Vec<(String, String)>,
    code: Code,
    linked: Vec<(String, Vec<Code>)>,
}

/// A [`Program`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Code {
    bytecode: Vec<u8>,
    sidecar: Sidecar,
    functions: Vec<String>,
}

impl From<&Program> for Code {
    fn from(program: &Program) -> Self {
        Self {
            bytecode: program.bytecode.clone(),
            sidecar: program.sidecar.clone(),
            functions: program.functions.clone(),
        }
    }
}

impl From<&Code> for Program {
    fn from(code: &Code) -> Self {
        Self {
            bytecode: code.bytecode.clone(),
            sidecar: code.sidecar.clone(),
            functions: code.functions.clone(),
        }
    }
}

/// Whether a question was for a secret, of which the answer is a reference.
fn is_of_secret(call: &Call) -> bool {
    !told_secrets(std::slice::from_ref(call)).is_empty()
}

impl Script {
    /// What runs, and its sources.
    #[must_use]
    pub fn of(name: String, linked: &Linked, (source, modules): (String, Vec<(String, String)>)) -> Self {
        let parts = linked.modules.iter().map(|(name, parts)| {
            let parts = parts.iter().map(|part| Code::from(&**part)).collect();
            (name.as_ref().to_owned(), parts)
        });
        Self {
            name,
            source,
            modules,
            code: Code::from(&*linked.script),
            linked: parts.collect(),
        }
    }

    /// What runs.
    #[must_use]
    pub fn linked(&self) -> Linked {
        let parts = |parts: &[Code]| parts.iter().map(|part| Program::from(part).into()).collect();
        let modules = self
            .linked
            .iter()
            .map(|(name, codes)| (name.as_str().into(), parts(codes)));
        Linked {
            script: Program::from(&self.code).into(),
            modules: modules.collect(),
        }
    }
}

impl Capsule {
    /// Of a run, what ran, and what ran within it.
    #[must_use]
    pub const fn of(journal: Journal, script: Script, called: Vec<(String, Script)>) -> Self {
        Self {
            format: FORMAT,
            journal,
            script,
            called,
        }
    }

    /// Without the request's body, and without what was asked, which may be made of it: of a question stay its length and
    /// its hash.
    #[must_use]
    pub fn without_body(mut self) -> Self {
        self.journal.body = None;
        // Which secrets a run was told is needed to run it again.
        for call in self.journal.calls.iter_mut().filter(|call| !is_of_secret(call)) {
            call.question.clear();
        }
        self
    }

    /// What is in it that may be personal, and what else.
    #[must_use]
    pub fn holds(&self) -> Vec<String> {
        let Journal {
            body,
            body_bytes,
            calls,
            ..
        } = &self.journal;
        let mut holds = vec!["the request's line, headers and client address".to_owned()];
        holds.push(match body {
            Some(body) => format!("the request's body, {} bytes", body.len()),
            None => format!("not the request's body of {body_bytes} bytes, which is left out"),
        });
        // A body may have been left out as it was long, and the questions not.
        let is_told = |call: &Call| !call.question.is_empty() && !is_of_secret(call);
        let questions = if calls.iter().any(is_told) {
            "the beginning of each question"
        } else {
            "a hash of each question"
        };
        holds.push(format!(
            "{} calls for data: {questions}, and its whole answer",
            calls.len()
        ));
        let secrets: Vec<String> = told_secrets(calls).into_iter().map(|told| told.name).collect();
        if !secrets.is_empty() {
            holds.push(format!("not the secrets that it was told: {}", secrets.join(", ")));
        }
        holds.push(format!(
            "the sources of the script and of {} modules",
            self.script.modules.len()
        ));
        let called: Vec<&str> = self.called.iter().map(|(_, script)| &*script.name).collect();
        if !called.is_empty() {
            holds.push(format!(
                "the sources of the scripts that it called: {}",
                called.join(", ")
            ));
        }
        holds
    }

    /// The file.
    ///
    /// # Errors
    /// When it cannot be compressed.
    pub fn pack(&self) -> anyhow::Result<Vec<u8>> {
        let Journal {
            app,
            script,
            number,
            execution,
            now_ms,
            guest,
            ..
        } = &self.journal;
        let head = json!({
            "picloud_capsule": FORMAT, "app": app, "script": script, "version": number, "execution": execution,
            "at_ms": now_ms, "guest": guest, "holds": self.holds(),
        });
        let mut file = format!("{head}\n").into_bytes();
        file.extend(zstd::bulk::compress(&wire::encode(self), LEVEL)?);
        Ok(file)
    }

    /// From the file.
    ///
    /// # Errors
    /// When it is none, or of another form.
    pub fn unpack(file: &[u8]) -> anyhow::Result<Self> {
        let head = file.iter().position(|byte| *byte == b'\n').unwrap_or(0);
        let form: serde_json::Value = serde_json::from_slice(&file[..head]).context("this is no capsule")?;
        match form["picloud_capsule"].as_u64() {
            Some(form) if form == u64::from(FORMAT) => {}
            Some(form) => bail!("this is a capsule of the form {form}; {FORMAT} is known here"),
            None => bail!("this is no capsule"),
        }
        let mut bytes = Vec::new();
        let unpacking = zstd::Decoder::new(&file[head + 1..])?;
        unpacking.take(UNPACKED_BYTES_MAX).read_to_end(&mut bytes)?;
        wire::decode(&bytes, bytes.len()).context("this is no capsule that is known here")
    }
}
