//! The six functions of WASI preview 1 that the guests import through Rust's std. None of them reaches anything.

use wasmtime::{Caller, Linker, Result};

use crate::fuel::{CALL_FUEL, charge};
use crate::memory;
use crate::sandbox::{Sandbox, memory_of};

type Guest<'a> = Caller<'a, Sandbox>;

const MODULE: &str = "wasi_snapshot_preview1";
const SUCCESS: u32 = 0;
const BAD_FILE: u32 = 8;
const NOT_SUPPORTED: u32 = 58;
const STDERR: u32 = 2;
/// More random bytes than anything in a guest asks for at once.
const RANDOM_BYTES_MAX: u32 = 4096;
/// Pieces of one write; std uses one or two.
const PIECES_MAX: u32 = 16;
/// More of a piece is not taken; std writes the rest again.
const PIECE_BYTES_MAX: u32 = 64 << 10;

pub(crate) fn link(linker: &mut Linker<Sandbox>) -> Result<()> {
    linker.func_wrap_async(
        MODULE,
        "random_get",
        |mut guest: Guest<'_>, (address, len): (u32, u32)| {
            Box::new(async move { random_get(&mut guest, address, len).await })
        },
    )?;
    linker.func_wrap_async(
        MODULE,
        "fd_write",
        |mut guest: Guest<'_>, (fd, pieces, count, written): (u32, u32, u32, u32)| {
            Box::new(async move { fd_write(&mut guest, fd, (pieces, count), written).await })
        },
    )?;
    linker.func_wrap(MODULE, "environ_sizes_get", environ_sizes_get)?;
    linker.func_wrap(MODULE, "environ_get", |_: Guest<'_>, _: u32, _: u32| SUCCESS)?;
    linker.func_wrap(MODULE, "poll_oneoff", |_: Guest<'_>, _: u32, _: u32, _: u32, _: u32| {
        NOT_SUPPORTED
    })?;
    linker.func_wrap(MODULE, "proc_exit", proc_exit)?;
    Ok(())
}

/// The next bytes of the run's own stream.
async fn random_get(guest: &mut Guest<'_>, address: u32, len: u32) -> Result<u32> {
    if len > RANDOM_BYTES_MAX {
        wasmtime::bail!("the guest asked for {len} random bytes, {RANDOM_BYTES_MAX} allowed");
    }
    charge(guest, CALL_FUEL + u64::from(len)).await?;
    let mut bytes = vec![0; len as usize];
    guest.data_mut().random.fill(&mut bytes);
    put(guest, address, &bytes)
}

/// Standard error is where a panic of ours speaks; there is no other file.
async fn fd_write(guest: &mut Guest<'_>, fd: u32, (pieces, count): (u32, u32), written: u32) -> Result<u32> {
    if fd != STDERR {
        return Ok(BAD_FILE);
    }
    charge(guest, CALL_FUEL).await?;
    let memory = memory_of(guest)?;
    let mut text = Vec::new();
    for index in 0..count.min(PIECES_MAX) {
        let Some(piece) = pieces.checked_add(index * 8) else {
            wasmtime::bail!("a list of pieces beyond memory")
        };
        let piece = memory::read(guest, memory, piece, 8)?;
        let address = u32::from_le_bytes([piece[0], piece[1], piece[2], piece[3]]);
        let len = u32::from_le_bytes([piece[4], piece[5], piece[6], piece[7]]).min(PIECE_BYTES_MAX);
        charge(guest, len.into()).await?;
        text.extend_from_slice(memory::read(guest, memory, address, len)?);
    }
    guest.data_mut().note_panic(&text);
    let len = u32::try_from(text.len()).unwrap_or(u32::MAX);
    put(guest, written, &len.to_le_bytes())
}

fn environ_sizes_get(mut guest: Guest<'_>, count: u32, bytes: u32) -> Result<u32> {
    put(&mut guest, count, &[0; 4])?;
    put(&mut guest, bytes, &[0; 4])
}

fn proc_exit(_: Guest<'_>, code: u32) -> Result<()> {
    wasmtime::bail!("the guest left with exit code {code}")
}

fn put(guest: &mut Guest<'_>, address: u32, bytes: &[u8]) -> Result<u32> {
    let memory = memory_of(guest)?;
    memory::write(guest, memory, address, bytes)?;
    Ok(SUCCESS)
}
