//! One sandbox at a time, without a server around it.

use anyhow::Context;
use picloud_executor::{Executor, PoolConfig};
use picloud_sdk::limits::Limits;

use super::Failure;
use crate::config::{Config, DataConfig, Env, OutboundConfig, PasswordConfig};

/// The executor and the limits that a server with this environment would have.
pub(super) struct Sandbox {
    pub(super) executor: Executor,
    pub(super) limits: Limits,
    pub(super) data: DataConfig,
    pub(super) outbound: OutboundConfig,
    pub(super) passwords: PasswordConfig,
    pub(super) source_bytes_max: u32,
    pub(super) module_depth_max: u32,
}

pub(super) fn start() -> Result<Sandbox, Failure> {
    start_with(|limits| limits)
}

/// With other limits than the environment's.
pub(super) fn start_with(change: impl FnOnce(Limits) -> Limits) -> Result<Sandbox, Failure> {
    let config = Config::from_env(&Env::process()).map_err(Failure::Usage)?;
    let limits = change(config.limits.run);
    let pool = PoolConfig {
        runs_max: 1,
        memory_bytes_max: limits.memory_bytes_max,
    };
    let executor = Executor::new(pool).context("cannot make a sandbox")?;
    Ok(Sandbox {
        executor,
        limits,
        data: config.data,
        outbound: config.outbound,
        passwords: config.passwords,
        source_bytes_max: config.limits.source_bytes_max,
        module_depth_max: config.limits.module_depth_max,
    })
}
