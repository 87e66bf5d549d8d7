//! The wall itself: what a guest can import.

#[test]
fn the_guest_imports_what_we_provide_and_no_more() {
    let mut imports: Vec<_> = picloud_executor::guest_imports().collect();
    imports.sort_unstable();
    assert_eq!(
        imports,
        [
            "picloud.call",
            "picloud.is_over",
            "picloud.take",
            "wasi_snapshot_preview1.environ_get",
            "wasi_snapshot_preview1.environ_sizes_get",
            "wasi_snapshot_preview1.fd_write",
            "wasi_snapshot_preview1.poll_oneoff",
            "wasi_snapshot_preview1.proc_exit",
            "wasi_snapshot_preview1.random_get",
        ]
    );
}
