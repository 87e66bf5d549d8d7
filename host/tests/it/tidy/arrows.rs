//! Who may name whom: the arrows of ARCHITECTURE.md.

use super::tree::{crate_paths, host_sources};

/// Who may name whom (`crate::<right>`). The first match from the top holds; a module may always name itself.
const MAY_USE: &[(&str, &[&str])] = &[
    ("edge", &["config", "ids", "problem"]),
    (
        "ingress",
        &[
            "edge",
            "orchestrator",
            "commit",
            "routing",
            "config",
            "ids",
            "clock",
            "problem",
        ],
    ),
    (
        "orchestrator",
        &[
            "world", "commit", "jobs", "triggers", "data", "outbound", "secrets", "routing", "linking", "store",
            "config", "ids", "clock", "random", "problem",
        ],
    ),
    (
        "world",
        &[
            "commit", "triggers", "data", "outbound", "secrets", "crypto", "config", "ids",
        ],
    ),
    (
        "deliver",
        &[
            "orchestrator",
            "world",
            "commit",
            "triggers",
            "schedule",
            "outbound",
            "store",
            "ids",
            "random",
        ],
    ),
    ("triggers", &["commit", "schedule", "store", "error", "ids", "problem"]),
    ("commit", &["data", "store", "ids", "random"]),
    ("jobs", &["world", "commit", "data", "store", "config", "ids", "clock"]),
    // Of the orchestrator only what `MANAGER_MAY_ASK` lists.
    (
        "manager",
        &[
            "deploy",
            "identity",
            "orchestrator",
            "world",
            "jobs",
            "commit",
            "triggers",
            "schedule",
            "data",
            "duration",
            "outbound",
            "secrets",
            "linking",
            "routing",
            "store",
            "names",
            "error",
            "config",
            "ids",
            "clock",
            "problem",
        ],
    ),
    (
        "deploy",
        &[
            "orchestrator",
            "triggers",
            "linking",
            "routing",
            "store",
            "error",
            "ids",
            "problem",
        ],
    ),
    ("identity", &["orchestrator", "store", "error", "ids", "problem"]),
    // Pure: what they are about is brought along.
    ("routing", &[]),
    ("schedule", &["duration"]),
    ("duration", &[]),
    ("linking", &["names", "ids", "problem"]),
    ("data", &[]),
    ("crypto", &[]),
    ("names", &[]),
    ("outbound", &["secrets", "store", "config", "ids"]),
    ("secrets", &["store", "config", "ids"]),
    ("store", &["config", "ids", "clock"]),
    (
        "cli",
        &[
            "edge",
            "serve",
            "commit",
            "world",
            "data",
            "duration",
            "manager",
            "deploy",
            "identity",
            "linking",
            "routing",
            "names",
            "outbound",
            "secrets",
            "store",
            "config",
            "shutdown",
            "telemetry",
            "orchestrator",
            "ids",
            "clock",
        ],
    ),
    ("clock", &[]),
    ("config", &[]),
    ("error", &["problem"]),
    ("ids", &["clock", "random"]),
    ("random", &[]),
    ("problem", &[]),
    (
        "serve",
        &[
            "edge",
            "ingress",
            "manager",
            "orchestrator",
            "deliver",
            "shutdown",
            "config",
            "commit",
            "problem",
        ],
    ),
    ("shutdown", &[]),
    ("telemetry", &["config"]),
];

/// The control plane reaches the data plane through these and nothing else.
const MANAGER_MAY_ASK: &[&str] = &[
    "Host",
    "current",
    "live",
    "dispatch",
    "report",
    "textual",
    "Order",
    "Happening",
    "Finished",
    "Subject",
    "DispatchError",
    "Refusal",
    "given",
    "replay",
    "Capsule",
    "Script",
    "AppScripts",
];

#[test]
fn arrows_point_one_way() {
    for file in host_sources() {
        let Some(module) = file.module() else { continue };
        let (_, may) = MAY_USE
            .iter()
            .find(|(name, _)| *name == module)
            .unwrap_or_else(|| panic!("{}: add the module {module} to MAY_USE", file.path));
        // What is no module is a macro at the crate's root, such as the store's.
        let modules = |named: &str| MAY_USE.iter().any(|(name, _)| *name == named);
        for (named, item) in crate_paths(&file.code())
            .into_iter()
            .filter(|(named, _)| modules(named))
        {
            assert!(
                named == module || may.contains(&named.as_str()),
                "{}: {module} may not name crate::{named} (MAY_USE): move the code or ask a question the other way",
                file.path
            );
            if module == "manager" && named == "orchestrator" {
                assert!(
                    item.is_empty() || MANAGER_MAY_ASK.contains(&item.as_str()),
                    "{}: the manager asks the orchestrator for {MANAGER_MAY_ASK:?} only, not for {item}",
                    file.path
                );
            }
        }
    }
}
