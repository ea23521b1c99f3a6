//! The session manager after its initialisation: subsystems, the SM and SB protocols, sessions, the initial command
//! (spec/smss.md 1.3 steps 14–19, 3). Stand-ins take the places of csrss and winlogon.

use serde_json::Value;
use smvm_tests::Boot;
use smvm_tests::standin::{CSRSS, GUI, NATIVE, StandIns};

/// The end of every winlogon here: it shuts the system down.
const OFF: &str = "privilege=19 off";

#[track_caller]
fn lines(boot: &Boot) -> Vec<String> {
    assert_eq!(boot.code, 0, "{boot:#?}");
    let console = boot.console().replace("\r\n", "\n");
    assert!(!console.contains("FAIL"), "{console}");
    console.lines().map(str::to_owned).collect()
}

#[track_caller]
fn has(lines: &[String], wanted: &str) {
    assert!(lines.iter().any(|line| line == wanted), "no line {wanted:?} in {lines:#?}");
}

fn images(boot: &Boot) -> Vec<&str> {
    boot.events("Ps.ProcessCreate").filter_map(|event| event["args"]["image"].as_str()).collect()
}

fn pid_of(boot: &Boot, image: &str) -> u64 {
    let created = boot.events("Ps.ProcessCreate").find(|event| event["args"]["image"] == image);
    created.and_then(|event| event["args"]["id"].as_u64()).unwrap_or_else(|| panic!("no {image}: {boot:#?}"))
}

fn winlogon(words: &str) -> String {
    format!("winlogon.exe name=winlogon {words} {OFF}")
}

/// C05, C68, C70, C93, C106: what `Required` names is started in its order, `Debug` does nothing, a name without a value
/// is passed over, what `Optional` names is not started.
#[test]
fn required_subsystems_are_started_in_their_order() {
    let session = StandIns::new(CSRSS, &winlogon(""))
        .program("foo.exe", NATIVE)
        .program("psxss.exe", NATIVE)
        .program("sm.exe", NATIVE)
        .subsystem("Foo", r"foo.exe name=foo sb=\FooSb register=9 stay")
        .subsystem_list("Required", &["Debug", "Foo", "NoSuchValue", "Windows"])
        .boot_execute(&[r"sm name=boot list=\ connect"]);
    let boot = session.boot(&[]);
    let lines = lines(&boot);
    has(&lines, r"boot: \ has SmApiPort (Port)");
    has(&lines, "boot: connect: 00000000");
    assert_eq!(images(&boot), ["smss.exe", "sm.exe", "foo.exe", "csrss.exe", "winlogon.exe"]);
    let names: Vec<&Value> = boot.events("Smss.LoadSubsystem").map(|event| &event["args"]["name"]).collect();
    assert_eq!(names, ["Foo", "Windows"]);
    for image in ["smss.exe", "csrss.exe", "winlogon.exe"] {
        assert!(
            !boot.events("Ps.ProcessExit").any(|event| event["args"]["image"] == image),
            "{image} has ended"
        );
    }
}

/// C71: the initial command waits until the subsystem has connected.
#[test]
fn winlogon_waits_for_csrss() {
    let csrss = r"csrss.exe name=csrss sleep=1500 sb=\StandInSb register=2 stay";
    let boot = StandIns::new(csrss, &winlogon("")).boot(&[]);
    has(&lines(&boot), "csrss: register 2: 00000000");
    let created = |image: &str| {
        let event = boot.events("Ps.ProcessCreate").find(|event| event["args"]["image"] == image);
        event.and_then(|event| event["start_us"].as_f64()).expect("it was started")
    };
    let later = created("winlogon.exe") - created("csrss.exe");
    // The clock of an emulated machine may lag.
    assert!(later > 1_000_000.0, "{later}");
}

