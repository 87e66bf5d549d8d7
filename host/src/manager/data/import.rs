//! `POST /apps/{app}/import`: values and documents, all of them in one transaction.

use std::sync::Arc;

use picloud_sdk::api::{IMPORT_MAX, Import, Imported};
use picloud_sdk::call::docs::{Insert, Replace};
use picloud_sdk::value::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::super::access::{Deployer, Member};
use super::super::extract::JsonWithData;
use super::super::kept::{bytes_of, refused};
use super::super::paths::AppPath;
use crate::error::{Error, Result};
use crate::orchestrator::Host;
use crate::world::{Data, Told, docs, kv};

pub(super) fn router() -> OpenApiRouter<Host> {
    OpenApiRouter::new().routes(routes!(import))
}

/// What is to be kept, understood.
struct Batch {
    entries: Vec<Entry>,
    documents: Vec<Document>,
}

struct Entry {
    key: String,
    bytes: Vec<u8>,
    expires_ms: Option<i64>,
}

struct Document {
    collection: String,
    /// Its own, if it has one.
    id: Option<String>,
    bytes: Vec<u8>,
}

/// Keeps values and documents, all of them or none. What has expired already is left out.
#[utoipa::path(post, path = "/apps/{app}/import", tag = "data", params(AppPath), request_body = Import,
    responses((status = 200, body = Imported)))]
async fn import(
    mut member: Member<Deployer>,
    JsonWithData(import): JsonWithData<Import>,
) -> Result<axum::Json<Imported>> {
    let batch = Arc::new(Batch::of(import)?);
    let keeping = member.keeping().await?;
    let keep = keeping.transact(move |data| {
        let batch = Arc::clone(&batch);
        Box::pin(async move { batch.keep(data).await })
    });
    Ok(axum::Json(keep.await.map_err(refused)?))
}

impl Batch {
    fn of(import: Import) -> Result<Self> {
        let count = import.kv.len() + import.documents.values().map(Vec::len).sum::<usize>();
        if count > IMPORT_MAX {
            let problem = format!("{count} entries and documents; {IMPORT_MAX} are allowed at once");
            let field = if import.kv.len() > IMPORT_MAX {
                "kv"
            } else {
                "documents"
            };
            return Err(Error::invalid(field, problem));
        }
        let entries = import.kv.into_iter().enumerate().map(|(at, entry)| {
            Ok(Entry {
                key: entry.key,
                bytes: bytes_of(&format!("kv[{at}].value"), &entry.value)?,
                expires_ms: entry.expires_at.map(|at| at.0.div_euclid(1000)),
            })
        });
        let entries = entries.collect::<Result<_>>()?;
        let mut documents = Vec::new();
        for (collection, of_it) in import.documents {
            for (at, document) in of_it.iter().enumerate() {
                let field = format!("documents.{collection}[{at}]");
                documents.push(Document::of(collection.clone(), bytes_of(&field, document)?));
            }
        }
        Ok(Self { entries, documents })
    }

    async fn keep(&self, data: &mut Data) -> Told<Imported> {
        let mut imported = Imported { kv: 0, documents: 0 };
        let now_ms = data.now_ms();
        for Entry { key, bytes, expires_ms } in &self.entries {
            if expires_ms.is_none_or(|expires_ms| expires_ms > now_ms) {
                kv::put(data, key, bytes, *expires_ms).await?;
                imported.kv += 1;
            }
        }
        for document in &self.documents {
            document.keep(data).await?;
            imported.documents += 1;
        }
        Ok(imported)
    }
}

impl Document {
    fn of(collection: String, bytes: Vec<u8>) -> Self {
        let id = match Value::decode(&bytes) {
            Ok(Value::Map(mut pairs)) => pairs.remove("id"),
            _ => None,
        };
        let id = match id {
            Some(Value::Text(id)) => Some(id),
            // What is no id is refused where it is stored.
            _ => None,
        };
        Self { collection, id, bytes }
    }

    async fn keep(&self, data: &mut Data) -> Told<()> {
        let Self { collection, id, bytes } = self;
        if let Some(id) = id {
            let replace = Replace {
                collection,
                id,
                document: bytes,
                or_insert: true,
            };
            return docs::replace(data, &replace).await.map(drop);
        }
        let insert = Insert {
            collection,
            document: bytes,
        };
        docs::insert(data, &insert).await.map(drop)
    }
}
