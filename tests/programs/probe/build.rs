//! Links the probe as a native program.

#[path = "../../../guest/rt/link.rs"]
mod link;

fn main() {
    link::native_program();
    // The kernel enters these, if there is no ntdll in the process.
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("windows") {
        for dispatcher in ["KiUserApcDispatcher", "KiUserExceptionDispatcher"] {
            println!("cargo::rustc-link-arg-bins=/export:{dispatcher}");
        }
    }
}
