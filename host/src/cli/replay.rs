//! `picloud replay` and `picloud export`: a run that is over, once more, on the server or from a file.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use clap::Args;
use data_encoding::BASE64;
use picloud_executor::{Budget, Compilation, Compile as _, Executor, Linked};
use picloud_sdk::api;
use picloud_sdk::compile::{Artifact, Compiled};
use reqwest::Method;

use super::finding::Finding;
use super::remote::{Remote, segment};
use super::sandbox::{self, Sandbox};
use super::source::{Source, read_bounded};
use super::variables::of_files;
use super::{Done, Failure, say};
use crate::ids::ExecutionId;
use crate::orchestrator::{Capsule, Script, limits_of, replay};
use crate::secrets;
use crate::world::{AtHand, ToldSecret, told_secrets};

/// Larger files are no capsules of ours.
const CAPSULE_BYTES_MAX: u64 = 512 << 20;

/// Run an execution again, with no effect, and compare: exit code 1 when it goes another way.
#[derive(Debug, Args)]
pub(super) struct Replay {
    /// The id of an execution on the server, or a capsule's file.
    what: String,
    /// The execution's app.
    #[arg(long)]
    app: Option<String>,
    /// Another version of the script, by its number.
    #[arg(long, value_name = "N", conflicts_with = "draft")]
    with_version: Option<u32>,
    /// A file to run in place of the script.
    #[arg(long, value_name = "FILE")]
    draft: Option<PathBuf>,
    /// For a capsule: a secret that the run was told, its value in a file; as often as it needs some.
    #[arg(long, value_name = "NAME=FILE")]
    secret: Vec<String>,
}

/// Write an execution to standard output, as a file that `picloud replay` runs without a server.
#[derive(Debug, Args)]
pub(super) struct Export {
    /// The execution's id.
    execution: ExecutionId,
    /// Its app.
    #[arg(long)]
    app: String,
    /// Leave the request's body out; a run that read it cannot be run again then.
    #[arg(long)]
    without_bodies: bool,
}

impl Export {
    pub(super) async fn run(self, remote: &Remote, json: bool) -> Done {
        let bodies = !self.without_bodies;
        let path = format!(
            "/apps/{}/executions/{}/capsule?bodies={bodies}",
            segment(&self.app)?,
            self.execution
        );
        let capsule: api::Capsule = remote.client()?.get(&path).await?;
        if json {
            return say::json(&capsule);
        }
        for held in &capsule.holds {
            say::note(&format!("holds {held}"));
        }
        let file = BASE64
            .decode(capsule.capsule_base64.as_bytes())
            .context("the server's capsule")?;
        say::bytes(&file)
    }
}

impl Replay {
    pub(super) async fn run(self, remote: &Remote, json: bool) -> Done {
        let replayed = match self.what.parse::<ExecutionId>() {
            Ok(execution) => self.on_server(remote, execution).await?,
            Err(_) => self.of_file(Path::new(&self.what)).await?,
        };
        if json {
            say::json(&replayed)?;
        } else {
            tell(&replayed)?;
        }
        if replayed.same { Ok(()) } else { Err(Failure::Told(1)) }
    }

    async fn on_server(&self, remote: &Remote, execution: ExecutionId) -> Result<api::Replayed, Failure> {
        if !self.secret.is_empty() {
            return Err(Failure::Usage(anyhow!(
                "the server has the secrets; --secret is for a capsule"
            )));
        }
        let Some(app) = &self.app else {
            return Err(Failure::Usage(anyhow!("which app's execution? Say --app APP")));
        };
        let source = self.draft.as_deref().map(text_of).transpose()?;
        let with = api::Replay {
            version: self.with_version,
            source,
        };
        let path = format!("/apps/{}/executions/{execution}/replay", segment(app)?);
        remote.client()?.send(Method::POST, &path, Some(&with)).await
    }

