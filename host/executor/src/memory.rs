//! The only code that looks into a guest's memory. Addresses come from the guest: every one is checked.

use wasmtime::{AsContext, AsContextMut, Memory};

/// An address range that is not all inside the guest's memory: the end of that guest.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct OutOfBounds {
    pub(crate) address: u32,
    pub(crate) len: u32,
    pub(crate) memory_bytes: usize,
}

impl std::fmt::Display for OutOfBounds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            address,
            len,
            memory_bytes,
        } = self;
        write!(
            f,
            "the guest named {len} bytes at {address:#x}, its memory has {memory_bytes}"
        )
    }
}

impl std::error::Error for OutOfBounds {}

/// `len` bytes at `address`, or proof that they are not there.
pub(crate) fn slice(memory: &[u8], address: u32, len: u32) -> Result<&[u8], OutOfBounds> {
    let start = address as usize;
    start
        .checked_add(len as usize)
        .and_then(|end| memory.get(start..end))
        .ok_or(OutOfBounds {
            address,
            len,
            memory_bytes: memory.len(),
        })
}

/// What the guest wrote there.
pub(crate) fn read<T>(
    store: &impl AsContext<Data = T>,
    memory: Memory,
    address: u32,
    len: u32,
) -> Result<&[u8], OutOfBounds>
where
    T: 'static,
{
    slice(memory.data(store.as_context()), address, len)
}

/// Writes into the guest.
pub(crate) fn write<T>(
    store: &mut impl AsContextMut<Data = T>,
    memory: Memory,
    address: u32,
    bytes: &[u8],
) -> Result<(), OutOfBounds>
where
    T: 'static,
{
    let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    memory.write(store, address as usize, bytes).map_err(|_| OutOfBounds {
        address,
        len,
        memory_bytes: 0,
    })
}
