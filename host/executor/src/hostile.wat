;; A guest that does to the host whatever its program says: for tests and fuzzing of the wall.
;;
;; A program is a list of instructions of 17 bytes: an operation and four numbers a b c d (u32, little endian).
;; `data` is followed by b bytes of its own. It stands where the bytecode stands in an invocation.
(module
  (import "picloud" "call" (func $call (param i32 i32) (result i32)))
  (import "picloud" "take" (func $take (param i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $environ_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  ;; The invocation is taken to 64 KiB; what lies below is the program's to use.
  (memory (export "memory") 4)
  (table $table 1 funcref)

  (func (export "abi_version") (result i32) (i32.const 10))

  (func $recurse (param i32) (result i32)
    (i32.add (call $recurse (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))

  (func (export "run") (param $len i32) (result i64)
    (local $start i32) (local $end i32) (local $at i32) (local $shift i32) (local $byte i32)
    (local $a i32) (local $b i32) (local $c i32) (local $d i32)
    (call $take (i32.const 0x10000))
    ;; The program is the first field of the invocation: its length as LEB128, then its bytes.
    (local.set $start (i32.const 0x10000))
    (loop $length
      (local.set $byte (i32.load8_u (local.get $start)))
      (local.set $end (i32.or (local.get $end)
        (i32.shl (i32.and (local.get $byte) (i32.const 0x7f)) (local.get $shift))))
      (local.set $shift (i32.add (local.get $shift) (i32.const 7)))
      (local.set $start (i32.add (local.get $start) (i32.const 1)))
      (br_if $length (i32.and (local.get $byte) (i32.const 0x80))))
    (local.set $end (i32.add (local.get $end) (local.get $start)))
    (local.set $at (local.get $start))
    (loop $next
      (if (i32.gt_u (i32.add (local.get $at) (i32.const 17)) (local.get $end))
        (then (return (i64.const 0))))
      (local.set $a (i32.load offset=1 (local.get $at)))
      (local.set $b (i32.load offset=5 (local.get $at)))
      (local.set $c (i32.load offset=9 (local.get $at)))
      (local.set $d (i32.load offset=13 (local.get $at)))
      (local.set $byte (i32.load8_u (local.get $at)))
      (local.set $at (i32.add (local.get $at) (i32.const 17)))
      (block $jump (block $data (block $store (block $fill (block $spin (block $unreachable (block $recursion
      (block $table_grow (block $memory_grow (block $exit (block $poll (block $environ (block $sizes
      (block $write (block $random (block $taking (block $calling (block $answer
        (br_table $answer $calling $taking $random $write $sizes $environ $poll $exit $memory_grow
          $table_grow $recursion $unreachable $spin $fill $store $data $jump $next (local.get $byte)))
        (return (i64.or (i64.shl (i64.extend_i32_u (local.get $a)) (i64.const 32))
          (i64.extend_i32_u (local.get $b)))))
        (drop (call $call (local.get $a) (local.get $b))) (br $next))
        (call $take (local.get $a)) (br $next))
        (drop (call $random_get (local.get $a) (local.get $b))) (br $next))
        (drop (call $fd_write (local.get $a) (local.get $b) (local.get $c) (local.get $d))) (br $next))
        (drop (call $environ_sizes_get (local.get $a) (local.get $b))) (br $next))
        (drop (call $environ_get (local.get $a) (local.get $b))) (br $next))
        (drop (call $poll_oneoff (local.get $a) (local.get $b) (local.get $c) (local.get $d))) (br $next))
        (call $proc_exit (local.get $a)) (br $next))
        (drop (memory.grow (local.get $a))) (br $next))
        (drop (table.grow $table (ref.null func) (local.get $a))) (br $next))
        (drop (call $recurse (local.get $a))) (br $next))
        (unreachable))
        (loop $for_ever (br $for_ever)))
        (memory.fill (local.get $a) (local.get $b) (local.get $c)) (br $next))
        (i32.store (local.get $a) (local.get $b)) (br $next))
        (memory.copy (local.get $a) (local.get $at) (local.get $b))
        (local.set $at (i32.add (local.get $at) (local.get $b))) (br $next))
      (local.set $at (i32.add (local.get $start) (local.get $a)))
      (br $next))
    (unreachable)))
