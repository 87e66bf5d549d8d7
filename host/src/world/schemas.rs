//! Schemas of collections: declared here, and checked whenever a document is written.
//!
//! Those that were needed lately are kept understood, by their text, so that neither a write nor an app waits for what
//! another one has done already.

use std::sync::{Arc, LazyLock};

use moka::sync::Cache;
use picloud_sdk::value::Value as Tree;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::about;
use super::data::Data;
use super::told::{No, Told, refuse};
use crate::data::docs::layout::Name;
use crate::data::docs::schema::{BadSchema, Document, Schema};

/// Checks of more steps are nothing to do between other requests: some milliseconds.
const STEPS_HERE_MAX: u64 = 1 << 20;
/// What schemas that are kept understood take in memory, of all apps.
const UNDERSTOOD_BYTES_MAX: u64 = 64 << 20;

static UNDERSTOOD: LazyLock<Cache<Arc<str>, Arc<Schema>>> = LazyLock::new(|| {
    let weight = |_: &Arc<str>, schema: &Arc<Schema>| u32::try_from(schema.memory_bytes()).unwrap_or(u32::MAX);
    Cache::builder()
        .max_capacity(UNDERSTOOD_BYTES_MAX)
        .weigher(weight)
        .build()
});

/// Whoever checks or understands what takes long: one processor in two, of the process.
static TURNS: LazyLock<Semaphore> = LazyLock::new(|| {
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    Semaphore::new(processors.div_ceil(2))
});

/// Whether `text` is a schema that a collection can have.
///
/// # Errors
/// When it is none.
pub async fn understand(text: &Arc<str>) -> Told<Result<(), BadSchema>> {
    Ok(understood(text).await?.map(drop))
}

/// The schema of a collection, as it was declared.
///
/// # Errors
/// As [`Data::get`].
pub async fn read(data: &mut Data, collection: &Name) -> Told<Option<Arc<str>>> {
    Ok(about::read(data, collection).await?.schema)
}

/// Declares what documents have to be like from now on, or that they may be anything; whether something was declared
/// before. Those that are there stay as they are.
///
/// # Errors
/// As [`Data::put`].
pub async fn declare(data: &mut Data, collection: &Name, schema: Option<&Arc<str>>) -> Told<bool> {
    let mut about = about::read(data, collection).await?;
    let before = std::mem::replace(&mut about.schema, schema.cloned());
    if before.as_ref() != schema {
        about::write(data, collection, &about).await?;
    }
    Ok(before.is_some())
}

/// Refuses an encoded document that is not as it has to be.
///
/// # Errors
/// When it is not, or when it takes too long to find out.
pub(super) async fn check(data: &mut Data, collection: &Name, schema: &Arc<str>, document: &[u8]) -> Told<()> {
    let schema = match understood(schema).await? {
        Ok(schema) => schema,
        // Another release allowed it.
        Err(why) => {
            return refuse(
                "schema_violation",
                format!("the schema of `{collection}` is none any more, set another one: {why}"),
            );
        }
    };
    let tree = Tree::decode(document).map_err(|malformed| No::Fault(malformed.into()))?;
    let document = Document::of(&tree).map_err(|error| No::Fault(error.into()))?;
    let steps = schema.steps(&document);
    data.count_steps(steps)?;
    let checked = if steps <= STEPS_HERE_MAX {
        schema.check(&document)
    } else {
        elsewhere(move || schema.check(&document)).await?
    };
    checked.or_else(|violation| {
        refuse(
            "schema_violation",
            format!("a document of `{collection}` is not as its schema says: {violation}"),
        )
    })
}

async fn understood(text: &Arc<str>) -> Told<Result<Arc<Schema>, BadSchema>> {
    if let Some(schema) = UNDERSTOOD.get(text) {
        return Ok(Ok(schema));
    }
    let wanted = Arc::clone(text);
    let schema = elsewhere(move || Schema::new(&wanted)).await?.map(Arc::new);
    if let Ok(schema) = &schema {
        UNDERSTOOD.insert(Arc::clone(text), Arc::clone(schema));
    }
    Ok(schema)
}

/// Does `work` where it keeps nobody else waiting, and not more of it at once than there are turns.
async fn elsewhere<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> Told<R> {
    let _turn = TURNS.acquire().await.map_err(|closed| No::Fault(closed.into()))?;
    spawn_blocking(work).await.map_err(|broken| No::Fault(broken.into()))
}