/// C73 and spec 3.2: a subsystem may take a further type, not one that is served; a port that cannot be connected back to
/// is no reason to wait.
#[test]
fn connecting_has_its_rules() {
    let csrss = r"csrss.exe name=csrss named=\Nowhere register=2 register=2 register=9 signal=\Done stay";
    let boot = StandIns::new(csrss, &winlogon(r"mix=abc named=\Nowhere register=2 until=\Done")).boot(&[]);
    let lines = lines(&boot);
    has(&lines, "csrss: register 2: 00000000");
    has(&lines, "csrss: register 2: c0000041");
    has(&lines, "csrss: register 9: 00000000");
    has(&lines, "winlogon: mix: c0000030 c0000030");
    has(&lines, "winlogon: long: c000000d");
    // Whom the session manager has not started is a plain client, whatever it says.
    has(&lines, "winlogon: register 2: 00000000");
}

/// C76: a graphical program is let run by csrss.
#[test]
fn a_graphical_initial_command_is_resumed_by_csrss() {
    let session = StandIns::new(CSRSS, &winlogon("session")).program("winlogon.exe", GUI);
    let boot = session.boot(&["--trace", "syscalls"]);
    let lines = lines(&boot);
    has(&lines, "csrss: sb create session 1 mu 0 type 2 debugger 0");
    has(&lines, "winlogon: in session 0");
    let created = boot.events("Ps.ProcessCreate").find(|event| event["args"]["image"] == "winlogon.exe");
    let created = created.and_then(|event| event["start_us"].as_f64()).expect("it was started");
    let resumed =
        boot.events("Sys.NtResumeThread").filter(|event| event["start_us"].as_f64() > Some(created));
    let by: Vec<&Value> = resumed.map(|event| &event["pid"]).collect();
    assert_eq!(by, [pid_of(&boot, "csrss.exe")], "{by:?}");
}

/// Spec 3.4: numbers, who may send what, and that too little data is refused.
#[test]
fn messages_of_plain_clients_and_of_subsystems() {
    let csrss = r"csrss.exe name=csrss sb=\StandInSb register=2 raw=0 raw=2 raw=3 raw=7 complete=99 signal=\Done stay";
    let words = r"connect raw=0 raw=1 raw=2 raw=4 raw=7 raw=4294967295 stop=0 stop=5 until=\Done";
    let lines = lines(&StandIns::new(csrss, &winlogon(words)).boot(&[]));
    for line in [
        "csrss: message 0: c0000002",
        "csrss: message 2: c0000002",
        "csrss: message 3: c0000008",
        "csrss: message 7: c0000002",
        "csrss: message 1: c000000d",
        "winlogon: message 0: c000000d",
        "winlogon: message 1: c000000d",
        "winlogon: message 2: c000000d",
        "winlogon: message 4: c000000d",
        "winlogon: message 7: c0000002",
        "winlogon: message 4294967295: c0000002",
    ] {
        has(&lines, line);
    }
    let stops: Vec<&String> = lines.iter().filter(|line| line.starts_with("winlogon: message 6:")).collect();
    assert_eq!(stops, ["winlogon: message 6: c0000022", "winlogon: message 6: c0000034"]);
}

/// ExecPgm: native programs are let run at once, others go to their subsystem or nowhere.
#[test]
fn exec_pgm_by_the_type_of_the_image() {
    let words = r"connect exec=sm.exe+name=x+say=native+signal=\X+stay exec=gui.exe+name=y+say=graphical+signal=\Y+stay exec=os2.exe until=\X until=\Y";
    let session = StandIns::new(CSRSS, &winlogon(words))
        .program("sm.exe", NATIVE)
        .program("gui.exe", 3)
        .program("os2.exe", 5);
    let lines = lines(&session.boot(&[]));
    has(&lines, "x: native");
    // Console programs are the graphical subsystem's.
    has(&lines, "csrss: sb create session 1 mu 0 type 3 debugger 0");
    has(&lines, "y: graphical");
    let results: Vec<&str> =
        lines.iter().filter_map(|line| line.strip_prefix("winlogon: message 3: ")).collect();
    assert_eq!(results, ["00000000", "00000000", "c0000001"]);
}

