//! What a find has found so far.

use super::best::Best;
use super::cursor;
use super::page::Page;
use super::plan::Plan;
use super::project::Fields;
use crate::data::writes::Value;

/// By what becomes of it.
#[derive(Debug)]
pub(super) enum Found {
    /// Documents come in order: the page fills up.
    Page {
        limit: usize,
        fields: Option<Fields>,
        documents: Vec<Value>,
        bytes: usize,
        /// The place of the last, when the page is full.
        last: Option<Vec<u8>>,
        /// Whether any was left out.
        are_more: bool,
    },
    /// They come in another order.
    Best {
        fields: Option<Fields>,
        /// Those up to this place were on the pages before.
        after: Option<Vec<u8>>,
        best: Best,
    },
    /// They are counted.
    Count(usize),
}

impl Found {
    /// Nothing yet, of a page after `after`, which comes in order or is sorted.
    pub(super) fn of_page(sorted: bool, fields: Option<Fields>, limit: usize, after: Option<Vec<u8>>) -> Self {
        if sorted {
            let best = Best::new(limit);
            return Self::Best { fields, after, best };
        }
        // What is left to read says what it is after.
        Self::Page {
            limit,
            fields,
            documents: Vec::new(),
            bytes: 0,
            last: None,
            are_more: false,
        }
    }

    /// Whether no more are wanted.
    pub(super) const fn is_full(&self) -> bool {
        matches!(self, Self::Page { last: Some(_), .. })
    }

    /// Whether there is an end before all is read.
    pub(super) const fn may_end_early(&self) -> bool {
        matches!(self, Self::Page { .. })
    }

    /// There was one more, and nobody looked at it.
    pub(super) const fn leave_out(&mut self) {
        if let Self::Page { are_more, .. } = self {
            *are_more = true;
        }
    }

    /// One more document; what all that is kept takes.
    pub(super) fn offer(&mut self, plan: &Plan, id: &str, document: &Value) -> usize {
        match self {
            Self::Page {
                limit,
                fields,
                documents,
                bytes,
                last,
                ..
            } => {
                let kept = projected(fields.as_ref(), document);
                *bytes += kept.len();
                documents.push(kept);
                if documents.len() == *limit {
                    *last = Some(plan.order().place(id, document));
                }
                *bytes
            }
            Self::Best { fields, after, best } => {
                let place = plan.order().place(id, document);
                if after.as_ref().is_some_and(|after| place <= *after) {
                    return best.bytes();
                }
                best.offer(place, || projected(fields.as_ref(), document))
            }
            Self::Count(count) => {
                *count += 1;
                0
            }
        }
    }

    /// All of it, when so many were looked at, and some may not have been read.
    pub(super) fn take(&mut self, plan: &Plan, looked_at: usize, are_unread: bool) -> Page {
        let (documents, last) = match self {
            Self::Page {
                documents,
                last,
                are_more,
                ..
            } => {
                let last = last.take().filter(|_| *are_more || are_unread);
                (std::mem::take(documents), last)
            }
            Self::Best { best, .. } => best.take(),
            Self::Count(_) => (Vec::new(), None),
        };
        Page {
            count: if let Self::Count(count) = self {
                *count
            } else {
                documents.len()
            },
            documents,
            cursor: last.map(|last| cursor::encode(plan.collection(), plan.order(), &last)),
            looked_at,
        }
    }
}

fn projected(fields: Option<&Fields>, document: &Value) -> Value {
    fields.map_or_else(|| document.clone(), |fields| fields.of(document).into())
}
