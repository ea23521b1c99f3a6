//! Missing, empty, malformed and hostile values of everything that the session manager reads, and what the
//! specification says of each.

use smvm_tests::{Ended, SESSION_MANAGER, Session, strings};

const NAME_INVALID: u64 = 0xC000_0033;
const NAME_NOT_FOUND: u64 = 0xC000_0034;

/// Values of the session manager's own key.
const OWN: [&str; 10] = [
    "ProtectionMode",
    "AllowProtectedRenames",
    "ObjectDirectories",
    "BootExecute",
    "SetupExecute",
    "PendingFileRenameOperations",
    "PendingFileRenameOperations2",
    "ExcludeFromKnownDlls",
    "Execute2",
    "GlobalFlag",
];

/// What a boot is expected to come to.
enum Expected {
    /// It goes on to the session.
    GoesOn,
    /// It stops with this status.
    Fatal(u64),
}

fn boot(name: &str, session: Session, expected: &Expected) -> Ended {
    let ended = session.boot(&[]);
    match expected {
        Expected::GoesOn => {
            assert!(ended.boot.events("Smss.SetupExecuteList").count() == 1, "{name}: {:#?}", ended.boot)
        }
        Expected::Fatal(status) => ended.assert_fatal("Session Manager Initialization", *status),
    }
    ended
}

/// All values of the key with the same data.
fn all(data: &str) -> Session {
    let values: String = OWN.iter().map(|name| format!("\"{name}\"={data}\n")).collect();
    Session::new().own(&values).key("Memory Management", &format!("\"PagingFiles\"={data}\n"))
}

