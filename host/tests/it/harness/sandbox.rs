//! The real executor, one for all tests of the process.

use std::sync::{Arc, LazyLock};

use picloud::orchestrator::Engine;
use picloud_executor::{Executor, PoolConfig};

use super::names::Names;

/// As a server has it, with a small pool.
pub(crate) fn engine() -> Engine {
    static EXECUTOR: LazyLock<Arc<Executor>> = LazyLock::new(|| {
        let pool = PoolConfig {
            runs_max: 64,
            memory_bytes_max: 64 << 20,
        };
        Arc::new(Executor::new(pool).unwrap())
    });
    Engine {
        runner: EXECUTOR.clone(),
        compiler: EXECUTOR.clone(),
        guest_hash: Executor::guest_hash(),
        resolver: Arc::new(Names::default()),
    }
}
