//! What is declared of a collection, as a run reads and writes it: a transaction that goes by it is overtaken when it changes.

use super::data::Data;
use super::told::{No, Told};
use crate::data::docs::about::About;
use crate::data::docs::layout::{self, Name};
use crate::data::writes::Value;

/// What is declared of it.
///
/// # Errors
/// As [`Data::get`].
pub(super) async fn read(data: &mut Data, collection: &Name) -> Told<About> {
    let kept = data.get(&[layout::about(collection)]).await?.pop().flatten();
    let about = kept.map(|kept| About::decode(&kept)).transpose();
    Ok(about
        .map_err(|malformed| No::Fault(malformed.into()))?
        .unwrap_or_default())
}

/// This is declared of it from now on.
///
/// # Errors
/// As [`Data::put`].
pub(super) async fn write(data: &mut Data, collection: &Name, about: &About) -> Told<()> {
    data.put(layout::about(collection), about.encode().map(Value::from))
        .await
}
