//! The wall, seen from the host: everything a guest can import.

use std::sync::atomic::Ordering;

use anyhow::Context as _;
use picloud_sdk::call::{HostCall, HostReply};
use picloud_sdk::wire;
use wasmtime::{Caller, Error, Linker, Memory, Result};

use crate::sandbox::Sandbox;
use crate::{memory, wasi};

/// Fuel for a host call, beside one unit for each byte that it moves.
pub(crate) const CALL_FUEL: u64 = 200;
/// A question is at most a log line with its fields.
const CALL_BYTES_MAX: usize = 1 << 20;

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
    wasi::link(linker)
}

/// `call(address, len) -> len`: a question; its answer waits until it is taken.
async fn call(guest: &mut Caller<'_, Sandbox>, address: u32, len: u32) -> Result<u32> {
    guest.data_mut().meter.count_host_call()?;
    charge(guest, CALL_FUEL + u64::from(len))?;
    let memory = memory_of(guest)?;
    let ask = memory::read(guest, memory, address, len)?.to_vec();
    // A malformed question is a broken guest, not a script's mistake.
    let ask: HostCall<'_> = wire::decode(&ask, CALL_BYTES_MAX)?;
    let reply = answer(guest.data_mut(), ask).await?;
    charge(guest, reply.len() as u64)?;
    let len = u32::try_from(reply.len())
        .context("an answer of more than 4 GiB")
        .map_err(Error::from_anyhow)?;
    guest.data_mut().parked = reply;
    Ok(len)
}

/// What concerns the run alone is answered here; the rest is its app's world.
async fn answer(sandbox: &mut Sandbox, ask: HostCall<'_>) -> Result<Vec<u8>> {
    match ask {
        HostCall::Body => return Ok(wire::encode(&HostReply::Bytes(&sandbox.world.body))),
        HostCall::Log { message, fields, .. } => sandbox.meter.count_log(message.len() + fields.len())?,
    }
    let Some(capabilities) = sandbox.world.capabilities.clone() else {
        wasmtime::bail!("a guest without capabilities asked for one");
    };
    sandbox.world.waits.store(true, Ordering::Relaxed);
    let answer = capabilities.call(ask).await;
    sandbox.world.waits.store(false, Ordering::Relaxed);
    let answer = answer.map_err(|fault| Error::from_anyhow(fault.0))?;
    Ok(wire::encode(&answer.as_reply()))
}

/// `take(address)`: copies what waits into the guest.
fn take(guest: &mut Caller<'_, Sandbox>, address: u32) -> Result<()> {
    let parked = std::mem::take(&mut guest.data_mut().parked);
    let memory = memory_of(guest)?;
    Ok(memory::write(guest, memory, address, &parked)?)
}

pub(crate) fn memory_of(guest: &mut Caller<'_, Sandbox>) -> Result<Memory> {
    match guest.get_export("memory").and_then(wasmtime::Extern::into_memory) {
        Some(memory) => Ok(memory),
        None => wasmtime::bail!("the guest exports no memory"),
    }
}

/// Work that the host does for a guest is paid for by the guest.
pub(crate) fn charge(guest: &mut Caller<'_, Sandbox>, units: u64) -> Result<()> {
    let left = guest.get_fuel()?;
    guest.set_fuel(left.saturating_sub(units))?;
    if left < units {
        return Err(wasmtime::Trap::OutOfFuel.into());
    }
    Ok(())
}
