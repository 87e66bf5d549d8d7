//! What became of a request, for whoever has its id.

use picloud_executor::Reply;

use super::accept::unavailable;
use super::durably::{Then, Work, durably};
use crate::commit::messages::requests::queries;
use crate::commit::spaces::{Lost, Session};
use crate::data::key::Key;
use crate::data::replies::Promised;
use crate::data::writes::Value;
use crate::ids::RequestId;
use crate::orchestrator::host::Host;
use crate::orchestrator::promise;
use crate::orchestrator::snapshot::App;
use crate::problem::{Code, Problem};

/// What became of a request.
#[derive(Debug)]
pub enum Looked {
    /// It waits, or a server has it.
    Waits {
        /// A server has it.
        is_running: bool,
    },
    /// It is answered.
    Answered {
        /// Its reply.
        reply: Reply,
        /// The run that did it; empty when none could.
        execution: Box<str>,
    },
    /// It is answered, and its reply was too large to be kept.
    NotKept {
        /// The status.
        status: u16,
        /// The run that did it.
        execution: Box<str>,
    },
    /// Somebody let go of it.
    Cancelled,
    /// There is none, or none any more.
    Nowhere,
}

/// Looks what became of a request of `app`.
///
/// # Errors
/// When that cannot be told now.
pub async fn look(host: &Host, app: &App, id: RequestId) -> Result<Looked, Problem> {
    let _looks = app.places.look().await;
    looked(host, app, id).await
}

/// The same for whoever looks already.
pub(super) async fn looked(host: &Host, app: &App, id: RequestId) -> Result<Looked, Problem> {
    if let Some(over) = kept(host, app, id).await? {
        return Ok(over);
    }
    let leased = queries::is_leased(&host.db, app.id, &id.to_string()).await;
    if let Some(is_running) = leased.map_err(|error| unavailable(&error))? {
        return Ok(Looked::Waits { is_running });
    }
    // It may have been answered since.
    Ok(kept(host, app, id).await?.unwrap_or(Looked::Nowhere))
}

/// What is kept of a request that is over.
async fn kept(host: &Host, app: &App, id: RequestId) -> Result<Option<Looked>, Problem> {
    let looking = Looking {
        key: promise::place(id),
        now_ms: host.clock.now_us() / 1000,
    };
    let value = durably(&host.spaces, app.id, &looking).await;
    let Some(value) = value.map_err(|lost| unavailable(&lost))? else {
        return Ok(None);
    };
    match Promised::decode(&value) {
        Ok(Promised::Open(_)) => Ok(None),
        Ok(Promised::Cancelled) => Ok(Some(Looked::Cancelled)),
        Ok(Promised::Kept {
            execution,
            status,
            reply,
        }) => Ok(Some(match reply {
            None => Looked::NotKept {
                status,
                execution: execution.into(),
            },
            Some(reply) => Looked::Answered {
                reply: Reply {
                    status,
                    headers: reply
                        .headers
                        .iter()
                        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                        .collect(),
                    body: reply.body.to_vec().into(),
                },
                execution: execution.into(),
            },
        })),
        Err(error) => {
            tracing::error!(request.id = %id, "a kept reply cannot be read: {error}");
            Err(Problem::new(
                Code::Internal,
                "something went wrong on the server's side",
            ))
        }
    }
}

/// One read.
struct Looking {
    key: Key,
    now_ms: i64,
}

impl Work for Looking {
    type Done = Option<Value>;

    async fn attempt(&self, session: &mut Session) -> Result<Then<Self::Done>, Lost> {
        // It is one entry, which was bounded when it was written.
        let found = session.points(std::slice::from_ref(&self.key), usize::MAX).await?;
        let found = found.map_err(|_| Lost::Overtaken(None))?;
        let is_there = |value: &Value| value.expires_ms.is_none_or(|expires_ms| expires_ms > self.now_ms);
        Ok(Then::Leave(found.into_iter().next().flatten().filter(is_there)))
    }
}
