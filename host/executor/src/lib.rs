//! All of wasmtime, and nothing else: one sandbox for every run.

mod seam;

pub use seam::*;