    async fn of_file(&self, path: &Path) -> Result<api::Replayed, Failure> {
        if self.with_version.is_some() {
            return Err(Failure::Usage(anyhow!(
                "a capsule has one version; try a --draft of it"
            )));
        }
        let file = read_bounded(path, CAPSULE_BYTES_MAX).map_err(Failure::Usage)?;
        let capsule = Capsule::unpack(&file).with_context(|| path.display().to_string());
        let capsule = capsule.map_err(Failure::Usage)?;
        let secrets = self.secrets_of(&capsule)?;
        let sandbox = sandbox::start_with(|_| limits_of(&capsule.journal))?;
        let same_guest = capsule.journal.guest == Executor::guest_hash();
        let linked = match &self.draft {
            Some(draft) => {
                let source = Arc::new(Source::read(capsule.journal.script.clone(), draft, &sandbox).await?);
                let Some(artifact) = source.artifact() else {
                    for finding in Finding::all_of(&source) {
                        say::excerpts(&finding.render());
                    }
                    return Err(Failure::Told(1));
                };
                with_modules(artifact.clone(), &capsule.script, &sandbox).await?
            }
            None => runs(&capsule.script, same_guest, &sandbox).await?,
        };
        let mut called = HashMap::new();
        for (version, script) in &capsule.called {
            let linked = runs(script, same_guest, &sandbox).await?;
            called.insert(version.clone(), Arc::new(linked));
        }
        let memory = Budget::new(u64::MAX);
        let compared = replay(
            &sandbox.executor,
            Arc::new(linked),
            (capsule.journal, secrets, Arc::new(AtHand(called))),
            (&sandbox.data, sandbox.outbound.request_bytes_max),
            memory,
        )
        .await;
        Ok(compared.told(same_guest))
    }
}

impl Replay {
    /// The secrets that a capsule's run was told, which the capsule does not have.
    fn secrets_of(&self, capsule: &Capsule) -> Result<Vec<(ToldSecret, secrets::Secret)>, Failure> {
        let given = of_files(&self.secret)?;
        let told = told_secrets(&capsule.journal.calls).into_iter().map(|told| {
            let value = given.iter().find(|(name, _)| *name == told.name);
            let (_, value) = value.with_context(|| {
                let name = &told.name;
                format!("the run was told the secret {name}, which no capsule has: say --secret {name}=FILE")
            })?;
            Ok((told, value.clone()))
        });
        told.collect::<anyhow::Result<_>>().map_err(Failure::Usage)
    }
}

fn text_of(path: &Path) -> Result<String, Failure> {
    let bytes = read_bounded(path, 16 << 20).map_err(Failure::Usage)?;
    let text = String::from_utf8(bytes).with_context(|| format!("{} is not UTF-8", path.display()));
    text.map_err(Failure::Usage)
}

/// What runs of a capsule's script, made by this guest.
async fn runs(script: &Script, same_guest: bool, sandbox: &Sandbox) -> Result<Linked, Failure> {
    if same_guest {
        return Ok(script.linked());
    }
    let artifact = compiled(&script.name, &script.source, sandbox).await?;
    with_modules(artifact, script, sandbox).await
}

/// An artifact with the modules of a capsule's script, all compiled by this guest.
async fn with_modules(artifact: Artifact, script: &Script, sandbox: &Sandbox) -> Result<Linked, Failure> {
    let mut modules = Vec::new();
    for (name, source) in &script.modules {
        modules.push((name.as_str().into(), compiled(name, source, sandbox).await?));
    }
    Ok(Linked::of(artifact, modules))
}

async fn compiled(name: &str, source: &str, sandbox: &Sandbox) -> Result<Artifact, Failure> {
    match sandbox.executor.compile(name, source).await {
        Compilation::Done(Compiled::Artifact(artifact)) => Ok(*artifact),
        _ => Err(Failure::Wrong(anyhow!("{name:?} does not compile in this release"))),
    }
}

fn tell(replayed: &api::Replayed) -> Done {
    let api::Replayed {
        same,
        differs,
        parted,
        same_guest,
        then,
        ending,
        usage,
        ..
    } = replayed;
    if !same_guest {
        say::note("the guest that ran then is not the one of this release: fuel and memory may be other");
    }
    if *same {
        let fuel = usage.fuel;
        return say::result(&format!(
            "same: calls, outcome, log, fuel {fuel} and memory are what they were"
        ));
    }
    let differs: Vec<&str> = differs.iter().map(|difference| difference.as_str()).collect();
    say::result(&format!("differs: {}", differs.join(", ")))?;
    if let Some(api::Parted { call, then, now }) = parted {
        let nothing = || "nothing more".to_owned();
        let (then, now) = (
            then.clone().unwrap_or_else(nothing),
            now.clone().unwrap_or_else(nothing),
        );
        say::result(&format!("parts at call {call}: then {then}, now {now}"))?;
    }
    say::result(&format!(
        "then: {} {}, fuel {}",
        then.ending.as_str(),
        then.status,
        then.fuel
    ))?;
    let status = replayed.reply.as_ref().map_or(0, |reply| reply.status);
    say::result(&format!("now: {} {status}, fuel {}", ending.as_str(), usage.fuel))?;
    if let Some(error) = &replayed.error {
        say::result(&format!("error[{}]: {}", error.code, error.message))?;
    }
    Ok(())
}