#[test]
fn keys_that_are_missing() {
    let gone = format!("[-{SESSION_MANAGER}]\n");
    boot("no key", Session::new().text(&gone), &Expected::Fatal(NAME_NOT_FOUND));
    // Nothing in it: no folder of known DLLs.
    let ended = boot("empty key", Session::new().text(&gone).own(""), &Expected::Fatal(NAME_INVALID));
    assert!(ended.shows("AutoChk.exe program not found - skipping AUTOCHECK"), "{:#?}", ended.boot);
    // With one, defaults do for all the rest.
    let dlls = "\"DllDirectory\"=str(2):\"%SystemRoot%\\\\system32\"\n";
    let setup = strings("SetupExecute", &[r"session list \", r"session list \??"]);
    let session = Session::new().text(&gone).own(&setup).key("KnownDLLs", dlls);
    let ended = boot("defaults", session, &Expected::GoesOn);
    for line in [r"\: Windows (Directory)", r"\: RPC Control (Directory)", r"\: KnownDlls (Directory)"] {
        assert!(ended.shows(line), "no {line:?} in {:#?}", ended.boot);
    }
    assert!(!ended.boot.console().contains(r"\??: NUL"), "{:#?}", ended.boot);
    assert_eq!(ended.told("Smss.Skipped").iter().filter(|(name, _)| name == r"?:\pagefile.sys").count(), 1);
}

#[test]
fn values_that_are_empty() {
    let one_nul = boot("one NUL", all("hex(7):00,00"), &Expected::GoesOn);
    assert!(!one_nul.boot.console().contains("AUTOCHECK"), "{:#?}", one_nul.boot);
    // An empty list of paging files: none is wanted, no emergency file either.
    assert!(!one_nul.told("Smss.Skipped").iter().any(|(name, _)| name.contains("pagefile")));
    boot("no bytes", all("hex(7):"), &Expected::GoesOn);
    boot("empty text", all("\"\""), &Expected::GoesOn);
    boot("empty binary", all("hex:"), &Expected::GoesOn);
}

#[test]
fn values_that_are_malformed() {
    boot("numbers", all("dword:41424344"), &Expected::GoesOn);
    boot("odd bytes", all("hex(7):41,00,42"), &Expected::GoesOn);
    boot("no terminator", all("hex(7):41,00,42,00"), &Expected::GoesOn);
    boot("binary", all("hex:ff,fe,fd,fc,fb,fa,f9"), &Expected::GoesOn);
    boot("NULs alone", all("hex(7):00,00,00,00,00,00,00,00"), &Expected::GoesOn);
    boot("lone surrogates", all("hex(7):00,d8,00,00,00,dc,20,00,00,d8,00,00,00,00"), &Expected::GoesOn);
    boot("unknown type", all("hex(1234):61,00,00,00"), &Expected::GoesOn);
    boot("links", all("hex(6):5c,00,52,00"), &Expected::GoesOn);
}

#[test]
fn values_that_are_huge() {
    let long = "x".repeat(4_000);
    boot("long text", all(&format!("\"{long}\"")), &Expected::GoesOn);
    let many: Vec<String> = (0..300).map(|number| format!("missing{number} with words")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let lines = strings("BootExecute", &many[..40]) + &strings("ObjectDirectories", &many);
    let paging = strings("PagingFiles", &many);
    let session = Session::new().own(&lines).key("Memory Management", &paging);
    let ended = boot("many lines", session, &Expected::GoesOn);
    assert!(ended.told("Smss.Skipped").len() > 40, "{:#?}", ended.boot);
}

#[test]
fn hostile_lists_of_directories_and_lines() {
    let directories =
        [r"\Windows", r"\a\b\c", "relative", "", "\\", r"\Windows", r"\made", r"\made\below", r"\made"];
    let ended = Session::new().own(&strings("ObjectDirectories", &directories)).lines(&[
        r"session list \made",
        "  ",
        "debug",
        "session\tone",
        r"..\..\session",
        r"\??\C:\x.exe",
        "*",
    ]);
    let ended = boot("directories", ended, &Expected::GoesOn);
    assert!(ended.shows(r"\made: below (Directory)"), "{:#?}", ended.boot);
    assert!(ended.shows("line: session\tone"), "{:#?}", ended.boot);
    let skipped = ended.told("Smss.Skipped");
    for name in [r"\a\b\c", "relative"] {
        assert!(skipped.iter().any(|(skipped, status)| skipped == name && status >> 30 == 3), "{skipped:?}");
    }
    assert!(!skipped.iter().any(|(name, _)| name == r"\Windows"), "{skipped:?}");
}

#[test]
fn hostile_variables() {
    // Variables that refer to themselves and to nothing; values that are no text.
    let values = "\"A\"=str(2):\"%A%%A%%B\"\n\"Path\"=str(2):\"%Path%;%Path%;%none%\"\n\"N\"=dword:00000041\n\
                  \"L\"=str(7):\"one\\0two\\0\"\n\"Z\"=hex(1):\n";
    let ended = Session::new().key("Environment", values).lines(&["environment"]);
    let ended = boot("variables", ended, &Expected::GoesOn);
    for variable in
        [r"Path=C:\Windows\System32;C:\Windows\System32;%none%", "A=%A%%A%%B", "N=A", "L=two", "Z="]
    {
        assert!(ended.shows(&format!("variable: {variable}")), "no {variable} in {:#?}", ended.boot);
    }
    // No variable can be called that: the pass fails, and the session manager with it.
    let ended = Session::new().key("Environment", "\"a=b\"=\"c\"\n");
    boot("a name with =", ended, &Expected::Fatal(0xC000_000D));
}

#[test]
fn hostile_subsystems_and_known_dlls() {
    let ended = Session::new()
        .key("SubSystems", &(strings("Required", &["Debug", "nobody", "", "Windows"]) + &strings("Optional", &["nor he"])))
        .key("KnownDLLs", "\"up\"=\"..\\\\smss.exe\"\n\"none\"=\"\"\n\"far\"=\"\\\\Device\\\\Null\"\n\"n\"=dword:00000001\n");
    let ended = boot("subsystems", ended, &Expected::GoesOn);
    let skipped = ended.told("Smss.Skipped");
    for name in ["nobody", "nor he", r"..\smss.exe", r"\Device\Null"] {
        assert!(
            skipped.iter().any(|(skipped, status)| skipped == name && status >> 30 == 3),
            "{name}: {skipped:?}"
        );
    }
}

#[test]
fn hostile_renames_and_one_shot_values() {
    let values =
        strings("PendingFileRenameOperations", &["", "", "@", "", "!", "!", "relative", r"\", "dangling"])
            + "\"PendingFileRenameOperations2\"=\"not a list\"\n\"AllowProtectedRenames\"=hex:01\n";
    let ended = boot("renames", Session::new().own(&values), &Expected::GoesOn);
    let renames = ended.told("Smss.FileRename");
    assert_eq!(renames.len(), 4, "{renames:?}");
    assert!(renames.iter().all(|(_, status)| status >> 30 == 3), "{renames:?}");
    for name in ["PendingFileRenameOperations", "PendingFileRenameOperations2", "AllowProtectedRenames"] {
        assert_eq!(ended.value("SYSTEM", SESSION_MANAGER, name), None, "{name}");
    }
}

#[test]
fn hostile_devices() {
    // Data of any type; a link to itself; names and targets as long as they may be.
    let long = "x".repeat(200);
    let values = format!(
        "\"SELF\"=\"\\\\??\\\\SELF\"\n\"N\"=dword:00000041\n\"L\"=str(7):\"one\\0two\\0\"\n\"{long}\"=\"\\\\{long}\"\n\
         \"B\"=hex:5c\n"
    );
    let ended =
        Session::new().key("DOS Devices", &values).lines(&[r"session list \??", r"session file \??\SELF\x"]);
    let ended = boot("devices", ended, &Expected::GoesOn);
    for line in [r"\??: SELF -> \??\SELF", r"\??: N -> A", r"\??: L -> two"] {
        assert!(ended.shows(line), "no {line:?} in {:#?}", ended.boot);
    }
    assert!(ended.boot.console().contains(r"file \??\SELF\x: c00000"), "{:#?}", ended.boot);
    // The same twice, with nothing in between.
    let mode = "\"ProtectionMode\"=hex:01,02\n\"ObjectDirectories\"=\"\\\\single\"\n";
    let ended = boot("mode", Session::new().own(mode).lines(&[r"session list \"]), &Expected::GoesOn);
    assert!(ended.shows(r"\: single (Directory)"), "{:#?}", ended.boot);
    let open = boot("open", Session::new().own("\"ProtectionMode\"=dword:00000000"), &Expected::GoesOn);
    assert!(open.told("Smss.Skipped").iter().all(|(name, _)| !name.starts_with('\\')));
}
