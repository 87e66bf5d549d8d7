//! `http::send`: requests that are sent when the run has ended well.

use picloud_sdk::call::crypto::Bytes;
use picloud_sdk::call::queue::Message;

use super::data::Data;
use super::mail::{self, Mailing};
use super::told::{Told, given, refuse};
use crate::commit::messages::{Line, Source};
use crate::outbound::Kept;
use crate::secrets::Seen;

/// What a script is told that wants to send what is `kept`.
pub(super) async fn answer(
    (data, seen): (&mut Data, &Seen),
    mailing: &Mailing,
    kept: Told<Kept>,
    message: &Message<'_>,
) -> Told<Vec<u8>> {
    let Kept { to, body } = kept?;
    for (name, label) in [("key", message.key), ("dedup", message.dedup)] {
        if label.is_some_and(|label| seen.is_in(label.as_bytes())) {
            return refuse(
                "not_kept",
                format!("a secret is a part of `{name}`, which is stored as it is"),
            );
        }
    }
    let line = Line {
        source: Source::Outbox,
        name: to,
    };
    let message = Message {
        body: Bytes(&body),
        ..message.clone()
    };
    mail::send(data, mailing, (line, None), &message).await?;
    Ok(given(data.now_ms(), ()))
}
