//! What a guest pays for the work that the host does for it.

use wasmtime::{Caller, Result};

use crate::sandbox::{LAST_WORDS_FUEL, Sandbox};

/// Fuel for a host call, beside one unit for each byte that it moves.
pub(crate) const CALL_FUEL: u64 = 200;

/// Work that the host does for a guest is paid for by the guest, and counts for its turn: setting the fuel anew begins the
/// engine's slice anew, so a guest that asks often would never pause.
pub(crate) async fn charge(guest: &mut Caller<'_, Sandbox>, units: u64) -> Result<()> {
    let before = guest.get_fuel()?;
    let left = before.saturating_sub(units);
    guest.set_fuel(left)?;
    if before < units {
        return Err(wasmtime::Trap::OutOfFuel.into());
    }
    guest.data_mut().meter.look(left);
    if guest.data_mut().turn.is_over(left) {
        tokio::task::yield_now().await;
    }
    Ok(())
}

/// Pays for what is to be computed, before it is. Whether it could: who cannot is over, and has what it takes to say where
/// it was.
pub(crate) async fn pay(guest: &mut Caller<'_, Sandbox>, units: u64) -> Result<bool> {
    let left = guest.get_fuel()?;
    if units <= left.saturating_sub(LAST_WORDS_FUEL) {
        charge(guest, units).await?;
        return Ok(true);
    }
    let left = left.min(LAST_WORDS_FUEL - 1);
    guest.set_fuel(left)?;
    guest.data_mut().meter.look(left);
    Ok(false)
}
