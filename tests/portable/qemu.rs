//! One boot under QEMU, and the trace ring it leaves.

use std::path::Path;
use std::process::{Command, ExitStatus};

use smvm::boot::elf::Kernel;
use smvm::trace::Event;
use smvm::trace::reader::{RamImage, TraceReader};
use smvm_tests::smvm;

/// How QEMU runs the guest's instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accelerator {
    /// Translated.
    Tcg,
    /// Translated, with a time stamp counter that counts instructions.
    TcgIcount,
    /// By KVM.
    Kvm,
}

/// A QEMU to be.
#[derive(Clone, Copy, Debug)]
pub struct Qemu {
    accelerator: Accelerator,
}

/// What a boot left behind.
#[derive(Debug)]
pub struct Run {
    /// QEMU's exit status.
    pub status: ExitStatus,
    /// What the guest sent to COM1.
    pub console: String,
    /// QEMU's own complaints.
    pub stderr: String,
    /// The guest's events, in order.
    pub events: Vec<Event>,
    /// Events that did not fit the ring.
    pub lost: u64,
    /// For [`Accelerator::TcgIcount`]: whose the first n instructions since reset were, by n, which is what the time stamp
    /// counter says.
    pub executed: Vec<Executed>,
    /// For the same: every stay in the kernel, by the last instruction of a program before it.
    pub stays: Vec<Stay>,
}

/// From an instruction of a program to the next one, whoever executes that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stay {
    /// Address of the instruction.
    pub from: u64,
    /// Instructions of the kernel.
    pub kernel: u32,
}

/// How many of some instructions were whose.
#[derive(Clone, Copy, Debug, Default)]
pub struct Executed {
    /// In ring 0.
    pub ring0: u32,
    /// The kernel's, in whichever ring.
    pub kernel: u32,
}

/// Where the kernel's addresses begin, above all of user mode's.
const KERNEL: u64 = 0x4000_0000_0000;

impl Qemu {
    /// With the given accelerator.
    pub fn new(accelerator: Accelerator) -> Self {
        Self { accelerator }
    }

    /// Boots what `smvm image export` writes; 60 s at most.
    pub fn run(self) -> Run {
        self.run_with(&[], &[], "")
    }

    /// The same with more arguments for the export and for QEMU, and more words for the kernel.
    pub fn run_with(self, export: &[&str], arguments: &[&str], words: &str) -> Run {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        let exported =
            Command::new(smvm()).args(["image", "export"]).arg(folder.path()).args(export).status();
        assert!(exported.expect("smvm starts").success(), "the image could not be exported");

        let mut command = Command::new("timeout");
        command.args([
            "60",
            "qemu-system-x86_64",
            "-nodefaults",
            "-no-reboot",
            "-display",
            "none",
            "-m",
            "64M",
        ]);
        command.args(["-machine", "microvm,acpi=off,memory-backend=ram", "-serial", "stdio"]);
        command
            .arg("-object")
            .arg(format!("memory-backend-file,id=ram,size=64M,share=on,mem-path={}", path("ram").display()));
        command.args(self.accelerator.arguments());
        command.arg("-kernel").arg(path("kernel.elf")).arg("-initrd").arg(path("boot.img"));
        // QEMU's RAM is fresh, and its firmware stays below 1 MiB.
        command.arg("-append").arg(format!("smvm.memzero=0x100000 smvm.session=shutdown {words}"));
        command.args(arguments);
        let log = path("instructions");
        if self.accelerator == Accelerator::TcgIcount {
            // A line for every instruction.
            command.args(["-singlestep", "-d", "exec,nochain", "-D"]).arg(&log);
        }
        let output = command.output().expect("timeout starts");
        let (events, lost) = trace(&path("kernel.elf"), &path("ram"));
        let (executed, stays) = std::fs::read_to_string(log).map(|log| executed(&log)).unwrap_or_default();
        Run {
            status: output.status,
            console: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            events,
            lost,
            executed,
            stays,
        }
    }
}

/// Sums up QEMU's log of executed blocks, of one instruction each: `Trace 0: host [cs/pc/flags/…]`, where the
/// lowest two bits of the flags are the privilege level.
fn executed(log: &str) -> (Vec<Executed>, Vec<Stay>) {
    let instruction = |line: &str| {
        let mut fields = line.split_once('[')?.1.split('/').skip(1);
        let address = u64::from_str_radix(fields.next()?, 16).ok()?;
        let is_ring0 = u32::from_str_radix(fields.next()?, 16).ok()? & 3 == 0;
        Some((address, is_ring0))
    };
    let mut sum = Executed::default();
    let (mut sums, mut stays) = (vec![sum], Vec::new());
    let (mut before, mut since) = (0, None);
    for (address, is_ring0) in log.lines().filter_map(instruction) {
        let is_kernel = is_ring0 || address >= KERNEL;
        match (is_kernel, since) {
            (true, None) => since = Some(sum.kernel),
            (false, Some(begin)) => {
                stays.push(Stay { from: before, kernel: sum.kernel - begin });
                since = None;
            }
            _ => {}
        }
        if !is_kernel {
            before = address;
        }
        sum.ring0 += u32::from(is_ring0);
        sum.kernel += u32::from(is_kernel);
        sums.push(sum);
    }
    stays.extend(since.map(|begin| Stay { from: before, kernel: sum.kernel - begin }));
    (sums, stays)
}

impl Accelerator {
    fn arguments(self) -> Vec<&'static str> {
        match self {
            Self::Tcg => vec!["-accel", "tcg", "-cpu", "max"],
            Self::TcgIcount => vec!["-accel", "tcg", "-cpu", "max", "-icount", "shift=0,sleep=off"],
            // On a paravirtual host QEMU fails to set this MSR of its `host` model.
            Self::Kvm if Path::new("/sys/module/kvm_pvm").exists() => {
                vec!["-accel", "kvm", "-cpu", "host,-arch-capabilities"]
            }
            Self::Kvm => vec!["-accel", "kvm", "-cpu", "host"],
        }
    }
}

fn trace(kernel: &Path, ram: &Path) -> (Vec<Event>, u64) {
    let kernel = Kernel::parse(&std::fs::read(kernel).expect("the kernel")).expect("a kernel");
    let ram = std::fs::read(ram).expect("QEMU's RAM");
    let mut events = Vec::new();
    let mut reader = TraceReader::default();
    let address = kernel.debugger_data.expect("our note");
    reader.drain(&RamImage(&ram), address, 0, &mut events);
    assert_eq!(reader.lost.malformed, 0);
    (events, reader.lost.full)
}
