//! What the host computes for scripts.

mod hostile;
mod passwords;
mod scripts;
mod tokens;
mod vectors;
mod wycheproof;
