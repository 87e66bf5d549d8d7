//! `queue::*`: messages for a script of the app.

use picloud_sdk::call::queue::{DELAY_MS_MAX, Question, Retry, Send};

use super::data::Data;
use super::mail::{self, Mailing};
use super::told::{Told, given, refuse};
use crate::commit::messages::Again;

/// What a script is told.
pub(super) async fn answer(data: &mut Data, mailing: &Mailing, question: &Question<'_>) -> Told<Vec<u8>> {
    match question {
        Question::Send(asked) => send(data, mailing, asked).await?,
        Question::Retry(asked) => retry(data, asked)?,
    }
    Ok(given(data.now_ms(), ()))
}

async fn send(data: &mut Data, mailing: &Mailing, Send { queue, message }: &Send<'_>) -> Told<()> {
    let Some(line) = mailing.wiring.queue(queue) else {
        return refuse(
            "no_such_queue",
            format!("the app has no queue {queue:?}; picloud queue set {queue} --script NAME makes one"),
        );
    };
    mail::send(data, mailing, (line, None), message).await
}

fn retry(data: &mut Data, Retry { id, delay_ms }: &Retry<'_>) -> Told<()> {
    if delay_ms.is_some_and(|ms| ms > DELAY_MS_MAX) {
        return refuse("bad_option", "`delay`: it is at most 366 days");
    }
    let again = delay_ms.map_or(Again::AfterPause, Again::After);
    // As it is told, and not another way to write the same number.
    let message = id.parse::<i64>().ok().filter(|message| message.to_string() == *id);
    if !message.is_some_and(|message| data.want_again(message, again)) {
        return refuse(
            "no_such_message",
            format!("this run is for no message {id:?}; queue::retry takes an `id` of event.messages"),
        );
    }
    Ok(())
}

/// What is asked, for a person.
pub(super) fn describe(question: &Question<'_>) -> String {
    match question {
        Question::Send(Send { queue, .. }) => format!("queue::send({queue:?})"),
        Question::Retry(Retry { id, .. }) => format!("queue::retry({id:?})"),
    }
}
