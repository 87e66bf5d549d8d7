//! What an app keeps, to a file and from one: JSON Lines, page by page and batch by batch.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write as _};
use std::path::Path;

use anyhow::{Context as _, anyhow};
use picloud_sdk::api::{IMPORT_MAX, Imported};
use reqwest::{Method, StatusCode};
use serde::Serialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::lines::Lines;
use super::remote::{Client, Refused};
use super::whole::Whole;
use super::{Done, Failure, say};

/// Items that a page is asked for first; fewer, when they are too large together.
const PAGE_ITEMS: u32 = 200;
/// Text of one batch.
const BATCH_BYTES: usize = 4 << 20;
/// Attempts at a batch while the server has no time for it.
const ATTEMPTS_MAX: u32 = 5;
/// How long to wait between them.
const PAUSE: std::time::Duration = std::time::Duration::from_secs(1);

/// A part of what is exported: its lines, and where the next part begins.
pub(super) type Part = (Vec<String>, Option<String>);

/// Writes every line that `part` has for a number of items and a place to begin at, to `file` or, for `-`, as the result.
/// The file is replaced when all lines are there, and else stays as it was.
pub(super) async fn export(
    client: &Client,
    file: &str,
    json: bool,
    part: impl AsyncFn(u32, Option<&str>) -> Result<Result<Part, Refused>, Failure>,
) -> Done {
    let mut out = match file {
        "-" => None,
        file => {
            let out = Whole::create(Path::new(file));
            Some(out.map_err(|error| Failure::Usage(anyhow!("{file} cannot be written: {error}")))?)
        }
    };
    let (mut items, mut after, mut count) = (PAGE_ITEMS, None::<String>, 0);
    loop {
        let (lines, next) = match part(items, after.as_deref()).await? {
            Ok(part) => part,
            Err(refused) if items > 1 && is_too_much(&refused) => {
                items /= 2;
                continue;
            }
            Err(refused) => return Err(client.failure(refused)),
        };
        count += lines.len();
        for line in lines {
            match &mut out {
                Some(out) => writeln!(out, "{line}").with_context(|| format!("cannot write {file}"))?,
                None => say::bytes(format!("{line}\n").as_bytes())?,
            }
        }
        say::progress(&format!("{count} lines"));
        after = next;
        if after.is_none() {
            break;
        }
    }
    say::progress("");
    if let Some(out) = out {
        out.finish().with_context(|| format!("cannot write {file}"))?;
        if json {
            return say::json(&json!({ "exported": count }));
        }
    }
    let lines = if count == 1 { "line" } else { "lines" };
    say::note(&format!("{count} {lines} exported"));
    Ok(())
}

/// What is sent: lines as they are.
#[derive(Serialize)]
struct Body<'a> {
    kv: Vec<&'a RawValue>,
    documents: BTreeMap<&'a str, Vec<&'a RawValue>>,
}

/// A line with its number.
type Line = (u64, Box<RawValue>);

/// An import under way.
struct Importing<'a> {
    client: &'a Client,
    path: String,
    lines: Lines,
    imported: u64,
}

/// Sends the lines of `file`, or of stdin for `-`, to `/apps/{app}/import`.
pub(super) async fn import(client: &Client, app: &str, lines: Lines, file: &str, json: bool) -> Done {
    let mut from: Box<dyn BufRead> = match file {
        "-" => Box::new(BufReader::new(io::stdin())),
        file => {
            Box::new(BufReader::new(File::open(file).map_err(|error| {
                Failure::Usage(anyhow!("{file} cannot be read: {error}"))
            })?))
        }
    };
    let path = format!("/apps/{}/import", super::remote::segment(app)?);
    let mut importing = Importing {
        client,
        path,
        lines,
        imported: 0,
    };
    let (mut batch, mut bytes): (Vec<Line>, _) = (Vec::new(), 0);
    for number in 1.. {
        let mut text = String::new();
        let read = from.read_line(&mut text);
        let line = match read {
            Ok(0) => break,
            Ok(_) => text.trim().trim_start_matches('\u{feff}'),
            Err(error) => return Err(importing.cannot(&batch, number, &error.to_string()).await),
        };
        if line.is_empty() {
            continue;
        }
        let line = RawValue::from_string(line.to_owned()).map_err(|error| format!("no JSON: {error}"));
        match line.and_then(|line| importing.lines.sent(line)) {
            Ok(line) => {
                bytes += line.get().len();
                batch.push((number, line));
            }
            Err(why) => return Err(importing.cannot(&batch, number, &why).await),
        }
        if batch.len() == IMPORT_MAX || bytes >= BATCH_BYTES {
            importing.send(&batch).await?;
            (batch, bytes) = (Vec::new(), 0);
        }
    }
    importing.send(&batch).await?;
    say::progress("");
    if json {
        return say::json(&json!({ "imported": importing.imported }));
    }
    say::result(&format!("{} imported", importing.imported))
}

