//! What a guest pays for the work that the host does for it.

use wasmtime::{Caller, Result};

use crate::sandbox::Sandbox;

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
