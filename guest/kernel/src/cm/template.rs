//! The hive in memory as it is before anything has happened: a part of the kernel image (`build/registry.rs`).

use regf::{KeyId, ValueId};

include!(concat!(env!("OUT_DIR"), "/memory.rs"));

/// A hive file that begins on a page.
#[repr(C, align(4096))]
struct File([u8; LEN]);

static FILE: File = File(*include_bytes!(concat!(env!("OUT_DIR"), "/memory.hive")));

/// The hive's file.
pub fn file() -> &'static [u8] {
    &FILE.0
}
