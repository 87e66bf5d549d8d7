//! `env::*`: the app's plain settings.

use picloud_sdk::call::env::{Get, Question};

use super::told::given;
use crate::secrets::Vault;

/// What a script is told.
pub(super) fn answer(vault: &Vault, now_ms: i64, question: &Question<'_>) -> Vec<u8> {
    let Question::Get(Get { name }) = question;
    given(now_ms, vault.setting(name))
}

/// What is asked, for a person.
pub(super) fn describe(question: &Question<'_>) -> String {
    let Question::Get(Get { name }) = question;
    format!("env::get({name:?})")
}
