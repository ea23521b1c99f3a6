//! Link arguments of the kernel image, and the hive that lies in it.

#[path = "build/registry.rs"]
mod registry;

fn main() {
    let (hive, places) = registry::hive().expect("the hive in memory can be made");
    let folder = std::path::PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo says where"));
    std::fs::write(folder.join("memory.hive"), hive).expect("there is room");
    std::fs::write(folder.join("memory.rs"), places).expect("there is room");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");

    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("none") {
        let here = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
        println!("cargo::rerun-if-changed={here}/hal/link.ld");
        println!("cargo::rustc-link-arg=-T{here}/hal/link.ld");
        println!("cargo::rustc-link-arg=--no-pie");
        println!("cargo::rustc-link-arg=--build-id=none");
        println!("cargo::rustc-link-arg=-znognustack");
        println!("cargo::rustc-link-arg=-zmax-page-size=4096");
    }
}
