//! The inside of the sandbox: Rhai for wasm32-wasip1.
//!
//! One crate, two builds. With feature `compiler`: source in, artifact out. With feature `runner`: artifact and event
//! in, outcome out, and no parser in the binary at all. Both register the same script API, the compiler only to
//! describe it. An instance serves one request and is thrown away, so nothing here is ever freed on purpose.
//!
//! Start at [`runner::run`] or [`compiler::compile`].

#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "on wasm32 a usize is a u32"
)]

#[cfg(all(feature = "compiler", feature = "runner"))]
compile_error!("a guest is either the compiler or the runner");

mod api;
mod engine;
mod host;
mod keep;
mod value;
mod words;

#[cfg(feature = "compiler")]
mod arguments;
#[cfg(feature = "compiler")]
mod compiler;
#[cfg(feature = "compiler")]
mod describe;
#[cfg(feature = "compiler")]
mod known;
#[cfg(feature = "compiler")]
mod linkage;
#[cfg(feature = "compiler")]
mod lint;
#[cfg(feature = "compiler")]
mod natives;
#[cfg(feature = "compiler")]
mod parts;
#[cfg(feature = "compiler")]
mod places;
#[cfg(feature = "compiler")]
mod position;
#[cfg(feature = "compiler")]
mod tokens;
#[cfg(feature = "runner")]
mod assign;
#[cfg(feature = "runner")]
mod failure;
#[cfg(feature = "runner")]
mod modules;
#[cfg(feature = "runner")]
mod runner;
