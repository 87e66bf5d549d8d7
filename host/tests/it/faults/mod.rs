//! What the machine does to a server: the real binary with too few descriptors, too little address space, told to stop
//! under load, killed, flooded. A full disk is in `store/disk.rs`, as it takes a disk of its own.

mod descriptors;
mod flood;
mod kill;
mod memory;
mod start;
mod stop;
