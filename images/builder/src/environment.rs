//! The environment of the second cargo.
//!
//! What the outer cargo tells a build script would change what the inner one builds (flags,
//! profiles, `clippy-driver` as the compiler, coverage), or make it build everything again each
//! time the outer one is run in another way.

use std::process::Command;

/// Settings of cargo that say where things come from, not what is built.
const KEPT: [&str; 2] = ["CARGO_HOME", "CARGO_MAKEFLAGS"];
const KEPT_PREFIXES: [&str; 4] = ["CARGO_HTTP_", "CARGO_NET_", "CARGO_REGISTR", "CARGO_SOURCE_"];

/// Variables that build scripts get beside those of cargo's own, or that change what rustc does.
/// `RUSTC` and `RUSTUP_TOOLCHAIN` stay: it is the same toolchain.
const DROPPED: [&str; 16] = [
    "DEBUG",
    "HOST",
    "LD_LIBRARY_PATH",
    "LLVM_PROFILE_FILE",
    "NUM_JOBS",
    "OPT_LEVEL",
    "OUT_DIR",
    "PROFILE",
    "RUSTC_BOOTSTRAP",
    "RUSTC_LINKER",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "RUSTDOC",
    "RUSTDOCFLAGS",
    "RUSTFLAGS",
    "TARGET",
];

/// Takes what belongs to the outer cargo out of a command's environment.
pub fn clean_environment(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(belongs_to_outer) {
            command.env_remove(name);
        }
    }
}

fn belongs_to_outer(name: &str) -> bool {
    if name.starts_with("CARGO_") {
        let kept = KEPT.contains(&name) || KEPT_PREFIXES.iter().any(|kept| name.starts_with(kept));
        return !kept;
    }
    name.starts_with("DEP_") || DROPPED.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::belongs_to_outer;

    #[test]
    fn settings_of_the_outer_build_go_and_those_of_the_machine_stay() {
        let gone = [
            "CARGO_ENCODED_RUSTFLAGS",
            "CARGO_TARGET_DIR",
            "CARGO_BUILD_TARGET",
            "CARGO_PROFILE_DEV_DEBUG",
            "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS",
            "CARGO_CFG_TARGET_OS",
            "CARGO_LLVM_COV",
            "RUSTC_WORKSPACE_WRAPPER",
            "RUSTFLAGS",
            "DEP_Z_ROOT",
        ];
        let kept = [
            "CARGO",
            "CARGO_HOME",
            "CARGO_MAKEFLAGS",
            "CARGO_NET_OFFLINE",
            "CARGO_REGISTRIES_MINE_INDEX",
            "HOME",
            "PATH",
            "RUSTC",
            "RUSTUP_TOOLCHAIN",
        ];
        assert_eq!(gone.map(belongs_to_outer), [true; 10]);
        assert_eq!(kept.map(belongs_to_outer), [false; 9]);
    }
}
