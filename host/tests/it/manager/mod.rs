//! The management API, through its front door, on both databases.

mod access;
mod apps;
mod bodies;
mod dashboard;
mod executions;
mod isolation;
mod modules;
mod names;
mod openapi;
mod routes;
mod sandboxed;
mod scripts;
mod tokens;
mod versions;

#[test]
fn the_bounds_are_documented() {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/bounds.md");
    let document = std::fs::read_to_string(file).unwrap();
    let (_, rows) = document.split_once("|---|---|\n").unwrap();
    let row = |(what, most, unit): &(&str, usize, &str)| format!("| {what} | {most} {unit} |\n");
    let table: String = picloud::manager::BOUNDS.iter().map(row).collect();
    assert!(rows == table, "the table of docs/bounds.md should be:\n{table}");
}
