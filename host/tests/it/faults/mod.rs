//! What the machine and its clients do to a server: the real binary with too few descriptors, too little address space and
//! a full disk, told to stop under load, killed, flooded.

mod data;
mod descriptors;
mod disk;
mod flood;
mod kill;
mod memory;
mod start;
mod stop;
mod unread;
