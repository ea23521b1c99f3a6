//! Bad input, and results that cannot be delivered: a clear error, the right exit code, no panic.

mod common;

use std::fs;
use std::process::Stdio;

use common::{BASE, Code, elf64, file, folder, run_args, run_elf, smvm};

fn guest() -> Code {
    Code::new().print("ok").power_off().halt()
}

#[test]
fn unusable_kernels() {
    let good = guest().elf64();
    let cases: [(&str, Vec<u8>, &str); 9] = [
        ("empty", vec![], "no kernel"),
        ("text", b"#!/bin/sh\necho hello, world\n".to_vec(), "no kernel"),
        ("headers cut", good[..100].to_vec(), "truncated"),
        ("segment cut", good[..good.len() - 1].to_vec(), "truncated"),
        ("outside RAM", elf64(&[0xF4], 0x1000_0000, BASE, 1), "outside the guest's RAM"),
        ("memory size", elf64(&[0xF4], BASE.into(), BASE, 1 << 40), "outside the guest's RAM"),
        ("wraps", elf64(&[0xF4], u64::MAX - 2, BASE, 0x1000), "wraps"),
        ("start info", elf64(&[0xF4], 0x6800, 0x6800, 1), "overlaps the start info"),
        ("command line", elf64(&[0xF4], 0x1_F000, 0x1_F000, 0x2000), "overlaps the command line"),
    ];
    for (name, elf, message) in cases {
        let run = run_elf(&elf, &[]);
        assert_eq!(run.code, 2, "{name}: {run:?}");
        assert!(run.stderr.contains(message), "{name}: {}", run.stderr);
        assert!(!run.stderr.contains("panicked"), "{name}: {}", run.stderr);
    }
}

/// Every prefix of a kernel, and every byte of its headers damaged.
#[test]
fn damaged_kernels_never_panic() {
    use smvm::boot::Kernel;
    let good = guest().elf64();
    for len in 0..good.len() {
        assert!(Kernel::parse(&good[..len]).is_err(), "{len}");
    }
    for at in 0..220 {
        for value in [0, 1, 0x7F, 0x80, 0xFF] {
            let mut bad = good.clone();
            bad[at] = value;
            let _ = Kernel::parse(&bad);
        }
    }
}

#[test]
fn arguments() {
    let kernel = file(&guest().elf64());
    let path = kernel.path().to_str().expect("UTF-8");
    for args in [
        &["run", "--memory", "1K"][..],
        &["run", "--memory", "1T"],
        &["run", "--memory", "lots"],
        &["run", "--memory", "-1"],
        &["run", "--com", "9=null"],
        &["run", "--com", "1=telnet"],
        &["run", "--deadline", "soon"],
        &["run", "--initrd", "x"],
        &["run", "--kernel", "/nonexistent/kernel"],
        &["run", "--kernel", "/"],
        &["run", "--kernel", path, "--com", "1=file:/nonexistent/x"],
        &["run", "--kernel", path, "--events", "/nonexistent/x"],
        &["run", "--kernel", path, "--events", "-", "--json"],
        &["run", "--image", "/nonexistent"],
        &["boot", "--file", "x"],
        &["frobnicate"],
        &[],
    ] {
        let run = run_args(args);
        assert_eq!(run.code, 2, "{args:?}: {run:?}");
        assert!(!run.stderr.is_empty() && !run.stderr.contains("panicked"), "{args:?}: {}", run.stderr);
    }
    assert_eq!(run_args(&["--help"]).code, 0);
}

#[test]
fn memory_sizes_that_work() {
    for memory in ["4M", "64M", "3G", "4G", "100G"] {
        let run = run_elf(&guest().elf64(), &["--memory", memory]);
        // A host may refuse the largest ones, but then as a passing trouble.
        assert!(matches!(run.code, 0 | 75), "{memory}: {run:?}");
    }
}

#[test]
fn a_module_that_does_not_fit() {
    let module = file(&vec![1; 5 << 20]);
    let module = module.path().to_str().expect("UTF-8");
    let run = run_elf(&guest().elf64(), &["--memory", "4M", "--initrd", module]);
    assert_eq!(run.code, 2, "{run:?}");
    assert_eq!(run_elf(&guest().elf64(), &["--memory", "16M", "--initrd", module]).code, 0);
}

#[test]
fn events_appear_whole_or_not_at_all() {
    let folder = folder();
    let path = folder.path().join("events");
    let kernel = file(&guest().elf64());
    let run = |events: &str| {
        run_args(&["run", "--kernel", kernel.path().to_str().expect("UTF-8"), "--events", events])
    };
    assert_eq!(run(path.to_str().expect("UTF-8")).code, 0);
    let text = fs::read_to_string(&path).expect("the file");
    let events: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let names: Vec<_> = events.iter().filter_map(|event| event["ev"].as_str()).collect();
    for name in ["Vmm.Start", "Vmm.VmCreate", "Vmm.FirstRun", "Vmm.End", "Vmm.Teardown"] {
        assert!(names.contains(&name), "{name} in {names:?}");
    }
    assert!(events.is_sorted_by_key(|event| event["ts_us"].as_f64().map(|us| (us * 1000.0) as i64)));
    // A full disk.
    let run = run("/dev/full");
    assert_eq!(run.code, 75, "{run:?}");
    assert!(run.stderr.contains("/dev/full"), "{}", run.stderr);
    assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 1);
}

