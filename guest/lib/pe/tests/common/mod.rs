//! Image files for the tests, made by the toolchain that makes the guest's own.
#![allow(dead_code, clippy::allow_attributes, reason = "no test uses all of it")]

use std::process::Command;
use std::sync::LazyLock;

/// A library: exports by name and by ordinal only, forwards, relocations, writable data, TLS.
pub static LIBRARY: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let args = [
        "--crate-type=cdylib",
        "-Clink-arg=/noentry",
        "-Clink-arg=/release",
        "-Clink-arg=/export:RtlForward=NTDLL.RtlAllocateHeap",
        "-Clink-arg=/export:hidden,@40,NONAME",
    ];
    compile("library", LIBRARY_SOURCE, &args)
});

/// A native program: imports by name and by ordinal, page-aligned sections as in the guest's.
pub static PROGRAM: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let args = [
        "--crate-type=bin",
        "-Clink-arg=/subsystem:native",
        "-Clink-arg=/entry:NtProcessStartup",
        "-Clink-arg=/filealign:4096",
        "-Clink-arg=/stack:0x40000,0x3000",
    ];
    compile("program", PROGRAM_SOURCE, &args)
});

const LIBRARY_SOURCE: &str = r#"
#![no_std]
#[repr(C)]
pub struct Tls([*const u32; 2], *const u32, *const [Option<extern "C" fn()>; 2], u32, u32);
unsafe impl Sync for Tls {}
pub static TEMPLATE: [u32; 4] = [1, 2, 3, 4];
pub static mut INDEX: u32 = 0;
pub static CALLBACKS: [Option<extern "C" fn()>; 2] = [Some(first), None];
#[unsafe(no_mangle)]
pub static _tls_used: Tls = Tls(
    [TEMPLATE.as_ptr(), TEMPLATE.as_ptr().wrapping_add(4)],
    &raw const INDEX, &raw const CALLBACKS, 16, 0x0030_0000);
#[unsafe(no_mangle)] pub extern "C" fn first() {}
#[unsafe(no_mangle)] pub extern "C" fn second() -> u32 { unsafe { INDEX } }
#[unsafe(no_mangle)] pub extern "C" fn hidden() -> u32 { 40 }
#[unsafe(no_mangle)] pub static mut TABLE: [Option<extern "C" fn()>; 700] = [Some(first); 700];
#[panic_handler] fn panic(_: &core::panic::PanicInfo<'_>) -> ! { loop {} }
"#;

const PROGRAM_SOURCE: &str = r#"
#![no_std]
#![no_main]
#[link(name = "ntdll.dll", kind = "raw-dylib", modifiers = "+verbatim")]
unsafe extern "C" {
    fn NtTerminateProcess(process: usize, status: u32) -> u32;
    fn NtDisplayString(text: usize) -> u32;
    #[link_ordinal(8)] fn eighth() -> u32;
}
#[link(name = "other.dll", kind = "raw-dylib", modifiers = "+verbatim")]
unsafe extern "C" { fn OtherThing(); }
static mut ZEROES: [u8; 20000] = [0; 20000];
static mut POINTER: *mut u8 = (&raw mut ZEROES).cast();
#[unsafe(no_mangle)]
pub extern "C" fn NtProcessStartup(peb: usize) -> ! {
    unsafe {
        (&raw mut POINTER).read_volatile().add(peb).write_volatile(1);
        OtherThing();
        NtDisplayString(eighth() as usize);
        NtTerminateProcess(usize::MAX, 0);
    }
    loop {}
}
#[panic_handler] fn panic(_: &core::panic::PanicInfo<'_>) -> ! { loop {} }
"#;

fn compile(name: &str, source: &str, args: &[&str]) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (input, output) = (folder.path().join("source.rs"), folder.path().join("image"));
    std::fs::write(&input, source).expect("the source is written");
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let result = Command::new(rustc)
        .args(["--edition=2024", "--target=x86_64-pc-windows-msvc", "-Clinker=rust-lld", "-Awarnings"])
        .args(["-Copt-level=1", "-Cpanic=abort", "-Clink-arg=/nodefaultlib", "--crate-name", name])
        .args(args)
        .arg("-o")
        .args([&output, &input])
        .output()
        .expect("rustc runs");
    assert!(result.status.success(), "{}", String::from_utf8_lossy(&result.stderr));
    std::fs::read(&output).expect("rustc wrote an image")
}

/// Maps an image as a loader does, without relocating it.
pub fn map(image: &pe::Image<'_>) -> Vec<u8> {
    let mut memory = vec![0; image.size_of_image() as usize];
    let headers = image.size_of_headers() as usize;
    memory[..headers].copy_from_slice(&image.bytes()[..headers]);
    for section in image.sections() {
        let section = section.expect("a good section");
        let data = &image.bytes()[section.file_offset as usize..][..section.raw_len as usize];
        memory[section.rva as usize..][..data.len()].copy_from_slice(data);
    }
    memory
}
