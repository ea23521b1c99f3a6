//! Links win32k.sys: a kernel-mode image whose base is free in every session's space.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() != Ok("uefi") {
        return;
    }
    for argument in [
        "/entry:DriverEntry",
        "/subsystem:native",
        "/base:0x7EE000000000",
        // Pages that nothing changes are mapped where they lie in the file.
        "/filealign:4096",
        // Unwind data, constants, and the little that changes: one section each takes a page.
        "/merge:.pdata=.rdata",
        "/merge:.data=.rdata",
        "/section:.rdata,RW",
        "/fixed:no",
        "/dynamicbase",
        "/brepro",
        "/debug:none",
        "/opt:ref,icf",
        // The image checksum.
        "/release",
    ] {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
}
