//! `crypto::*`, `password::*`, `jwt::*`: what the host computes for a script. It is paid in fuel beforehand, asks nothing of
//! the world, and is in no journal: a replay computes it anew.

use std::marker::PhantomData;
use std::sync::{Arc, LazyLock};

use moka::sync::Cache;
use picloud_sdk::call::crypto::{
    Cost, Digest, HashPassword, Open, PasswordCost, Question, Seal, Sign, Verify, VerifyPassword,
};
use picloud_sdk::call::{Effect, HostCall};
use picloud_sdk::wire;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore, SemaphorePermit};
use tokio::task::spawn_blocking;

use super::told::{No, Told, given};
use crate::crypto::{self, Bad};

/// How an encoded `HostCall::Crypto` begins.
static TAG: LazyLock<u8> = LazyLock::new(|| wire::encode(&HostCall::from(Cost { of: PhantomData }))[0]);
/// What costs more is nothing to do between other requests: about a millisecond.
const HERE_MAX: u64 = 15_000_000;

/// What an app has under way at once of what takes long: the rest of it waits where it keeps no other app waiting.
const OF_AN_APP: usize = 2;
/// Apps that are told apart; whoever is forgotten begins anew.
const APPS: u64 = 4096;

static GATES: LazyLock<Cache<Arc<str>, Arc<Semaphore>>> = LazyLock::new(|| Cache::new(APPS));

/// Passwords that are hashed at once, of the process: each takes its memory, of which a small machine has little.
static PASSWORDS: Semaphore = Semaphore::const_new(2);

/// Whatever else takes long: one processor in two, of the process.
static TURNS: LazyLock<Semaphore> = LazyLock::new(|| {
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    Semaphore::new(processors.div_ceil(2))
});

/// Whether a question, of which there may be only the beginning, is about this.
pub(super) fn is_asked(question: &[u8]) -> bool {
    question.first() == Some(&*TAG)
}

/// What computing an answer takes, in fuel; nothing for other questions.
pub(super) fn price(question: &[u8]) -> u64 {
    to_compute(question).map_or(0, |question| crypto::price(&question))
}

/// The answer to a question of an app that is only computed; nothing for other questions.
pub(super) async fn computed(now_ms: i64, app: &str, question: &[u8]) -> Option<Told<Vec<u8>>> {
    let asked = to_compute(question)?;
    Some(if crypto::price(&asked) <= HERE_MAX {
        answer(now_ms, &asked)
    } else {
        let turns = match asked {
            Question::HashPassword(_) | Question::VerifyPassword(_) => &PASSWORDS,
            _ => &*TURNS,
        };
        elsewhere(turns, now_ms, app, question).await
    })
}

/// What the operator lets a password's hash cost.
pub(super) fn cost(now_ms: i64, cost: PasswordCost) -> Vec<u8> {
    given(now_ms, cost)
}

/// What is asked, for a person.
pub(super) fn describe(question: &Question<'_>) -> String {
    match question {
        Question::Cost(_) => "what hashing a password takes".to_owned(),
        _ => "something to compute".to_owned(),
    }
}

fn to_compute(question: &[u8]) -> Option<Question<'_>> {
    if !is_asked(question) {
        return None;
    }
    match wire::decode(question, question.len()) {
        Ok(HostCall::Crypto(asked)) if asked.effect() == Effect::Compute => Some(asked),
        _ => None,
    }
}

/// Computes where it keeps nobody else waiting. Whoever leaves meanwhile leaves the turn to what is computed.
async fn elsewhere(turns: &'static Semaphore, now_ms: i64, app: &str, question: &[u8]) -> Told<Vec<u8>> {
    let turn = turn(turns, app).await.map_err(|closed| No::Fault(closed.into()))?;
    // Those who wait have no copy yet.
    let question = question.to_owned();
    let work = move || {
        let _turn = turn;
        match to_compute(&question) {
            Some(asked) => answer(now_ms, &asked),
            None => Err(No::Fault(anyhow::anyhow!(
                "a question that was understood is none any more"
            ))),
        }
    };
    spawn_blocking(work).await.map_err(|broken| No::Fault(broken.into()))?
}

/// One of an app's own turns, and one of all.
async fn turn(
    turns: &'static Semaphore,
    app: &str,
) -> Result<(OwnedSemaphorePermit, SemaphorePermit<'static>), AcquireError> {
    let gate = match GATES.get(app) {
        Some(gate) => gate,
        None => GATES.get_with(app.into(), || Arc::new(Semaphore::new(OF_AN_APP))),
    };
    Ok((gate.acquire_owned().await?, turns.acquire().await?))
}

fn answer(now_ms: i64, question: &Question<'_>) -> Told<Vec<u8>> {
    let answered = match question {
        Question::Digest(Digest { hash, key, data }) => {
            crypto::digest(*hash, key.map(|key| key.0), data.0).map(|digest| bytes(now_ms, &digest))
        }
        Question::Verify(Verify {
            algorithm,
            key,
            data,
            signature,
        }) => crypto::verify(*algorithm, *key, data.0, signature.0).map(|is| given(now_ms, is)),
        Question::Sign(Sign { algorithm, key, data }) => {
            crypto::sign(*algorithm, *key, data.0).map(|signature| bytes(now_ms, &signature))
        }
        Question::Seal(Seal {
            key,
            nonce,
            context,
            data,
        }) => crypto::seal(key.0, nonce.0, context.0, data.0).map(|sealed| bytes(now_ms, &sealed)),
        Question::Open(Open { key, context, sealed }) => {
            crypto::open(key.0, context.0, sealed.0).map(|data| bytes(now_ms, &data))
        }
        Question::HashPassword(HashPassword { password, salt, cost }) => {
            crypto::hash_password(password.0, salt.0, *cost).map(|hash| given(now_ms, hash))
        }
        Question::VerifyPassword(VerifyPassword { password, hash }) => {
            crypto::verify_password(password.0, hash).map(|is| given(now_ms, is))
        }
        Question::Cost(_) => return Err(No::Fault(anyhow::anyhow!("the cost is nothing that is computed"))),
    };
    answered.map_err(|Bad { code, message }| No::Refused { code, message })
}

fn bytes(now_ms: i64, bytes: &[u8]) -> Vec<u8> {
    given(now_ms, picloud_sdk::call::crypto::Bytes(bytes))
}

#[cfg(test)]
mod tests {
    use picloud_sdk::call::crypto::{Bytes, Hash};

    use super::*;

    #[test]
    fn questions_are_known_by_how_they_begin() {
        let digest = Digest {
            hash: Hash::Sha256,
            key: None,
            data: Bytes(b"abc"),
        };
        let question = wire::encode(&HostCall::from(digest));
        assert!(is_asked(&question));
        assert!(price(&question) > 0);
        let body = wire::encode(&HostCall::Body(picloud_sdk::call::body::Call::Read));
        assert_eq!(price(&body), 0);
    }
}