/// LoadDeferedSubsystem: csrss makes the POSIX subsystem (Sb CreateProcess), once; SessionComplete, and the notice of it to
/// who had asked (Sb ForeignSessionComplete).
#[test]
fn optional_subsystems_are_started_when_asked_for() {
    let csrss =
        r"csrss.exe name=csrss sb=\StandInSb register=2 until=\Asked complete=2 complete=2 signal=\Done stay";
    // The session manager connects back after it has let a subsystem in; only then can it tell it anything.
    let words =
        r"connect load=Nope load=Posix signal=\Loaded load=pOSIX load=Bar until=\BarThere until=\Done";
    let session = StandIns::new(csrss, &winlogon(words))
        .program("psxss.exe", NATIVE)
        .program("bar.exe", NATIVE)
        .program("gui.exe", GUI)
        .subsystem(
            "Posix",
            r"psxss.exe name=psx sb=\PsxSb register=7 until=\Loaded exec=gui.exe+name=y signal=\Asked stay",
        )
        .subsystem("Bar", r"bar.exe name=bar sb=\BarSb register=9 signal=\BarThere stay")
        .subsystem_list("Optional", &["Posix", "Bar"]);
    let boot = session.boot(&["--deadline", "40s"]);
    let lines = lines(&boot);
    let results: Vec<&str> =
        lines.iter().filter_map(|line| line.strip_prefix("winlogon: message 4: ")).collect();
    assert_eq!(results, ["c0000034", "00000000", "00000000", "00000000"]);
    has(
        &lines,
        r"csrss: sb create process flags 8 psxss.exe name=psx sb=\PsxSb register=7 until=\Loaded exec=gui.exe+name=y signal=\Asked stay",
    );
    has(&lines, "csrss: sb create session 1 mu 0 type 2 debugger 0");
    has(&lines, "psx: register 7: 00000000");
    has(&lines, "bar: register 9: 00000000");
    has(&lines, "psx: message 3: 00000000");
    has(&lines, "csrss: sb create session 2 mu 0 type 2 debugger 0");
    has(&lines, "psx: sb foreign session complete 2");
    let completed: Vec<&str> =
        lines.iter().filter_map(|line| line.strip_prefix("csrss: message 1: ")).collect();
    assert_eq!(completed, ["00000000", "c000000d"]);
    assert_eq!(images(&boot).iter().filter(|image| **image == "psxss.exe").count(), 1);
}

/// Who is told of a session's end before the session manager has connected back to it is told as soon as it has.
#[test]
fn ends_of_sessions_wait_until_the_subsystem_can_be_told() {
    let csrss =
        r"csrss.exe name=csrss sb=\StandInSb register=2 until=\Asked complete=2 signal=\Completed stay";
    let session = StandIns::new(csrss, &winlogon(r"connect load=Posix until=\ForeignComplete"))
        .program("psxss.exe", NATIVE)
        .program("gui.exe", GUI)
        .subsystem(
            "Posix",
            r"psxss.exe name=psx admit=\Completed sb=\PsxSb register=7 exec=gui.exe+name=y signal=\Asked stay",
        )
        .subsystem_list("Optional", &["Posix"]);
    let lines = lines(&session.boot(&["--deadline", "40s"]));
    for line in [
        "psx: message 3: 00000000",
        "csrss: message 1: 00000000",
        "psx: sb foreign session complete 2",
        "winlogon: message 4: 00000000",
    ] {
        has(&lines, line);
    }
}

/// `PosixSingleInstance`: its presence is what counts, one subsystem is then enough for all sessions.
#[test]
fn one_posix_subsystem_for_all_sessions() {
    let words = r"connect load=Posix start=winlogon.exe+name=other+connect+load=Posix+signal=\There+stay until=\There";
    let session = StandIns::new(CSRSS, &winlogon(words)).program("winlogon.exe", GUI).as_it_is("Kmode");
    let session = session
        .program("psxss.exe", NATIVE)
        .subsystem("Posix", r"psxss.exe name=psx sb=\PsxSb register=7 stay");
    for (session, subsystems) in
        [(session.clone().subsystem_number("PosixSingleInstance", 0), 1), (session, 2)]
    {
        let boot = session.boot(&["--deadline", "40s"]);
        let lines = lines(&boot);
        has(&lines, "winlogon: message 4: 00000000");
        has(&lines, "other: message 4: 00000000");
        assert_eq!(images(&boot).iter().filter(|image| **image == "psxss.exe").count(), subsystems);
    }
}

