//! What the host computes for scripts.

mod passwords;
mod scripts;
mod tokens;
mod vectors;
mod wycheproof;
