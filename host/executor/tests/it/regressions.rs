//! The fuzz targets on stable: what was found once, and the corpora they start from, through the same checks.

use std::fs;
use std::path::{Path, PathBuf};

#[path = "../../../../fuzz/checks/guest_memory.rs"]
mod guest_memory;
#[path = "../../../../fuzz/checks/script.rs"]
mod script;
#[path = "../../../../fuzz/checks/wire_decode.rs"]
mod wire_decode;

fn replay(target: &str, check: fn(&[u8])) {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz");
    let files: Vec<PathBuf> = ["corpus", "regressions"]
        .into_iter()
        .filter_map(|kind| fs::read_dir(fuzz.join(kind).join(target)).ok())
        .flatten()
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| {
            path.file_name()
                .is_some_and(|name| !name.as_encoded_bytes().starts_with(b"."))
        })
        .collect();
    assert!(!files.is_empty(), "the corpus of {target} is gone");
    for file in files {
        check(&fs::read(&file).expect("a readable input"));
    }
}

#[test]
fn wire_decode_again() {
    replay("wire_decode", wire_decode::check);
}

#[test]
fn guest_memory_again() {
    replay("guest_memory", guest_memory::check);
}

#[test]
fn scripts_again() {
    replay("script", script::check);
}
