//! What the machine, or the cgroup that confines us, has.

use std::fs;
use std::path::Path;

/// Where nothing can be found out: a small machine's.
const MEMORY_BYTES_GUESS: u64 = 1 << 30;

/// The memory that this process may have: its cgroup's limit (version 2, any level), or the machine's.
pub(super) fn memory_bytes() -> u64 {
    let machine = fs::read_to_string("/proc/meminfo")
        .ok()
        .and_then(|text| total_of(&text));
    let cgroup = fs::read_to_string("/proc/self/cgroup").ok().and_then(|text| {
        let own = text.lines().find_map(|line| line.strip_prefix("0::/"))?.to_owned();
        limit_of(Path::new("/sys/fs/cgroup"), &own)
    });
    let known = machine.into_iter().chain(cgroup).min();
    known.unwrap_or(MEMORY_BYTES_GUESS)
}

/// `MemTotal` of `/proc/meminfo`.
fn total_of(meminfo: &str) -> Option<u64> {
    let rest = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = rest.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

/// The smallest `memory.max` from `own` up to the root.
fn limit_of(root: &Path, own: &str) -> Option<u64> {
    let folder = root.join(own);
    folder
        .ancestors()
        .take_while(|folder| folder.starts_with(root))
        .filter_map(|folder| fs::read_to_string(folder.join("memory.max")).ok()?.trim().parse().ok())
        .min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machines_total_is_in_kib() {
        let text = "MemTotal:       24689812 kB\nMemFree:        20911324 kB\n";
        assert_eq!(total_of(text), Some(24_689_812 * 1024));
        assert_eq!(total_of("MemFree: 1 kB"), None);
    }

    #[test]
    fn the_tightest_cgroup_above_counts() {
        let root = tempfile::tempdir().unwrap();
        let inner = root.path().join("system.slice/picloud.service");
        fs::create_dir_all(&inner).unwrap();
        fs::write(inner.join("memory.max"), "max\n").unwrap();
        fs::write(root.path().join("system.slice/memory.max"), "268435456\n").unwrap();
        assert_eq!(limit_of(root.path(), "system.slice/picloud.service"), Some(256 << 20));
        assert_eq!(limit_of(root.path(), "elsewhere"), None);
    }
}
