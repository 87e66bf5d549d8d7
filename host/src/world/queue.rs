//! `queue::*`: messages for a script of the app.

use picloud_sdk::call::queue::{Question, Send};

use super::data::Data;
use super::mail::{self, Mailing};
use super::told::{Told, given, refuse};

/// What a script is told.
pub(super) async fn answer(data: &mut Data, mailing: &Mailing, question: &Question<'_>) -> Told<Vec<u8>> {
    let Question::Send(Send { queue, message }) = question;
    let Some(line) = mailing.wiring.queue(queue) else {
        return refuse(
            "no_such_queue",
            format!("the app has no queue {queue:?}; picloud queue set {queue} --script NAME makes one"),
        );
    };
    mail::send(data, mailing, (line, None), message).await?;
    Ok(given(data.now_ms(), ()))
}

/// What is asked, for a person.
pub(super) fn describe(question: &Question<'_>) -> String {
    let Question::Send(Send { queue, .. }) = question;
    format!("queue::send({queue:?})")
}
