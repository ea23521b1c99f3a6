//! Other monitors that run the same guests, for comparison.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde_json::json;

/// A monitor that `smvm bench` knows how to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// QEMU's `microvm` with KVM.
    Qemu,
    /// Firecracker.
    Firecracker,
}

/// A guest in files that any monitor can open.
#[derive(Clone, Debug)]
pub struct GuestFiles {
    /// The kernel.
    pub kernel: String,
    /// Its module.
    pub module: Option<String>,
    /// Its command line.
    pub cmdline: String,
    /// Its memory in bytes.
    pub memory: u64,
}

impl Peer {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Qemu, Self::Firecracker];

    /// A short name for options and JSON.
    pub fn id(self) -> &'static str {
        match self {
            Self::Qemu => "qemu",
            Self::Firecracker => "firecracker",
        }
    }

    /// A name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Qemu => "QEMU microvm",
            Self::Firecracker => "Firecracker",
        }
    }

    fn program(self) -> &'static str {
        match self {
            Self::Qemu => "qemu-system-x86_64",
            Self::Firecracker => "firecracker",
        }
    }

    /// Where it is installed.
    ///
    /// # Errors
    /// A sentence that says what would install it.
    pub fn find(self) -> Result<PathBuf, String> {
        find(self.program(), std::env::var_os("PATH").unwrap_or_default()).ok_or_else(|| {
            let remedy = match self {
                Self::Qemu => "sudo apt-get install qemu-system-x86",
                Self::Firecracker => "https://github.com/firecracker-microvm/firecracker/releases has it",
            };
            format!("{} is not on the PATH; {remedy}", self.program())
        })
    }

    /// The command that runs `guest`. A configuration file, where one is needed, has the contents that
    /// [`Peer::config_file`] gives.
    pub fn command(self, program: &Path, guest: &GuestFiles, config: &str) -> Vec<OsString> {
        let mut words: Vec<String> = Vec::new();
        match self {
            Self::Qemu => {
                let cpu = if is_paravirtual() { "host,-arch-capabilities" } else { "host" };
                // Everything that a guest of ours does without is off: each piece costs QEMU time.
                words.extend(
                    [
                        "-M",
                        "microvm,acpi=off,pit=off,pic=off,rtc=off,isa-serial=on",
                        "-accel",
                        "kvm",
                        "-cpu",
                        cpu,
                    ]
                    .map(String::from),
                );
                words.extend(["-m".into(), format!("{}K", guest.memory >> 10)]);
                words.extend(
                    ["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-serial", "stdio"]
                        .map(String::from),
                );
                words.extend(["-kernel".into(), guest.kernel.clone()]);
                if let Some(module) = &guest.module {
                    words.extend(["-initrd".into(), module.clone()]);
                }
                if !guest.cmdline.is_empty() {
                    words.extend(["-append".into(), guest.cmdline.clone()]);
                }
            }
            Self::Firecracker => words.extend(["--no-api", "--config-file", config].map(String::from)),
        }
        std::iter::once(program.as_os_str().to_owned()).chain(words.into_iter().map(OsString::from)).collect()
    }

    /// The contents of the configuration file it takes, if it takes one.
    pub fn config_file(self, guest: &GuestFiles) -> Option<String> {
        match self {
            Self::Qemu => None,
            Self::Firecracker => {
                let mut source = json!({"kernel_image_path": guest.kernel, "boot_args": guest.cmdline});
                if let Some(module) = &guest.module {
                    source["initrd_path"] = module.as_str().into();
                }
                let machine = json!({"vcpu_count": 1, "mem_size_mib": guest.memory.div_ceil(1 << 20)});
                Some(json!({"boot-source": source, "drives": [], "machine-config": machine}).to_string())
            }
        }
    }
}

/// Whether this host's KVM is the paravirtual one, which interprets a guest's ring 0.
pub fn is_paravirtual() -> bool {
    Path::new("/sys/module/kvm_pvm").exists()
}

fn find(program: &str, path: OsString) -> Option<PathBuf> {
    use std::os::unix::fs::PermissionsExt as _;
    std::env::split_paths(&path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(program))
        .find(|file| {
            std::fs::metadata(file).is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guest() -> GuestFiles {
        GuestFiles {
            kernel: "k".into(),
            module: Some("m".into()),
            cmdline: "a \"b\"".into(),
            memory: (64 << 20) + 4096,
        }
    }

    #[test]
    fn programs_are_looked_for_in_order() {
        let found = find("sh", "relative:/nonexistent:/bin:/usr/bin".into());
        assert_eq!(found, Some("/bin/sh".into()));
        assert_eq!(find("sh", OsString::new()), None);
        assert_eq!(find("etc", "/".into()), None);
    }

    #[test]
    fn commands() {
        let words = Peer::Qemu.command(Path::new("/q"), &guest(), "");
        let pair = |name: &str, value: &str| words.windows(2).any(|pair| pair == [name, value]);
        assert!(words[0] == "/q" && pair("-kernel", "k") && pair("-initrd", "m") && pair("-m", "65540K"));
        assert!(pair("-append", "a \"b\"") && words.iter().any(|word| word == "-no-reboot"));
        let words = Peer::Firecracker.command(Path::new("/f"), &guest(), "c");
        assert_eq!(words, ["/f", "--no-api", "--config-file", "c"]);
        let config = Peer::Firecracker.config_file(&guest()).expect("a file");
        let config: serde_json::Value = serde_json::from_str(&config).expect("JSON");
        assert_eq!(config["boot-source"]["boot_args"], "a \"b\"");
        assert_eq!(config["boot-source"]["initrd_path"], "m");
        assert_eq!(config["machine-config"]["mem_size_mib"], 65);
    }
}
