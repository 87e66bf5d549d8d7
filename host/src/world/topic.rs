//! `topic::*`: what happened, for whoever subscribes to it.

use picloud_sdk::call::queue::Message;
use picloud_sdk::call::topic::{Publish, Question};

use super::data::Data;
use super::mail::{self, Mailing};
use super::told::{Told, given, refuse};
use crate::triggers::check_topic;

/// What a script is told.
pub(super) async fn answer(data: &mut Data, mailing: &Mailing, question: &Question<'_>) -> Told<Vec<u8>> {
    let Question::Publish(Publish { topic, body }) = *question;
    check_topic(topic).or_else(|why| refuse("bad_topic", why))?;
    let message = Message {
        body,
        delay_ms: 0,
        key: None,
        dedup: None,
        attempts: None,
        expires_ms: None,
    };
    for line in mailing.wiring.subscribed(topic) {
        mail::send(data, mailing, (line, None), &message).await?;
    }
    Ok(given(data.now_ms(), ()))
}

/// What is asked, for a person.
pub(super) fn describe(question: &Question<'_>) -> String {
    let Question::Publish(Publish { topic, .. }) = question;
    format!("topic::publish({topic:?})")
}
