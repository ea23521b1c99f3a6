//! The default boot: what it shows, and what it may cost in exits and pages.

use std::process::Command;

use smvm_tests::{Boot, DEFAULT_CONSOLE, smvm};

/// Exits to user space in a default boot (the budget of the architecture).
const EXITS: u64 = 100;
/// Guest pages touched in a default boot: 4 MiB.
const PAGES: u64 = 1024;

#[test]
fn default_image_reaches_the_session_and_powers_off() {
    let boot = Boot::with(&[]);
    assert_eq!(boot.code, 0, "{boot:#?}");
    assert_eq!(boot.json["outcome"]["kind"], "power_off");
    assert_eq!(boot.json["exit_code"], 0);
    assert_eq!(boot.console(), DEFAULT_CONSOLE);
    assert_eq!(boot.json["events_lost"]["full"], 0);
    assert_eq!(boot.json["events_lost"]["malformed"], 0);
}

#[test]
fn events_of_monitor_and_guest_are_on_one_clock() {
    let boot = Boot::with(&[]);
    let order = [
        "Vmm.Start",
        "Vmm.VmCreate",
        "Vmm.FirstRun",
        "Ke.Entry",
        "Mm.Init",
        "Ke.Processor",
        "Ke.Phase1",
        "Ps.ProcessCreate",
        "Smss.Start",
        "Smss.SessionReady",
        "Po.Shutdown",
        "Vmm.End",
        "Vmm.Teardown",
    ];
    let times = order.map(|name| boot.time_of(name));
    assert!(times.is_sorted(), "{:?}", order.iter().zip(times).collect::<Vec<_>>());
    assert_eq!(times[0], 0.0, "the process's start is 0");
}

/// For people: step, start and duration, and a line of its own for the total to the session.
#[test]
fn the_timeline_is_a_table_with_the_total() {
    let output = Command::new(smvm()).args(["boot", "--deadline", "30s"]).output().expect("smvm starts");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let table = String::from_utf8(output.stdout).expect("text");
    let mut lines = table.lines();
    let head: Vec<&str> = lines.next().unwrap_or_default().split_ascii_whitespace().collect();
    assert_eq!(head, ["start", "ms", "duration", "ms", "step"]);
    let total = lines.next_back().unwrap_or_default();
    let row = |step: &str| {
        let row: Vec<&str> =
            lines.clone().find(|line| line.ends_with(step))?.split_ascii_whitespace().collect();
        let number = |at: usize| row.get(at).and_then(|text| text.parse::<f64>().ok());
        Some((number(0)?, number(1)))
    };
    let (start, duration) = row("Smss.InitializeKnownDlls").expect("a step");
    assert!(start > 0.0 && duration > Some(0.0), "{table}");
    let (ready, _) = row("Smss.SessionReady").expect("a session");
    assert_eq!(total, format!("session ready after {ready:.3} ms"), "{table}");
}

#[test]
fn default_boot_keeps_to_its_budget_of_exits_and_pages() {
    let boot = Boot::with(&[]);
    let exits = boot.json["exits"]["total"].as_u64().expect("a count");
    assert!((1..=EXITS).contains(&exits), "{exits} exits");
    let pages = boot.json["guest_pages"].as_u64().expect("a count");
    assert!((1..=PAGES).contains(&pages), "{pages} pages");
}

#[test]
fn text_costs_an_exit_a_block_not_a_byte() {
    let folder = tempfile::tempdir().expect("a folder");
    let screen = folder.path().join("com1");
    let boot = Boot::probe("long-text", &["--com", &format!("1=file:{}", screen.display())]);
    assert_eq!(boot.code, 0, "{boot:#?}");
    let text = std::fs::read_to_string(&screen).expect("the boot screen");
    assert_eq!(text, "The quick brown fox jumps over the lazy dog. 0123456789\r\n".repeat(200));
    let exits = boot.json["exits"]["total"].as_u64().expect("a count");
    assert!(exits <= 210, "{exits} exits for 200 lines");
}

#[test]
fn text_arrives_whole_through_the_uart_when_there_is_no_platform_device() {
    // The guest then drives COM1 as on any PC, and ends by the keyboard controller.
    let plain = Boot::with(&["--cmdline", "smvm.platform=0"]);
    assert_eq!(plain.json["outcome"]["kind"], "reset", "{plain:#?}");
    assert_eq!(plain.console(), DEFAULT_CONSOLE);
}

#[test]
fn lost_events_are_counted() {
    let boot = Boot::probe("events", &[]);
    assert_eq!(boot.code, 0, "{boot:#?}");
    let seen = boot.events("Kd.Calibrate").count() as u64;
    let lost = boot.json["events_lost"]["full"].as_u64().expect("a count");
    // What is lost may be one of the few other events.
    assert!((10_000..10_010).contains(&(seen + lost)), "{seen} seen, {lost} lost");
}
