//! Room for sandboxes, sized to what the machine has: the widest arrangement that the address space allows.

use anyhow::Context as _;
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, Memory, MemoryType, PoolingAllocationConfig, Store,
};

use crate::guest::Guest;
use crate::layout::{self, Layout};
use crate::sandbox::LAST_WORDS_MEMORY;

/// Memory of an instance that stays resident and is reset by hand rather than unmapped.
const KEEP_RESIDENT_BYTES: usize = 2 << 20;
/// Address space that a pool leaves to the rest of the process: compilations (64 MiB each), and the heap, which reserves
/// 64 MiB for each thread.
const ROOM_BYTES: u64 = 512 << 20;
/// Below this many places a pool is not worth having.
const PLACES_MIN: u32 = 4;

/// What is wanted of the pool.
#[derive(Clone, Copy, Debug)]
pub struct PoolConfig {
    /// Sandboxes at the same time.
    pub runs_max: u32,
    /// The largest memory that any run may have.
    pub memory_bytes_max: u32,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrangement {
    /// How memories lie.
    pub layout: Layout,
    /// Sandboxes at the same time; `None` when they are made on demand.
    pub places: Option<u32>,
}

impl std::fmt::Display for Arrangement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let layout = match self.layout {
            Layout::Wide => "4 GiB",
            Layout::Narrow => "64 MiB",
        };
        match self.places {
            Some(places) => write!(f, "a pool of {places} sandboxes of {layout} address space each"),
            None => write!(f, "sandboxes of {layout} address space each, made on demand"),
        }
    }
}

/// From the fastest to the most modest: halve the pool, then the reservation, then do without a pool.
fn ladder(runs_max: u32) -> impl Iterator<Item = Arrangement> {
    let halves = move |layout| {
        std::iter::successors(Some(runs_max), |places| Some(places / 2))
            .take_while(move |places| *places >= PLACES_MIN.min(runs_max))
            .map(move |places| Arrangement {
                layout,
                places: Some(places),
            })
    };
    // A pool of half the places is better than the slower code; a quarter is not.
    let wide = halves(Layout::Wide).take(2);
    let narrow = halves(Layout::Narrow);
    wide.chain(narrow).chain([Arrangement {
        layout: Layout::Narrow,
        places: None,
    }])
}

/// The guest that `load` loads, on the best arrangement that this machine can hold.
pub(crate) fn guest(
    wanted: PoolConfig,
    load: fn(&Engine, Layout) -> anyhow::Result<Guest>,
) -> anyhow::Result<(Guest, Arrangement)> {
    let mut refused = Vec::new();
    for arrangement in ladder(wanted.runs_max.max(1)) {
        let fitting = engine(arrangement, wanted)
            .and_then(|engine| load(&engine, arrangement.layout))
            .and_then(|guest| match arrangement.places {
                Some(_) => room_is_left().map(|()| guest),
                None => Ok(guest),
            });
        match fitting {
            Ok(guest) => {
                if !refused.is_empty() {
                    tracing::warn!("{arrangement}, as larger ones do not fit: {}", refused.join("; "));
                }
                return Ok((guest, arrangement));
            }
            Err(error) => refused.push(format!("{arrangement}: {error:#}")),
        }
    }
    anyhow::bail!("no arrangement of sandboxes fits this machine: {}", refused.join("; "))
}

fn engine(arrangement: Arrangement, wanted: PoolConfig) -> anyhow::Result<Engine> {
    let mut config = layout::config(arrangement.layout);
    if let Some(places) = arrangement.places {
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(
            places,
            arrangement.layout,
            wanted,
        )));
    }
    new_engine(&config)
}

/// Whether a pool leaves address space for the rest of the process. Reserved and given back, never touched.
fn room_is_left() -> anyhow::Result<()> {
    let mut config = layout::config(Layout::Narrow);
    config.memory_reservation(ROOM_BYTES);
    let mut store = Store::new(&new_engine(&config)?, ());
    Memory::new(&mut store, MemoryType::new(0, None))
        .map(drop)
        .map_err(anyhow::Error::from)
        .context("it leaves nothing for the rest of the process")
}

/// For what is used rarely, or not bounded by places.
pub(crate) fn on_demand_engine(layout: Layout) -> anyhow::Result<Engine> {
    new_engine(&layout::config(layout))
}

/// How memories lie that are made on demand beside an arrangement: narrow, where that holds what a run may have.
pub(crate) fn layout_on_demand(arrangement: Arrangement, wanted: PoolConfig) -> Layout {
    if u64::from(wanted.memory_bytes_max) <= Layout::NARROW_BYTES_MAX {
        Layout::Narrow
    } else {
        arrangement.layout
    }
}

fn new_engine(config: &Config) -> anyhow::Result<Engine> {
    Engine::new(config)
        .map_err(anyhow::Error::from)
        .context("making the engine")
}

fn pool(places: u32, layout: Layout, wanted: PoolConfig) -> PoolingAllocationConfig {
    let memory_bytes = u64::from(wanted.memory_bytes_max.saturating_mul(LAST_WORDS_MEMORY));
    let memory_bytes = memory_bytes.min(layout.reservation_bytes());
    let mut pool = PoolingAllocationConfig::new();
    pool.total_core_instances(places)
        .total_memories(places)
        .total_tables(places)
        .total_stacks(places);
    pool.max_memories_per_module(1)
        .max_tables_per_module(1)
        .table_elements(20_000);
    pool.max_memory_size(usize::try_from(memory_bytes).unwrap_or(usize::MAX));
    pool.linear_memory_keep_resident(KEEP_RESIDENT_BYTES)
        .table_keep_resident(64 << 10)
        .async_stack_keep_resident(64 << 10);
    // Resets only pages that were written; Linux has it since 6.7.
    pool.pagemap_scan(Enabled::Auto);
    pool
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ladder_goes_from_fast_to_modest() {
        let steps: Vec<_> = ladder(64).collect();
        assert_eq!(
            steps[0],
            Arrangement {
                layout: Layout::Wide,
                places: Some(64)
            }
        );
        assert_eq!(
            steps[1],
            Arrangement {
                layout: Layout::Wide,
                places: Some(32)
            }
        );
        assert_eq!(
            steps[2],
            Arrangement {
                layout: Layout::Narrow,
                places: Some(64)
            }
        );
        assert_eq!(
            *steps.last().unwrap(),
            Arrangement {
                layout: Layout::Narrow,
                places: None
            }
        );
    }

    #[test]
    fn a_single_place_is_a_pool_too() {
        assert_eq!(
            ladder(1).next(),
            Some(Arrangement {
                layout: Layout::Wide,
                places: Some(1)
            })
        );
    }
}
