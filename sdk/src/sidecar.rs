//! From instruction addresses back to places in the source.
//!
//! Artifacts carry no positions: the host keeps them beside the artifact and looks there only when a run fails.

use serde::{Deserialize, Serialize};

/// Where a frame of a failed run stopped, as an address in the artifact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Byte offset of the instruction.
    pub address: u32,
    /// Which step of a chain such as `a.b[i].c`, where the instruction is one.
    pub slot: Option<u32>,
}

/// A place in a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// 1-based.
    pub line: u32,
    /// 1-based, in Unicode scalar values; 0 is the start of the line.
    pub column: u32,
}

/// The positions of one artifact, both tables in ascending order of their keys.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sidecar {
    /// By instruction address.
    pub addresses: Vec<(u32, Site)>,
    /// By chain slot.
    pub slots: Vec<(u32, Site)>,
}

impl Sidecar {
    /// Where `fault` was; the slot first, as a chain's address names all its steps alike.
    #[must_use]
    pub fn resolve(&self, fault: Fault) -> Option<Site> {
        fault
            .slot
            .and_then(|slot| find(&self.slots, slot))
            .or_else(|| find(&self.addresses, fault.address))
    }
}

fn find(table: &[(u32, Site)], key: u32) -> Option<Site> {
    table
        .binary_search_by_key(&key, |(at, _)| *at)
        .ok()
        .map(|index| table[index].1)
}