/// StartCsr and StopCsr: another session with a csrss and an initial command of its own.
#[test]
fn sessions_are_made_and_ended() {
    let words = r"connect start=winlogon.exe+name=other+session+signal=\There+stay until=\There stop=1 stop=1 start=nothing.exe";
    let session = StandIns::new(CSRSS, &winlogon(words)).program("winlogon.exe", GUI).as_it_is("Kmode");
    let boot = session.boot(&["--deadline", "40s"]);
    let lines = lines(&boot);
    has(&lines, "csrss: sb create session 2 mu 1 type 2 debugger 0");
    has(&lines, "other: in session 1");
    has(&lines, "winlogon: session 1 has its subsystem 1 and its command 1");
    has(&lines, "csrss: sb terminate session 2");
    let stops: Vec<&str> =
        lines.iter().filter_map(|line| line.strip_prefix("winlogon: message 6: ")).collect();
    assert_eq!(stops, ["00000000", "c0000034"]);
    let starts: Vec<&str> =
        lines.iter().filter_map(|line| line.strip_prefix("winlogon: message 5: ")).collect();
    assert_eq!(starts, ["00000000", "c0000034"]);
    // Both of the first further session, and the csrss of the second.
    let ended = |image: &str| {
        let ends = boot.events("Ps.ProcessExit").filter(|event| event["args"]["image"] == image);
        ends.count()
    };
    assert_eq!((ended("csrss.exe"), ended("winlogon.exe")), (2, 1), "{boot:#?}");
}

/// Whom csrss has let run may ask for a session before the session manager knows that, and is out of the first one.
#[test]
fn a_session_that_is_asked_for_early_is_made_later() {
    let csrss = r"csrss.exe name=csrss linger=200 sb=\StandInSb register=2 stay";
    let words = r"connect start=winlogon.exe+name=other+session+signal=\There+stay until=\There";
    let session = StandIns::new(csrss, &winlogon(words)).program("winlogon.exe", GUI).as_it_is("Kmode");
    let lines = lines(&session.boot(&[]));
    has(&lines, "winlogon: message 5: 00000000");
    has(&lines, "other: in session 1");
}

/// C65: win32k.sys is loaded before csrss starts, and only if there is a value `Kmode`.
#[test]
fn kmode_decides_about_win32k() {
    for (session, calls) in
        [(StandIns::new(CSRSS, &winlogon("")), 0), (StandIns::new(CSRSS, &winlogon("")).as_it_is("Kmode"), 2)]
    {
        let boot = session.boot(&["--trace", "syscalls"]);
        lines(&boot);
        let csrss = boot.events("Ps.ProcessCreate").find(|event| event["args"]["image"] == "csrss.exe");
        let csrss = csrss.and_then(|event| event["start_us"].as_f64());
        let before =
            boot.events("Sys.NtSetSystemInformation").filter(|event| event["start_us"].as_f64() < csrss);
        assert_eq!(before.count(), calls);
    }
}

/// Step 16: the last line of `Execute` is the initial command; the others are run before, after five seconds.
#[test]
fn execute_takes_the_place_of_winlogon() {
    let last = format!("winlogon.exe name=last {OFF}");
    let session = StandIns::new(CSRSS, "winlogon.exe name=debugger off")
        .program("sm.exe", NATIVE)
        .manager_list("Execute", &["sm name=first say=1", &last]);
    let boot = session.boot(&["--deadline", "40s"]);
    let lines = lines(&boot);
    has(&lines, "first: 1");
    assert!(!lines.iter().any(|line| line.starts_with("debugger")), "{lines:#?}");
    assert_eq!(images(&boot), ["smss.exe", "csrss.exe", "sm.exe", "winlogon.exe"]);
    let csrss = boot.events("Ps.ProcessCreate").nth(1).and_then(|event| event["start_us"].as_f64());
    let first = boot.events("Ps.ProcessCreate").nth(2).and_then(|event| event["start_us"].as_f64());
    assert!(first.expect("started") - csrss.expect("started") > 5_000_000.0);
}
