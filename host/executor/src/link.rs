//! The wall, seen from the host: everything a guest can import.

use std::sync::atomic::Ordering;

use picloud_sdk::call;
use picloud_sdk::limits::Limit;
use wasmtime::{Caller, Error, Linker, Result};

use crate::enter::enter;
use crate::fuel::{CALL_FUEL, charge, pay};
use crate::memory;
use crate::sandbox::{Sandbox, Stopped, memory_of};
use crate::seam::Said;
use crate::wasi;

/// Of a question that is too long, so much is shown to the world: enough to tell what it is about.
const BEGINNING_BYTES: u32 = 64;

pub(crate) fn link(linker: &mut Linker<Sandbox>) -> Result<()> {
    linker.func_wrap_async(
        "picloud",
        "call",
        |mut guest: Caller<'_, Sandbox>, (address, len): (u32, u32)| {
            Box::new(async move { call(&mut guest, address, len).await })
        },
    )?;
    linker.func_wrap("picloud", "take", |mut guest: Caller<'_, Sandbox>, address: u32| {
        take(&mut guest, address)
    })?;
    linker.func_wrap("picloud", "is_over", |mut guest: Caller<'_, Sandbox>| {
        is_over(&mut guest)
    })?;
    wasi::link(linker)
}

/// `call(address, len) -> len`: a question; its answer waits until it is taken.
async fn call(guest: &mut Caller<'_, Sandbox>, address: u32, len: u32) -> Result<u32> {
    charge(guest, CALL_FUEL + u64::from(len)).await?;
    let meter = &mut guest.data_mut().meter;
    let reply = if meter.is_over() || meter.count_host_call().is_err() {
        None
    } else {
        ask(guest, address, len).await?
    };
    let reply = match reply {
        Some(reply) => reply,
        // It was told already, and asks on.
        None if guest.data_mut().meter.tell() => return Err(Error::from_anyhow(Stopped.into())),
        None => call::stopped(guest.data().world.get().now_ms()),
    };
    charge(guest, reply.len() as u64).await?;
    let Ok(len) = u32::try_from(reply.len()) else {
        wasmtime::bail!("an answer of {} bytes", reply.len())
    };
    guest.data_mut().parked = reply;
    Ok(len)
}

/// What the world says; nothing when that is the end of the run.
async fn ask(guest: &mut Caller<'_, Sandbox>, address: u32, len: u32) -> Result<Option<Vec<u8>>> {
    let memory = memory_of(guest)?;
    let fits = len as usize <= guest.data().world.get().question_bytes_max();
    // Copied once, and no more of it than the world takes: the guest may change its memory as soon as it goes on.
    let shown = if fits { len } else { len.min(BEGINNING_BYTES) };
    memory::slice(memory.data(&*guest), address, len)?;
    let question = memory::read(guest, memory, address, shown)?.to_vec();
    let price = if fits {
        guest.data().world.get().price(&question)
    } else {
        0
    };
    if price > 0 && !pay(guest, price).await? {
        return Ok(None);
    }
    let sandbox = guest.data_mut();
    let room = sandbox.meter.limits.memory_bytes_max as usize;
    let said = if fits {
        sandbox.waits.store(true, Ordering::Relaxed);
        let said = sandbox.world.get_mut().call(&question, room).await;
        sandbox.waits.store(false, Ordering::Relaxed);
        said
    } else {
        sandbox.world.get_mut().too_long(&question, len as usize)
    };
    let said = match said {
        Said::Enter(inner) => {
            // Nobody counts it, and there may be one at each level.
            drop(question);
            enter(guest, *inner).await?
        }
        said => Some(said),
    };
    let Some(said) = said else { return Ok(None) };
    let sandbox = guest.data_mut();
    match said {
        Said::Answer(reply) if reply.len() <= room => Ok(Some(reply)),
        Said::Answer(reply) => {
            sandbox.meter.end(Limit::Memory, reply.len() as u64, room as u64);
            Ok(None)
        }
        Said::Stop(stop) => {
            sandbox.meter.stop_at(stop);
            Ok(None)
        }
        Said::GiveUp(why) => {
            sandbox.given_up = Some(why);
            Err(Error::from_anyhow(Stopped.into()))
        }
        // A malformed question is a broken guest, not a script's mistake.
        Said::Fault(fault) => Err(Error::from_anyhow(fault)),
        Said::Enter(_) => wasmtime::bail!("a world wants to have run what comes of a run"),
    }
}

/// `take(address)`: copies what waits into the guest.
fn take(guest: &mut Caller<'_, Sandbox>, address: u32) -> Result<()> {
    let parked = std::mem::take(&mut guest.data_mut().parked);
    let memory = memory_of(guest)?;
    Ok(memory::write(guest, memory, address, &parked)?)
}

/// `is_over() -> bool`: whether the run is to end now, of itself, and say where it was. Asked every now and then.
fn is_over(guest: &mut Caller<'_, Sandbox>) -> Result<u32> {
    let left = guest.get_fuel()?;
    let meter = &mut guest.data_mut().meter;
    meter.look(left);
    Ok(meter.is_over().into())
}
