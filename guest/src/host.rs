//! The wall, seen from inside: three imports, a few exports, the allocator, and the only `unsafe` of the guest.
#![expect(unsafe_code, reason = "what a wasm module shares with its host; see each SAFETY")]

#[cfg(feature = "runner")]
use std::alloc::{GlobalAlloc, Layout};
use std::cell::Cell;

use picloud_sdk::call::{Answer, Call, Envelope, HostCall};
#[cfg(feature = "runner")]
use picloud_sdk::event::Invocation;
use picloud_sdk::wire;
use rhai::Engine;

/// More than any host sends.
const MESSAGE_BYTES_MAX: usize = 1 << 30;

#[link(wasm_import_module = "picloud")]
unsafe extern "C" {
    /// Asks; the answer's length comes back and the answer waits until it is taken.
    fn call(ask: *const u8, ask_len: u32) -> u32;
    /// Copies what waits to `into`, which has room for it.
    fn take(into: *mut u8);
    /// Whether the run is to end now.
    #[cfg(feature = "runner")]
    fn is_over() -> u32;
}

thread_local! {
    /// Built once, before the snapshot; taken by the one request that an instance serves.
    static ENGINE: Cell<Option<Engine>> = const { Cell::new(None) };
    /// What time it is for the run, in milliseconds since 1970. It moves only with the host's answers.
    static NOW_MS: Cell<i64> = const { Cell::new(0) };
    /// Calls and turns of loops so far.
    #[cfg(feature = "runner")]
    static STEPS: Cell<u32> = const { Cell::new(0) };
}

/// After so many calls and turns of loops the host is asked whether there is fuel left.
#[cfg(feature = "runner")]
const STEPS_UNASKED: u32 = 64;

#[cfg(feature = "compiler")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

#[cfg(feature = "runner")]
#[global_allocator]
static ALLOCATOR: Attentive = Attentive(talc::wasm::new_wasm_dynamic_allocator());

/// Whoever asks for as much may be over its bound.
#[cfg(feature = "runner")]
const MUCH_BYTES: usize = 64 << 10;

/// An allocator after which the next step asks whether the run is over, when much was asked for: the host gives a run more
/// than it may have, once, to say where it was.
#[cfg(feature = "runner")]
struct Attentive(talc::wasm::WasmDynamicTalc);

#[cfg(feature = "runner")]
impl Attentive {
    #[inline]
    fn note(bytes: usize) {
        if bytes >= MUCH_BYTES {
            STEPS.set(u32::MAX);
        }
    }
}

// SAFETY: all that is asked of it is asked, as it is, of an allocator; setting a number beside it allocates nothing.
#[cfg(feature = "runner")]
unsafe impl GlobalAlloc for Attentive {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Self::note(layout.size());
        // SAFETY: the caller's promise is handed on.
        unsafe { self.0.alloc(layout) }
    }

    #[inline]
    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is handed on.
        unsafe { self.0.dealloc(memory, layout) }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        Self::note(layout.size());
        // SAFETY: the caller's promise is handed on.
        unsafe { self.0.alloc_zeroed(layout) }
    }

    #[inline]
    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        Self::note(bytes);
        // SAFETY: the caller's promise is handed on.
        unsafe { self.0.realloc(memory, layout, bytes) }
    }
}

/// What time it is for the run, in milliseconds since 1970.
pub(crate) fn now_ms() -> i64 {
    NOW_MS.get()
}

/// Whether the run is over. To be asked at each call and turn of a loop: the host is asked at every 64th, and at each
/// once it has said so.
#[cfg(feature = "runner")]
pub(crate) fn is_stopped() -> bool {
    let steps = STEPS.get().wrapping_add(1);
    // SAFETY: it takes nothing and touches no memory.
    if steps.is_multiple_of(STEPS_UNASKED) && unsafe { is_over() } != 0 {
        return true;
    }
    STEPS.set(steps);
    false
}

/// Asks the host and waits for its answer.
pub(crate) fn ask<'a, C: Call<'a>>(question: C) -> Answer<'static, C::Reply> {
    let question = wire::encode::<HostCall<'a>>(&question.into());
    // SAFETY: the host reads `question.len()` bytes from the pointer, during the call only.
    let len = unsafe { call(question.as_ptr(), question.len() as u32) };
    let Envelope { now_ms, answer } =
        wire::decode(taken(len), MESSAGE_BYTES_MAX).expect("the host speaks the contract");
    NOW_MS.set(now_ms);
    #[cfg(feature = "runner")]
    if matches!(answer, Answer::Stopped) {
        // The next step asks.
        STEPS.set(u32::MAX);
    }
    answer
}

/// What waits for us, leaked: the instance ends with the request.
fn taken(len: u32) -> &'static [u8] {
    let mut bytes = vec![0; len as usize];
    // SAFETY: the host writes exactly as many bytes as it announced, and the vector has that many.
    unsafe { take(bytes.as_mut_ptr()) };
    bytes.leak()
}

/// The way back: address in the upper half, length in the lower.
fn handed(bytes: Vec<u8>) -> u64 {
    let bytes = bytes.leak();
    ((bytes.as_ptr() as u64) << 32) | bytes.len() as u64
}

/// Compared by the host when it loads the module.
// SAFETY: the name is this module's alone.
#[unsafe(no_mangle)]
extern "C" fn abi_version() -> u32 {
    picloud_sdk::ABI_VERSION
}

/// Runs once, at build time: the snapshot is taken after it.
// SAFETY: the name is this module's alone.
#[unsafe(export_name = "wizer-initialize")]
extern "C" fn initialize() {
    let engine = crate::engine::build();
    #[cfg(feature = "compiler")]
    crate::known::gather(&engine);
    ENGINE.set(Some(engine));
    #[cfg(feature = "runner")]
    crate::runner::warm_up();
}

/// Serves the one request of this instance; `len` bytes wait to be taken.
// SAFETY: the name is this module's alone.
#[unsafe(no_mangle)]
extern "C" fn run(len: u32) -> u64 {
    let engine = ENGINE.take().expect("an instance serves one request");
    #[cfg(feature = "runner")]
    let answer = {
        let invocation: Invocation<'static> = wire::decode(taken(len), MESSAGE_BYTES_MAX).expect("an invocation");
        NOW_MS.set(invocation.context.now_ms);
        crate::runner::run(engine, &invocation)
    };
    #[cfg(feature = "compiler")]
    let answer = crate::compiler::compile(engine, &wire::decode(taken(len), MESSAGE_BYTES_MAX).expect("a source"));
    handed(answer)
}

/// The script API as JSON, for `sdk/api/script.json`.
// SAFETY: the name is this module's alone.
#[cfg(feature = "compiler")]
#[unsafe(no_mangle)]
extern "C" fn describe() -> u64 {
    handed(crate::describe::script_api(&ENGINE.take().expect("an instance serves one request")).into_bytes())
}
