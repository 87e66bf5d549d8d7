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

/// What of an instruction an error is about. Where there is no such thing, it is the instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Blame {
    /// What it does.
    #[default]
    Step,
    /// The name that it begins with.
    Name,
    /// The `[` before an index, rather than what stands in it.
    Bracket,
    /// The `=` or `+=`.
    Operator,
}

/// A place in a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// 1-based.
    pub line: u32,
    /// 1-based, in Unicode scalar values; 0 is the start of the line.
    pub column: u32,
}

/// The positions of one artifact, all tables in ascending order of their keys.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sidecar {
    /// By instruction address.
    pub addresses: Vec<(u32, Site)>,
    /// By chain slot.
    pub slots: Vec<(u32, Site)>,
    /// By instruction address: the name that a chain or a call begins with, where that is not at its own place.
    pub names: Vec<(u32, Site)>,
    /// By chain slot, of those that are an index.
    pub brackets: Vec<(u32, Site)>,
    /// By chain slot, of those that are assigned to.
    pub operators: Vec<(u32, Site)>,
    /// Addresses of loops' turns, where a run may be stopped and nothing is called.
    pub turns: Vec<u32>,
    /// What was probably meant by a name that is nowhere, by the name's place; in no order.
    pub hints: Vec<(Site, String)>,
    /// By the address behind their last: the functions, each with its name; the file level has none.
    pub functions: Vec<(u32, String)>,
}

impl Sidecar {
    /// Where `fault` was; the slot first, as a chain's address names all its steps alike.
    #[must_use]
    pub fn resolve(&self, fault: Fault, blame: Blame) -> Option<Site> {
        let slot_in = |table| fault.slot.and_then(|slot| find(table, slot));
        let blamed = match blame {
            Blame::Step => None,
            Blame::Name => find(&self.names, fault.address),
            Blame::Bracket => slot_in(&self.brackets),
            Blame::Operator => slot_in(&self.operators),
        };
        blamed
            .or_else(|| slot_in(&self.slots))
            .or_else(|| find(&self.addresses, fault.address))
    }

    /// The function that an address is in; empty at file level.
    #[must_use]
    pub fn function_at(&self, address: u32) -> Option<&str> {
        let index = self.functions.partition_point(|(end, _)| *end <= address);
        self.functions.get(index).map(|(_, name)| name.as_str())
    }

    /// Whether nothing is called there.
    #[must_use]
    pub fn is_turn(&self, address: u32) -> bool {
        self.turns.binary_search(&address).is_ok()
    }

    /// What was probably meant by the name at a place.
    #[must_use]
    pub fn hint_at(&self, site: Site) -> Option<&str> {
        let hint = self.hints.iter().find(|(at, _)| *at == site);
        hint.map(|(_, meant)| meant.as_str())
    }

    /// How many places it knows.
    #[must_use]
    pub const fn len(&self) -> usize {
        let others = self.names.len()
            + self.brackets.len()
            + self.operators.len()
            + self.turns.len()
            + self.hints.len()
            + self.functions.len();
        self.addresses.len() + self.slots.len() + others
    }

    /// Whether it knows none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

fn find(table: &[(u32, Site)], key: u32) -> Option<Site> {
    table
        .binary_search_by_key(&key, |(at, _)| *at)
        .ok()
        .map(|index| table[index].1)
}
