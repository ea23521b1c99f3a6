//! Link arguments of the guest's PE images. A program's `build.rs` is
//!
//! ```ignore
//! #[path = "../rt/link.rs"]
//! mod link;
//!
//! fn main() {
//!     link::native_program();
//! }
//! ```

/// Arguments for a native program that begins at `NtProcessStartup`.
#[allow(dead_code, clippy::allow_attributes, reason = "shared by all build scripts")]
pub fn native_program() {
    let [merge, writable] = ONE_DATA_SECTION;
    link("link-arg-bins", &["/entry:NtProcessStartup", "/base:0x140000000", merge, writable]);
}

/// Arguments for a program of the Windows subsystem with windows (IMAGE_SUBSYSTEM_WINDOWS_GUI): the session manager hands it
/// to csrss. It begins as a native one does.
#[allow(dead_code, clippy::allow_attributes, reason = "shared by all build scripts")]
pub fn gui_program() {
    let [merge, writable] = ONE_DATA_SECTION;
    link(
        "link-arg-bins",
        &["/subsystem:windows", "/entry:NtProcessStartup", "/base:0x140000000", merge, writable],
    );
}

/// Arguments for ntdll.dll, which has no entry point of its own: the kernel starts threads in it by the names
/// of its exports. Its base is NT's classic one, in the GiB of addresses that PEB, TEBs and first stack are in.
#[allow(dead_code, clippy::allow_attributes, reason = "shared by all build scripts")]
pub fn system_dll() {
    link("link-arg", &["/noentry", "/base:0x77F40000"]);
}

/// Constants share a section with data that is written to: the loader fills in the imports there without asking the kernel for
/// another protection and back, and a small program takes one page of the file for both.
const ONE_DATA_SECTION: [&str; 2] = ["/merge:.data=.rdata", "/section:.rdata,rw"];

/// Arguments for csrss.exe, which lies with its DLLs.
#[allow(dead_code, clippy::allow_attributes, reason = "shared by all build scripts")]
pub fn subsystem_program() {
    let [merge, writable] = ONE_DATA_SECTION;
    link("link-arg-bins", &["/entry:NtProcessStartup", "/base:0x77E00000", merge, writable]);
}

/// Arguments for a server DLL of csrss, which has no entry point either. Bases differ, so that none is relocated, and lie in
/// the 2 MiB below ntdll, whose page table there is anyway. Constants go to the code, the import addresses to the data.
#[allow(dead_code, clippy::allow_attributes, reason = "shared by all build scripts")]
pub fn server_dll(base: &str) {
    link("link-arg", &["/noentry", base, "/merge:.rdata=.text", "/merge:.idata=.data"]);
}

fn link(kind: &str, own: &[&str]) {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() != Ok("windows") {
        return;
    }
    let shared = [
        // No C library: `rt` has what compiled code needs.
        "/nodefaultlib",
        "/subsystem:native",
        // Section data begins on file pages, so that the kernel maps it and copies nothing.
        "/filealign:4096",
        // Every section takes a page of the file and of memory: unwind data goes to the constants.
        "/merge:.pdata=.rdata",
        // Relocatable, and loaded away from where the linker put it only when that is taken.
        "/dynamicbase",
        "/fixed:no",
        // The same bytes for the same source: no time, no path of the building machine.
        "/brepro",
        "/debug:none",
        "/opt:ref,icf",
        // The image checksum.
        "/release",
        // One page at once, the rest of the stack as it is touched.
        "/stack:0x40000,0x1000",
    ];
    // The last of two that contradict each other counts.
    for arg in shared.iter().chain(own) {
        println!("cargo::rustc-{kind}={arg}");
    }
}
