//! `secret::*`: the app's secrets. A journal has which value a run was told, and not the value.

use picloud_sdk::api::VariableName;
use picloud_sdk::call::secret::{Get, Question};
use picloud_sdk::call::{Answer, Envelope, HostCall};
use picloud_sdk::wire;
use serde::{Deserialize, Serialize};

use super::told::{Told, given, refuse};
use crate::commit::Call;
use crate::secrets::{Held, Secret, Seen, Vault};

/// What a journal has in place of a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Reference<'a> {
    name: &'a str,
    version: &'a str,
}

/// A value that a run was told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ToldSecret {
    /// The secret's name.
    pub name: String,
    /// Which of its values.
    pub version: String,
}

/// What a script is told, and what its journal says of it.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) answer: Vec<u8>,
    pub(super) reference: Vec<u8>,
}

/// What a script is told.
pub(super) fn answer(vault: &Vault, seen: &mut Seen, now_ms: i64, question: &Question<'_>) -> Told<Answered> {
    let Question::Get(Get { name }) = question;
    match vault.secret(name) {
        Some((
            name,
            Held {
                version,
                value: Some(value),
            },
        )) => {
            seen.add(name, value);
            Ok(Answered {
                answer: given(now_ms, value.reveal()),
                reference: given(now_ms, Reference { name, version }),
            })
        }
        Some(_) => refuse(
            "secret_unreadable",
            format!("the server cannot read the secret {name:?}; its log says why"),
        ),
        None if name.parse::<VariableName>().is_err() => refuse(
            "no_secret",
            "a secret's name has letters, digits and _, no digit first, and 64 bytes at most",
        ),
        None => refuse(
            "no_secret",
            format!(
                "the app has no secret {name:?}; set it with: picloud secret set {name} --app {}",
                vault.app()
            ),
        ),
    }
}

/// What is asked, for a person.
pub(super) fn describe(question: &Question<'_>) -> String {
    let Question::Get(Get { name }) = question;
    format!("secret::get({name:?})")
}

/// What a run was told that asked a secret, if the journal has a reference in place of it.
pub(super) fn referred(answer: &[u8]) -> Option<ToldSecret> {
    let envelope: Envelope<'_, Reference<'_>> = wire::decode(answer, answer.len()).ok()?;
    let Answer::Given(Reference { name, version }) = envelope.answer else {
        return None;
    };
    Some(ToldSecret {
        name: name.to_owned(),
        version: version.to_owned(),
    })
}

/// The answer that a reference stands for.
pub(super) fn restored(now_ms: i64, value: &Secret) -> Vec<u8> {
    given(now_ms, value.reveal())
}

/// Whether a question is for a secret.
pub(super) fn is_asked(question: &[u8]) -> bool {
    matches!(wire::decode(question, question.len()), Ok(HostCall::Secret(_)))
}

/// The values that a run was told, each once, in order.
#[must_use]
pub fn told_secrets(calls: &[Call]) -> Vec<ToldSecret> {
    let asked = calls.iter().filter(|call| is_asked(&call.question));
    let mut told: Vec<ToldSecret> = asked.filter_map(|call| referred(call.answer.as_deref()?)).collect();
    told.sort_unstable();
    told.dedup();
    told
}
