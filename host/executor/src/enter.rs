//! A run asks for another script of its app: that runs within it, on what the outer one has left.

use std::sync::Arc;

use picloud_sdk::report::Frame;
use wasmtime::{Caller, Result};

use crate::fuel::pay;
use crate::sandbox::{LAST_WORDS_FUEL, Sandbox};
use crate::seam::{Attempt, Ending, Enter, Execution, Identity, Said};
use crate::within::{Inner, Within};

/// What making a sandbox takes, in fuel, beside what is done in it.
const ENTER_FUEL: u64 = 250_000;

/// Runs what the world wants to have run, and has it say what came of it; nothing when that is the end of the run.
pub(crate) async fn enter(guest: &mut Caller<'_, Sandbox>, enter: Enter) -> Result<Option<Said>> {
    if !pay(guest, ENTER_FUEL).await? {
        return Ok(None);
    }
    let fuel_left = guest.get_fuel()?.saturating_sub(LAST_WORDS_FUEL);
    let Some((runs, inner)) = inner(guest.data_mut(), enter, fuel_left) else {
        let fault = anyhow::anyhow!("a guest that runs nothing within it asked for that");
        return Ok(Some(Said::Fault(fault)));
    };
    let script = Arc::clone(&inner.identity.script);
    let executed = runs.run(inner).await;
    guest.data_mut().world.take_back();
    let Some(Execution { ending, usage }) = executed else {
        return Ok(Some(guest.data_mut().world.get_mut().returned(None)));
    };
    guest.data_mut().meter.add(&usage);
    if !pay(guest, usage.fuel).await? {
        return Ok(None);
    }
    let sandbox = guest.data_mut();
    Ok(Some(match ending {
        Ending::Stopped(stop, stack) => {
            sandbox.meter.inner_stack = stack.into_iter().map(|frame| of_script(&script, frame)).collect();
            Said::Stop(sandbox.meter.as_own(stop))
        }
        Ending::GivenUp(why) => Said::GiveUp(why),
        Ending::Stale(why) | Ending::Broke(why) => Said::Fault(anyhow::anyhow!("a run within: {why}")),
        Ending::Replied(_) | Ending::Threw(_) => sandbox.world.get_mut().returned(Some(ending)),
    }))
}

/// A level of a script's stack as its caller has it.
fn of_script(script: &str, frame: Frame) -> Frame {
    match &*frame.module {
        "" => Frame {
            module: script.to_owned(),
            ..frame
        },
        _ => frame,
    }
}

fn inner(sandbox: &mut Sandbox, enter: Enter, fuel_left: u64) -> Option<(Arc<dyn Within>, Inner)> {
    let origin = sandbox.origin.clone()?;
    let mut seed = [0; 32];
    sandbox.random.fill(&mut seed);
    let Enter {
        program,
        script,
        version,
        event,
    } = enter;
    let identity = Identity {
        script,
        version,
        ..Identity::clone(&origin.identity)
    };
    let attempt = Attempt {
        number: origin.attempt,
        seed,
        now_ms: sandbox.world.get().now_ms(),
    };
    let inner = Inner {
        program,
        identity: Arc::new(identity),
        attempt,
        event,
        limits: sandbox.meter.left(fuel_left),
        share: sandbox.meter.another_share(),
        world: sandbox.world.lend(),
        started: origin.started,
        waits: Arc::clone(&sandbox.waits),
    };
    Some((origin.runs, inner))
}