impl Importing<'_> {
    /// Sends lines that belong together; when they are refused, in halves, until it is clear which one is.
    async fn send(&mut self, batch: &[Line]) -> Done {
        let mut parts = vec![batch];
        while let Some(part) = parts.pop() {
            let Some((first, _)) = part.first() else { continue };
            match self.ask(part).await {
                Ok(Ok(())) => say::progress(&format!("{} imported", self.imported)),
                Ok(Err(refused)) if part.len() > 1 && is_of_a_line(&refused) => {
                    let (one, other) = part.split_at(part.len() / 2);
                    parts.extend([other, one]);
                }
                Ok(Err(refused)) => return Err(self.stopped(*first, self.client.failure(refused))),
                Err(failure) => {
                    say::note("the answer to the last lines was lost; they may be in");
                    return Err(self.stopped(*first, failure));
                }
            }
        }
        Ok(())
    }

    async fn ask(&mut self, part: &[Line]) -> Result<Result<(), Refused>, Failure> {
        let lines = part.iter().map(|(_, line)| &**line).collect();
        let body = match &self.lines {
            Lines::Entries => Body {
                kv: lines,
                documents: BTreeMap::new(),
            },
            Lines::Documents(collection) => Body {
                kv: Vec::new(),
                documents: [(&**collection, lines)].into(),
            },
        };
        let mut attempt = 1;
        loop {
            let answer = self
                .client
                .ask::<Imported>(Method::POST, &self.path, Some(&body))
                .await?;
            match answer {
                Ok(imported) => {
                    self.imported += imported.kv + imported.documents;
                    return Ok(Ok(()));
                }
                Err(refused) if refused.status == StatusCode::SERVICE_UNAVAILABLE && attempt < ATTEMPTS_MAX => {
                    attempt += 1;
                    tokio::time::sleep(PAUSE).await;
                }
                Err(refused) => return Ok(Err(refused)),
            }
        }
    }

    /// The lines before this one are sent, and it ends here.
    async fn cannot(&mut self, batch: &[Line], number: u64, why: &str) -> Failure {
        match self.send(batch).await {
            Ok(()) => self.stopped(number, Failure::Wrong(anyhow!("{why}"))),
            Err(failure) => failure,
        }
    }

    fn stopped(&self, number: u64, failure: Failure) -> Failure {
        say::progress("");
        let so_far = format!("stopped at line {number}; {} are in", self.imported);
        match failure {
            Failure::Named(mut trouble) => {
                trouble.message = format!("{so_far}: {}", trouble.message);
                Failure::Named(trouble)
            }
            Failure::Wrong(error) => Failure::Wrong(error.context(so_far)),
            other => other,
        }
    }
}

/// Whether fewer at once may do.
fn is_too_much(refused: &Refused) -> bool {
    let details = refused.error.details.as_ref();
    details.is_some_and(|details| details["code"] == "limit_exceeded")
}

/// Whether it is for what is in the lines, or their number.
fn is_of_a_line(refused: &Refused) -> bool {
    matches!(
        refused.status,
        StatusCode::CONFLICT
            | StatusCode::UNPROCESSABLE_ENTITY
            | StatusCode::PAYLOAD_TOO_LARGE
            | StatusCode::BAD_REQUEST
    )
}
