//! `/apps/{app}/messages` and `/apps/{app}/queues/{name}/messages`: what is on its way.

use axum::extract::State;
use axum::http::StatusCode;
use picloud_sdk::api::{Affected, MessageError, NewMessage, Page, StoredMessage, Time};
use picloud_sdk::call::crypto::Bytes;
use picloud_sdk::call::queue::Message;
use picloud_sdk::value::Value;
use serde::Deserialize;
use serde_json::value::RawValue;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Noun;
use super::access::{Deployer, Member, Viewer};
use super::extract::{Json, Path, Query};
use super::page::{self, PageQuery};
use super::paths::AppPath;
use super::triggers::TriggerPath;
use crate::commit::messages::stored::queries::{self, All, Row, Which};
use crate::commit::messages::{Bad, Cause, Line, Sent, Source, queries as sending};
use crate::data::json;
use crate::error::{Error, Result};
use crate::ids::AppId;
use crate::orchestrator::Host;
use crate::problem::{Code, Problem};

pub(super) const NOUN: Noun = Noun {
    router: || OpenApiRouter::new().routes(routes!(list, purge)).routes(routes!(send)),
    statements: &[],
};

/// Which messages.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct MessageQuery {
    /// How many items at most.
    #[param(minimum = 1, maximum = 100, default = 50)]
    limit: Option<u32>,
    /// `next` of the page before.
    after: Option<String>,
    /// Only those of queues, schedules, subscriptions, changes, scripts that are run later, requests that are sent later, or
    /// requests that are answered later: `queue`, `schedule`, `subscription`, `change`, `later`, `outbox`, `request`.
    source: Option<String>,
    /// Only those of the one of this name.
    name: Option<String>,
}

/// Which of them, all together.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct OfQuery {
    /// `queue`, `schedule`, `subscription`, `change`, `later`, `outbox` or `request`.
    source: String,
    /// The name of that; of the outbox, host and port.
    name: String,
}

impl OfQuery {
    pub(super) fn which(&self, dead: bool) -> Result<Which<'_>> {
        source_of(&self.source)?;
        Ok(Which {
            dead,
            source: &self.source,
            name: &self.name,
        })
    }
}

fn source_of(source: &str) -> Result<Source> {
    Source::try_from(source.to_owned()).map_err(|why| Error::invalid("source", why))
}

/// What waits or is being handled, newest first.
#[utoipa::path(get, path = "/apps/{app}/messages", tag = "messages", params(AppPath, MessageQuery),
    responses((status = 200, body = Page<StoredMessage>)))]
async fn list(member: Member<Viewer>, Query(query): Query<MessageQuery>) -> Result<axum::Json<Page<StoredMessage>>> {
    page(member, query, false).await
}

pub(super) async fn page(
    mut member: Member<Viewer>,
    query: MessageQuery,
    dead: bool,
) -> Result<axum::Json<Page<StoredMessage>>> {
    let MessageQuery {
        limit,
        after,
        source,
        name,
    } = query;
    let query = PageQuery { limit, after };
    if let Some(source) = &source {
        source_of(source)?;
    }
    let which = Which {
        dead,
        source: source.as_deref().unwrap_or_default(),
        name: name.as_deref().unwrap_or_default(),
    };
    let before = query.after()?.unwrap_or(i64::MAX);
    let mut tx = member.read().await?;
    let rows = queries::list(&mut tx, member.app, which, (before, query.rows()?)).await?;
    let rows = rows.into_iter().map(told).collect::<Result<Vec<_>>>()?;
    Ok(axum::Json(page::of(rows, &query, |message| message.id.clone())?))
}

/// Deletes what waits; what is being handled goes on. Dead letters stay.
#[utoipa::path(delete, path = "/apps/{app}/messages", tag = "messages", params(AppPath, OfQuery),
    responses((status = 200, body = Affected)))]
async fn purge(
    member: Member<Deployer>,
    State(host): State<Host>,
    Query(query): Query<OfQuery>,
) -> Result<axum::Json<Affected>> {
    purged(&host, member.app, query.which(false)?).await
}

pub(super) async fn purged(host: &Host, app: AppId, which: Which<'_>) -> Result<axum::Json<Affected>> {
    let mut all = All::of(&host.db, app, which).await?;
    let mut messages = 0;
    while let Some(deleted) = all.delete_next(&host.db, app).await? {
        messages += i64::try_from(deleted).unwrap_or(0);
    }
    Ok(axum::Json(Affected { messages }))
}

