//! What the guests are made of, and that asking again costs nothing.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Where the executor's build script has had them built.
fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
        .parent()
        .expect("the target folder")
        .join("guest")
}

#[test]
fn guests_are_made_of_their_own_sources_and_the_contract() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize();
    let workspace = workspace.expect("the workspace");
    let built = picloud_guest_build::build(&workspace, &target()).expect("the guests");
    let names: Vec<_> = built.iter().map(|guest| guest.name).collect();
    assert_eq!(names, picloud_guest_build::GUESTS.map(|guest| guest.name));

    for guest in &built {
        assert!(guest.wasm.starts_with(b"\0asm"), "{}", guest.name);
        let relative = guest.sources.iter().map(|source| {
            let below = source.strip_prefix(&workspace);
            below.unwrap_or_else(|_| panic!("{} is made of {}", guest.name, source.display()))
        });
        let relative: BTreeSet<&Path> = relative.collect();
        assert!(relative.contains(Path::new("guest/src/lib.rs")), "{relative:?}");
        assert!(relative.contains(Path::new("sdk/src/lib.rs")), "{relative:?}");
        for source in relative {
            assert!(
                source.starts_with("guest/src") || source.starts_with("sdk/src"),
                "{} is made of {}, whose changes would cost a build",
                guest.name,
                source.display()
            );
            // The host's own, texts for people among it.
            for host in ["sdk/src/limits.rs", "sdk/src/report.rs"] {
                assert_ne!(source, Path::new(host), "{}", guest.name);
            }
        }
    }

    // A path of this machine would make other bytes on another.
    let home = std::env::home_dir().expect("a home");
    for guest in &built {
        for path in [&workspace, &home.join(".cargo")] {
            let path = path.to_str().expect("UTF-8").as_bytes();
            let found = guest.wasm.windows(path.len()).any(|window| window == path);
            assert!(!found, "{} names {}", guest.name, String::from_utf8_lossy(path));
        }
    }
}
