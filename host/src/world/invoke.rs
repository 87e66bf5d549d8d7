//! `invoke::*`: another script of the app.

use picloud_sdk::call::invoke::{Later, Question};

use super::data::Data;
use super::mail::{self, Mailing};
use super::told::{Told, given, refuse};

/// What a script is told.
pub(super) async fn answer(data: &mut Data, mailing: &Mailing, question: &Question<'_>) -> Told<Vec<u8>> {
    let Question::Later(Later { script, message, at_ms }) = question;
    let Some(line) = mailing.wiring.later(script) else {
        return refuse("no_such_script", format!("the app has no endpoint {script:?}"));
    };
    mail::send(data, mailing, (line, *at_ms), message).await?;
    Ok(given(data.now_ms(), ()))
}

/// What is asked, for a person.
pub(super) fn describe(question: &Question<'_>) -> String {
    let Question::Later(Later { script, .. }) = question;
    format!("invoke::later({script:?})")
}
