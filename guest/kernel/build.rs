//! Link arguments of the kernel image.

fn main() {
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
