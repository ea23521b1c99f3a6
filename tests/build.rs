//! Builds the native test programs with the guest's own toolchain set-up.

use std::process::ExitCode;

fn main() -> ExitCode {
    smvm_image_builder::programs_script(&["probe"])
}
