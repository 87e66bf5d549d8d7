//! How sandboxes lie in memory, and every option of the engine with its why.
//!
//! Compiled twice: into the build script, which compiles the guests, and into the executor, which loads them. What the
//! machine code depends on must be the same in both, so it is all here.

use wasmtime::{Config, OperatorCost};

/// How much address space a sandbox's memory reserves; machine code is made for one or the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// 4 GiB each: an address cannot leave it, so the code checks no bounds.
    Wide,
    /// The memory's largest size each, with checks in the code: for machines with little address space.
    Narrow,
}

impl Layout {
    /// What [`Layout::Narrow`] can hold.
    pub const NARROW_BYTES_MAX: u64 = 64 << 20;

    /// What one memory reserves.
    #[must_use]
    pub const fn reservation_bytes(self) -> u64 {
        match self {
            Self::Wide => 4 << 30,
            Self::Narrow => Self::NARROW_BYTES_MAX,
        }
    }
}

/// The engine's options for `layout`, without an allocation strategy.
pub(crate) fn config(layout: Layout) -> Config {
    let mut config = Config::new();

    // A deterministic budget. Work in one instruction is paid by the byte; growing costs the host a page of zeroes.
    let mut cost = OperatorCost::default();
    cost.variable.memory_grow_per_page = 255;
    config.consume_fuel(true).operator_cost(cost);

    // The guests are Rust with plain wasm: what is switched off has no bugs.
    config.wasm_simd(false).wasm_relaxed_simd(false);
    config
        .wasm_tail_call(false)
        .wasm_multi_memory(false)
        .wasm_memory64(false);
    config
        .wasm_extended_const(false)
        .wasm_custom_page_sizes(false)
        .wasm_wide_arithmetic(false);
    config.concurrency_support(false).shared_memory(false);

    config.memory_reservation(layout.reservation_bytes());
    config.memory_guard_size(match layout {
        Layout::Wide => 32 << 20,
        Layout::Narrow => 64 << 10,
    });
    // Nothing ever moves: a memory may grow to its reservation and no further.
    config.memory_may_move(false).memory_reservation_for_growth(0);
    // An instance starts as a copy-on-write mapping of the snapshot.
    config
        .memory_init_cow(true)
        .memory_guaranteed_dense_image_size(16 << 20);

    // Script functions recurse on this stack; the rest of a fiber's is for host calls.
    config.max_wasm_stack(1 << 20).async_stack_size(2 << 20);
    // Stacks are reused by the next tenant.
    config.async_stack_zeroing(true);

    // A trap is told by its code; a backtrace of the interpreter tells nobody anything.
    config
        .wasm_backtrace_max_frames(None)
        .generate_address_map(false)
        .native_unwind_info(false);
    config
}