#[test]
fn output_that_nobody_takes() {
    let kernel = file(&Code::new().print("some text").raw(&[0xEB, 0xFE]).elf64());
    // Standard output is a pipe without a reader: the guest is stopped, and the reason is told.
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let output = smvm()
        .args(["run", "--deadline", "10s", "--kernel"])
        .arg(kernel.path())
        .stdout(writer)
        .stderr(Stdio::piped())
        .output()
        .expect("smvm runs");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(75), "{stderr}");
    assert_eq!(stderr.matches("standard output").count(), 1, "{stderr}");

    let run = run_elf(&guest().elf64(), &["--com", "1=file:/dev/full"]);
    assert_eq!(run.code, 75, "{run:?}");
    assert!(run.stderr.contains("/dev/full"), "{}", run.stderr);
}

#[test]
fn ports_are_teed() {
    let folder = folder();
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    let spec = format!("1=file:{}+stdio+file:{}", one.display(), two.display());
    let run = run_elf(&guest().elf64(), &["--com", &spec]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "ok"), "{}", run.stderr);
    for path in [one, two] {
        assert_eq!(fs::read(path).expect("the file"), b"ok");
    }
}

#[test]
fn much_output_arrives_in_order() {
    // 300 000 bytes would be slow one by one: bulk blocks of 4 KiB, numbered.
    let header = 0x30_0000;
    let code = Code::new()
        .store(header, 4092 << 16)
        .raw(&[0xB9])
        .raw(&100u32.to_le_bytes()) // mov ecx, 100
        .raw(&[0x89, 0x0D])
        .raw(&u32::to_le_bytes(header + 4)) // mov [header+4], ecx
        .out32(0x608, header)
        .raw(&[0xE2, 0xEE]) // loop to the mov
        .power_off()
        .halt();
    let run = run_elf(&code.elf64(), &[]);
    assert_eq!((run.code, run.stdout.len()), (0, 100 * 4092), "{}", run.stderr);
    let numbers: Vec<u8> = run.stdout.as_bytes().chunks(4092).map(|block| block[0]).collect();
    assert_eq!(numbers, (1..=100).rev().collect::<Vec<u8>>());
}

#[test]
fn interrupted() {
    let kernel = file(&Code::new().print("x").halt().elf64());
    for (signal, name) in [("INT", 2), ("TERM", 15), ("HUP", 1), ("QUIT", 3)] {
        let output = std::process::Command::new("timeout")
            .args([
                "--preserve-status",
                "-s",
                signal,
                "0.3",
                env!("CARGO_BIN_EXE_smvm"),
                "run",
                "--json",
                "--kernel",
            ])
            .arg(kernel.path())
            .stdin(Stdio::null())
            .output()
            .expect("smvm runs");
        let stdout = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(130), "{signal}: {stdout}");
        let json: serde_json::Value = serde_json::from_str(&stdout).expect("JSON");
        assert_eq!(json["outcome"]["signal"], name);
    }
}

#[test]
fn a_slow_reader_gets_everything() {
    use std::io::Read;
    // 1200 blocks of 4092 bytes: more than all buffers on the way hold.
    let header = 0x30_0000;
    let code = Code::new()
        .store(header, 4092 << 16)
        .raw(&[0xB9])
        .raw(&1200u32.to_le_bytes())
        .out32(0x608, header)
        .raw(&[0xE2, 0xF4]) // loop to the out32
        .power_off()
        .halt();
    let kernel = file(&code.elf64());
    let mut child = smvm()
        .args(["run", "--deadline", "15s", "--kernel"])
        .arg(kernel.path())
        .stdout(Stdio::piped())
        .spawn()
        .expect("smvm starts");
    let mut stdout = child.stdout.take().expect("piped");
    std::thread::sleep(std::time::Duration::from_millis(300));
    let mut bytes = Vec::new();
    stdout.read_to_end(&mut bytes).expect("reading");
    assert_eq!(bytes.len(), 1200 * 4092);
    assert_eq!(child.wait().expect("smvm ends").code(), Some(0));
}

#[test]
fn a_reader_that_never_reads_does_not_outlive_the_deadline() {
    let header = 0x30_0000;
    // Sends blocks for ever.
    let code = Code::new().store(header, 4092 << 16).out32(0x608, header).raw(&[0xEB, 0xF4]);
    let kernel = file(&code.elf64());
    let began = std::time::Instant::now();
    let mut child = smvm()
        .args(["run", "--deadline", "500ms", "--kernel"])
        .arg(kernel.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("smvm starts");
    let code = child.wait().expect("smvm ends").code();
    assert_eq!(code, Some(75));
    assert!(began.elapsed() < std::time::Duration::from_secs(8), "{:?}", began.elapsed());
}
