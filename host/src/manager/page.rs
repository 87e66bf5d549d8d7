//! Lists come in pages, by seeking: a page starts after the last item of the one before.

use picloud_sdk::api::Page;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::error::{Error, Result};

/// Items of one page at most.
pub const PAGE_ITEMS_MAX: u32 = 100;
const PAGE_ITEMS: u32 = 50;

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// How many items at most.
    #[param(minimum = 1, maximum = 100, default = 50)]
    pub limit: Option<u32>,
    /// `next` of the page before.
    pub after: Option<String>,
}

impl PageQuery {
    /// Items to answer.
    pub(super) fn limit(&self) -> Result<usize> {
        match self.limit.unwrap_or(PAGE_ITEMS) {
            limit @ 1..=PAGE_ITEMS_MAX => Ok(limit as usize),
            limit => Err(Error::invalid(
                "limit",
                format_args!("{limit} is not within 1 to {PAGE_ITEMS_MAX}"),
            )),
        }
    }

    /// Rows to ask the database for: one more than a page, to see whether there is another.
    pub(super) fn rows(&self) -> Result<i64> {
        Ok(i64::try_from(self.limit()? + 1).unwrap_or(i64::MAX))
    }

    /// The cursor as the key it is made of.
    ///
    /// A key of a wrong form is refused here: it never gets to the database.
    pub(super) fn after<K: std::str::FromStr>(&self) -> Result<Option<K>> {
        match self.after.as_deref() {
            None => Ok(None),
            Some(text) => match text.parse() {
                Ok(key) => Ok(Some(key)),
                Err(_) => Err(Error::invalid("after", "not the `next` of a page of this list")),
            },
        }
    }
}

/// From `rows`, asked for by [`PageQuery::rows`]; `key` is what the list is ordered by.
pub(super) fn of<T>(mut rows: Vec<T>, query: &PageQuery, key: impl Fn(&T) -> String) -> Result<Page<T>> {
    let limit = query.limit()?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(key);
    Ok(Page { items: rows, next })
}
