//! `smvm bench`: what it reports, and how it fails. No time is judged.

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use common::{folder, run_args};
use serde_json::Value;

fn series<'a>(report: &'a Value, id: &str) -> &'a Value {
    let all = report["series"].as_array().expect("a list");
    all.iter().find(|series| series["id"] == id).unwrap_or_else(|| panic!("{id} in {report}"))
}

fn samples(series: &Value) -> &[Value] {
    series["samples"].as_array().expect("a list")
}

#[test]
fn report_is_complete_and_sane() {
    let run = run_args(&["bench", "--runs", "2", "--warmup", "1", "--with", "none", "--json"]);
    assert_eq!(run.code, 0, "{run:?}");
    let report = run.json();
    assert_eq!(report["schema"], 1);
    assert_eq!(report["runs"], 2);
    assert!(report["host"]["cpus"].as_u64() >= Some(1));
    let control = &report["control"];
    let [apart, spread, resolution] = ["apart_percent", "spread_percent", "resolution_percent"]
        .map(|name| control[name].as_f64().unwrap_or_else(|| panic!("{name} in {control}")));
    assert!(apart >= 0.0 && spread >= 0.0 && resolution == apart.max(spread), "{control}");
    for id in
        ["true", "tiny.smvm", "tiny.smvm.control", "tiny.smvm.report", "image.smvm", "image.smvm.report"]
    {
        let series = series(&report, id);
        if id == "true" && !Path::new("/bin/true").exists() {
            assert!(series["note"].is_string(), "{series}");
            continue;
        }
        assert_eq!(series["note"], Value::Null, "{id}");
        assert_eq!(samples(series).len(), 2, "{id}");
        let wall = &series["summary"]["wall_us"];
        let figures = ["min", "median", "p90", "max"].map(|name| wall[name].as_f64().expect(name));
        assert!(figures[0] > 0.0 && figures.is_sorted(), "{id}: {figures:?}");
    }
    assert_eq!(report["series"].as_array().map(Vec::len), Some(6));

    for (id, pages) in [("tiny.smvm.report", 1..64), ("image.smvm.report", 16..4096)] {
        for sample in samples(series(&report, id)) {
            let get = |name: &str| sample[name].as_f64().unwrap_or_else(|| panic!("{name} in {sample}"));
            let parts =
                ["exec_to_main_us", "main_to_first_run_us", "guest_us", "end_to_exit_us", "report_us"];
            assert!(parts.iter().all(|name| get(name) > 0.0), "{sample}");
            let whole: f64 = parts.into_iter().map(get).sum();
            assert!((whole - get("wall_us")).abs() < 0.01, "{sample}");
            assert!(get("monitor_us") < get("wall_us") && get("cpu_us") > 0.0, "{sample}");
            assert!(get("Vmm.VmCreate_us") > 0.0 && get("Vmm.Teardown_us") > 0.0, "{sample}");
            assert!(pages.contains(&(get("guest_pages") as i32)), "{sample}");
            assert!((100.0..65536.0).contains(&get("monitor_rss_kib")), "{sample}");
            let kinds = sample.as_object().expect("an object").keys().filter(|key| key.starts_with("exits."));
            assert_eq!(kinds.map(|key| get(key)).sum::<f64>(), get("exits"), "{sample}");
        }
    }
    let tiny = &samples(series(&report, "tiny.smvm.report"))[0];
    assert_eq!(tiny["exits.port_write"], 3);
    let cost = &report["event_cost"];
    assert!(cost["ns"]["median"].as_f64() > Some(0.0), "{cost}");
    assert_eq!(cost["distances"], 2 * 255);
}

#[test]
fn table_has_a_row_for_everything() {
    let run = run_args(&["bench", "--runs", "1", "--warmup", "0", "--with", "none", "--memory", "16M"]);
    assert_eq!(run.code, 0, "{run:?}");
    for text in [
        "/bin/true, whole life",
        "smvm run, whole life",
        "smvm boot, whole life",
        "exec to main",
        "main to first KVM_RUN",
        "Vmm.VmCreate",
        "guest: first KVM_RUN to its end",
        "end of the guest to end of the process",
        "port_write",
        "guest pages touched",
        "peak resident set beside guest memory, KiB",
        "One event of the guest's trace costs",
        "Control: the medians of two identical series are",
        "This host cannot resolve differences below",
    ] {
        assert!(run.stdout.contains(text), "{text} in {}", run.stdout);
    }
    assert!(run.stderr.is_empty(), "{}", run.stderr);
}

/// A program called `firecracker` that does this.
fn fake_peer(folder: &Path, script: &str) {
    let path = folder.join("firecracker");
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("the script");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("its mode");
}

fn with_path(path: &Path, peers: &str) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_smvm"))
        .args(["bench", "--runs", "1", "--warmup", "0", "--json", "--with", peers])
        .env("PATH", format!("{}:/nonexistent", path.display()))
        .output()
        .expect("smvm runs");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn trouble_with_a_peer_is_a_note() {
    let note = |report: &Value, id: &str| series(report, id)["note"].as_str().unwrap_or_default().to_owned();
    let folder = folder();
    let report = with_path(folder.path(), "qemu,firecracker");
    for id in ["tiny.qemu", "image.qemu", "tiny.firecracker", "image.firecracker"] {
        assert!(note(&report, id).contains("is not on the PATH; "), "{id}: {}", note(&report, id));
        assert!(samples(series(&report, id)).is_empty(), "{id}");
    }

    // It can read its configuration and both guests. The image's text is not what it prints.
    let read = r#"config=$(/bin/cat "$3") || exit 9
        kernel=${config#*kernel_image_path\":\"}; /bin/cat "${kernel%%\"*}" >/dev/null || exit 8; echo OK"#;
    fake_peer(folder.path(), read);
    let report = with_path(folder.path(), "firecracker");
    assert_eq!(note(&report, "tiny.firecracker"), "");
    assert_eq!(samples(series(&report, "tiny.firecracker")).len(), 1);
    assert!(note(&report, "image.firecracker").starts_with("ran, but the guest did not print"));

    fake_peer(folder.path(), "echo no such device >&2; exit 1");
    let report = with_path(folder.path(), "firecracker");
    assert_eq!(note(&report, "tiny.firecracker"), "failed: no such device");
}

#[test]
fn failures() {
    for args in [
        &["--runs", "0"][..],
        &["--runs", "many"],
        &["--with", "none,qemu"],
        &["--with", "xen"],
        &["--events", "x"],
        &["--memory", "1K"],
        &["--image", "/nonexistent"],
    ] {
        let run = run_args(&[&["bench"], args].concat());
        assert_eq!(run.code, 2, "{args:?}: {run:?}");
        assert!(!run.stderr.is_empty() && run.stdout.is_empty(), "{args:?}: {run:?}");
    }
    // A run of our own that fails ends the whole, with its code and its words.
    let run = run_args(&["bench", "--runs", "1", "--with", "none", "--deadline", "1ms"]);
    assert_eq!(run.code, 6, "{run:?}");
    assert!(run.stderr.contains("this run failed: ") && run.stderr.contains("deadline"), "{}", run.stderr);
    assert!(run.stdout.is_empty());
}
