//! Calls, for a person.

use picloud_sdk::call::{HostCall, docs, kv};
use picloud_sdk::wire;

/// Longer texts are cut.
const TEXT_CHARS_MAX: usize = 120;

/// What a question asks, of which there may be only the beginning.
pub(super) fn call(question: &[u8]) -> String {
    let told = match wire::decode(question, question.len()) {
        Ok(HostCall::Kv(question)) => of_kv(&question),
        Ok(HostCall::Docs(question)) => of_docs(&question),
        Ok(HostCall::Body(_)) => "the body".to_owned(),
        Ok(HostCall::Log(_)) => "a line of the log".to_owned(),
        Err(_) => "a long call".to_owned(),
    };
    told.chars().take(TEXT_CHARS_MAX).collect()
}

fn of_kv(question: &kv::Question<'_>) -> String {
    match question {
        kv::Question::Get(kv::Get { keys }) => format!("kv::get({})", list(keys)),
        kv::Question::Set(kv::Set { pairs, .. }) => {
            let keys: Vec<&str> = pairs.iter().map(|(key, _)| *key).collect();
            format!("kv::set({})", list(&keys))
        }
        kv::Question::Delete(kv::Delete { key }) => format!("kv::delete({key:?})"),
        kv::Question::Increment(kv::Increment { key, by }) => format!("kv::incr({key:?}, {by})"),
        kv::Question::CompareAndSet(kv::CompareAndSet { key, .. }) => format!("kv::cas({key:?})"),
        kv::Question::List(kv::List { prefix, limit, .. }) => format!("kv::list({prefix:?}), {limit} at most"),
    }
}

fn of_docs(question: &docs::Question<'_>) -> String {
    match question {
        docs::Question::Insert(docs::Insert { collection, .. }) => format!("docs::insert({collection:?})"),
        docs::Question::GetOne(docs::GetOne { collection, id }) => format!("docs::get({collection:?}, {id:?})"),
        docs::Question::Update(docs::Update { collection, id, .. }) => format!("docs::update({collection:?}, {id:?})"),
        docs::Question::Replace(docs::Replace { collection, id, .. }) => {
            format!("docs::replace({collection:?}, {id:?})")
        }
        docs::Question::Remove(docs::Remove { collection, id }) => format!("docs::delete({collection:?}, {id:?})"),
        docs::Question::Find(docs::Find { collection, limit, .. }) => {
            format!("docs::find({collection:?}), {limit} at most")
        }
        docs::Question::Count(docs::Count { collection, .. }) => format!("docs::count({collection:?})"),
    }
}

fn list(keys: &[&str]) -> String {
    let keys: Vec<String> = keys.iter().map(|key| format!("{key:?}")).collect();
    keys.join(", ")
}
