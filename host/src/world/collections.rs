//! Which collections an app has: those with documents, found by seeking from one to the next.

use super::data::Data;
use super::told::Told;
use crate::data::docs::layout::{self, Name};
use crate::data::space::Query;

/// The first collections after `after` that have documents, and whether there may be more. They may be fewer than `limit`
/// all the same, when their documents are large.
///
/// # Errors
/// As [`Data::range`].
pub async fn list(data: &mut Data, after: Option<&Name>, limit: usize) -> Told<(Vec<Name>, bool)> {
    // Each seek brings a document along.
    let bytes_max = data.limits().read_bytes_max / 2;
    let (mut names, mut bytes) = (Vec::new(), 0);
    let mut range = layout::all_documents();
    let end = |name: &Name| layout::documents(name).to;
    range.from = after.and_then(end).unwrap_or(range.from);
    loop {
        let query = Query {
            range: range.clone(),
            limit: 1,
            reversed: false,
        };
        let (mut entries, _) = data.range(&query).await?;
        let Some((key, document)) = entries.pop() else {
            return Ok((names, false));
        };
        if names.len() == limit || (bytes > bytes_max && !names.is_empty()) {
            return Ok((names, true));
        }
        bytes += document.len() as u64;
        range.from = key.next();
        if let Some(name) = layout::collection_of_document(&key) {
            range.from = end(&name).unwrap_or(range.from);
            names.push(name);
        }
    }
}