/// Sends a message to a queue: when this is answered, it is durable.
#[utoipa::path(post, path = "/apps/{app}/queues/{name}/messages", tag = "messages", params(AppPath, TriggerPath),
    request_body = NewMessage, responses((status = 202)))]
async fn send(
    member: Member<Deployer>,
    State(host): State<Host>,
    Path(TriggerPath { name }): Path<TriggerPath>,
    Json(new): Json<NewMessage>,
) -> Result<StatusCode> {
    let now_ms = host.clock.now_us() / 1000;
    let line = Line {
        source: Source::Queue,
        name: name.as_str().into(),
    };
    let sent = sent(line.clone(), new, (now_ms, host.config.data.value_bytes_max as usize))?;
    let (messages, bytes) = host.spaces.messages(member.app).await.map_err(anyhow::Error::from)?;
    let limits = &host.config.data;
    if messages >= limits.messages_per_app || bytes + sent.body.len() as u64 > limits.message_bytes_per_app {
        let message = format!(
            "the app has {messages} messages of {bytes} bytes; {} of {} bytes are allowed (PICLOUD_MESSAGES_PER_APP, PICLOUD_MESSAGE_BYTES_PER_APP)",
            limits.messages_per_app, limits.message_bytes_per_app
        );
        return Err(Problem::new(Code::TooMany, message).into());
    }
    let mut tx = member.write().await?;
    if !crate::triggers::queries::exists(&mut tx, member.app, &line).await? {
        return Err(Error::not_found(format_args!("queue {name:?}")));
    }
    sending::put(&mut tx, member.app, &[&sent]).await?;
    host.spaces.commit_sent(tx, Some((member.app, line))).await?;
    Ok(StatusCode::ACCEPTED)
}

fn sent(line: Line, new: NewMessage, (now_ms, bytes_max): (i64, usize)) -> Result<Sent> {
    let NewMessage {
        body,
        delay_ms,
        key,
        dedup,
        attempts,
        expires_ms,
    } = new;
    let body = kept(body.as_deref(), bytes_max)?;
    let message = Message {
        body: Bytes(&body),
        delay_ms,
        key: key.as_deref(),
        dedup: dedup.as_deref(),
        attempts,
        expires_ms,
    };
    let cause = Cause::default().then(&line);
    Sent::of(line, cause, &message, (now_ms, None)).map_err(|Bad { option, why }| {
        let field = match option {
            "delay" => "delay_ms",
            "expires" => "expires_ms",
            other => other,
        };
        Error::invalid(field, why)
    })
}

/// JSON as a kept value; nothing is `()`.
pub(super) fn kept(body: Option<&RawValue>, bytes_max: usize) -> Result<Vec<u8>> {
    let value = match body {
        Some(body) => json::read(body.get()).map_err(|why| Error::invalid("body", why))?,
        None => Value::Unit,
    };
    let bytes = value.encode();
    if bytes.len() > bytes_max {
        let why = format_args!(
            "{bytes_max} bytes are allowed, these are {} (PICLOUD_VALUE_BYTES_MAX)",
            bytes.len()
        );
        return Err(Error::invalid("body", why));
    }
    Ok(bytes)
}

/// As people see it.
pub(super) fn told(mut row: Row) -> Result<StoredMessage> {
    // With its credentials, and the name by which whoever sent it asks for its reply: nobody else's.
    if row.source == Source::Request.as_str() {
        (row.body, row.key) = (None, None);
    }
    let time = |ms: i64| Time(ms.saturating_mul(1000));
    let body = row.body.as_deref().map(|body| -> Result<Box<RawValue>> {
        let tree = Value::decode(body).map_err(anyhow::Error::from)?;
        Ok(json::write(&tree).map_err(anyhow::Error::from)?)
    });
    let error = row.error.as_deref().map(serde_json::from_str::<MessageError>);
    Ok(StoredMessage {
        id: row.seq.to_string(),
        source: row.source,
        name: row.name,
        attempt: row.attempt,
        key: row.key,
        sent_at: time(row.sent_at),
        due_at: row.due_at.map(time),
        died_at: row.died_at.map(time),
        is_leased: row.leased,
        body: body.transpose()?,
        error: error.transpose().map_err(anyhow::Error::from)?,
        chain: row.chain,
    })
}
