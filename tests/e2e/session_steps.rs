//! What the session manager does up to the session, seen by programs of BootExecute, in events and in the hives that
//! are left. Tests are named after the rows of the specification's list of claims.

use smvm_tests::{Boot, Ended, Session, program, strings};

/// STATUS_INVALID_IMAGE_FORMAT.
const INVALID_IMAGE_FORMAT: u64 = 0xC000_007B;
const NAME_NOT_FOUND: u64 = 0xC000_0034;
const PATH_NOT_FOUND: u64 = 0xC000_003A;
const NAME_INVALID: u64 = 0xC000_0033;
const CHECKSUM_MISMATCH: u64 = 0xC000_0221;

const ENVIRONMENT: &str = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Session Manager\Environment";

/// Variables as the program `environment` has shown them.
fn variables(ended: &Ended) -> Vec<&str> {
    ended.boot.console().lines().filter_map(|line| line.strip_prefix("variable: ")).collect()
}

fn place(text: &str, part: &str) -> usize {
    text.find(part).unwrap_or_else(|| panic!("no {part:?} in {text}"))
}

#[test]
fn c02_the_first_environment_is_three_variables() {
    let ended = Session::new().text(&format!("[-{ENVIRONMENT}]")).lines(&["environment"]).boot(&[]);
    let expected = [r"Path=C:\Windows\System32", "SystemDrive=C:", r"SystemRoot=C:\Windows"];
    assert_eq!(variables(&ended), expected, "{:#?}", ended.boot);
    // The variables of the processor make the key that they are in.
    assert_eq!(ended.value("SYSTEM", ENVIRONMENT, "OS").as_deref(), Some("Windows_NT"));
}

#[test]
fn c05_c06_c07_c29_c30_c35_c36_c92_what_boot_execute_finds() {
    let ended = Session::new().lines(&[
        r"session list \",
        r"session list \??",
        r"session event \Device\VolumesSafeForWriteAccess",
        r"session file \??\NUL",
        "session parent",
    ]);
    let ended = ended.boot(&[]);
    for line in [
        r"\: SmApiPort (Port)",
        r"\: Windows (Directory)",
        r"\: RPC Control (Directory)",
        r"\: Sessions (Directory)",
        r"\??: NUL -> \Device\Null",
        r"\??: PIPE -> \Device\NamedPipe",
        r"\??: MAILSLOT -> \Device\MailSlot",
        r"\??: AUX -> \DosDevices\COM1",
        r"\??: PRN -> \DosDevices\LPT1",
        "event: type 0 state 0",
        r"file \??\NUL: 00000000",
        "parent: base priority 11",
    ] {
        assert!(ended.shows(line), "no {line:?} in {:#?}", ended.boot);
    }
}

#[test]
fn c11_autochk_is_run_by_default() {
    let ended = Session::new().own("\"BootExecute\"=-").boot(&[]);
    assert!(ended.shows("AutoChk.exe program not found - skipping AUTOCHECK"), "{:#?}", ended.boot);
    let ended = Session::new().own("\"BootExecute\"=-").file("AutoChk.exe", program("session")).boot(&[]);
    // Its command line is its path and what is behind its name.
    assert!(ended.shows(r"line: \??\C:\Windows\system32\AutoChk.exe *"), "{:#?}", ended.boot);
}

#[test]
fn c12_c13_c15_c16_lines_run_in_order_and_some_at_once() {
    let ended = Session::new().lines(&[
        "autocheck missing *",
        "missing too",
        "async session sleep one",
        "session sleep two",
        "session sleep three",
        "async debug",
        "session sleep two",
    ]);
    let ended = ended.boot(&[]);
    let text = ended.boot.console();
    assert!(ended.shows("missing program not found - skipping AUTOCHECK"), "{text}");
    assert_eq!(text.matches("not found").count(), 1, "{text}");
    assert!(place(text, "begin two") < place(text, "end one"), "{text}");
    assert!(place(text, "end two") < place(text, "begin three"), "{text}");
    // An identical line is run once.
    assert_eq!(text.matches("begin two").count(), 1, "{text}");
    let skipped = ended.told("Smss.Skipped");
    assert!(skipped.contains(&("missing too".into(), NAME_NOT_FOUND)), "{skipped:?}");
    assert!(skipped.contains(&("async debug".into(), 0xC000_0001)), "{skipped:?}");
    ended.assert_went_on();
}

#[test]
fn programs_get_the_whole_line_keywords_and_all() {
    let ended = Session::new().lines(&["ASYNC  session  one  'two three' ", "session sleep on"]).boot(&[]);
    assert!(ended.shows("line: ASYNC  session  one  'two three' "), "{:#?}", ended.boot);
}

#[test]
fn c18_an_image_of_another_subsystem_is_not_run() {
    let mut image = program("session").to_vec();
    let header = u32::from_le_bytes([image[0x3C], image[0x3D], image[0x3E], image[0x3F]]) as usize;
    for subsystem in [2, 3] {
        // Subsystem, 68 bytes into the optional header.
        image[header + 24 + 68] = subsystem;
        let ended = Session::new().file("window.exe", &image).lines(&["window", "session on"]).boot(&[]);
        assert!(!ended.shows("line: window") && ended.shows("line: session on"), "{:#?}", ended.boot);
        assert_eq!(ended.told("Smss.Skipped")[0], ("window".into(), INVALID_IMAGE_FORMAT));
        let ends = ended.boot.events("Ps.ProcessExit").find(|event| event["args"]["image"] == "window.exe");
        assert!(ends.is_some_and(|end| end["args"]["status"].to_string().contains("C000007B")), "{ends:?}");
    }
}

#[test]
fn c21_a_program_that_never_ends_blocks_the_boot() {
    let ended = Session::new().lines(&["session for ever", "session next"]).boot(&["--deadline", "6s"]);
    assert_eq!(ended.boot.code, 6, "{:#?}", ended.boot);
    assert!(ended.shows("for ever") && !ended.shows("line: session next"), "{:#?}", ended.boot);
    assert_eq!(ended.boot.events("Smss.ProcessFileRenames").count(), 0);
}

#[test]
fn c22_c23_variables_are_set_in_stored_order() {
    let ended = Session::new()
        .key(
            "Environment",
            "\"A\"=\"1\"\n\"B\"=str(2):\"%A%2\"\n\"D\"=str(2):\"%E%2\"\n\"E\"=\"3\"\n\"F\"=str(2):\"%none%%\"\n\
             \"G\"=\"%A%\"\n",
        )
        .lines(&["environment"])
        .boot(&[]);
    let shown = variables(&ended);
    for variable in [
        "B=12",
        "D=%E%2",
        "F=%none%%",
        "G=%A%",
        r"Path=C:\Windows\system32;C:\Windows",
        r"ComSpec=C:\Windows\system32\cmd.exe",
        r"windir=C:\Windows",
    ] {
        assert!(shown.contains(&variable), "no {variable} in {shown:?}");
    }
    // What this boot writes is the next one's.
    for variable in ["OS=", "NUMBER_OF_PROCESSORS=", "PROCESSOR_"] {
        assert!(!shown.iter().any(|shown| shown.starts_with(variable)), "{shown:?}");
    }
}

#[test]
fn c24_the_processor_and_the_boot_folder_are_written_to_the_hives() {
    let ended = Session::new().boot(&[]);
    let variable = |name: &str| ended.value("SYSTEM", ENVIRONMENT, name);
    assert_eq!(variable("OS").as_deref(), Some("Windows_NT"));
    assert_eq!(variable("PROCESSOR_ARCHITECTURE").as_deref(), Some("AMD64"));
    assert_eq!(variable("NUMBER_OF_PROCESSORS").as_deref(), Some("1"));
    assert!(variable("PROCESSOR_LEVEL").is_some_and(|level| level.parse::<u32>().is_ok()));
    assert!(variable("PROCESSOR_IDENTIFIER").is_some_and(|text| text.contains(", ")));
    assert!(variable("PROCESSOR_REVISION").is_some_and(|text| u16::from_str_radix(&text, 16).is_ok()));
    assert_eq!(variable("SAFEBOOT_OPTION"), None);
    let setup = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Setup";
    assert_eq!(ended.value("SOFTWARE", setup, "BootDir").as_deref(), Some(r"C:\"));
}

#[test]
fn c24_variables_that_another_machine_has_left_are_written_over() {
    let other =
        "\"OS\"=\"Other\"\n\"PROCESSOR_ARCHITECTURE\"=str(2):\"AMD64\"\n\"NUMBER_OF_PROCESSORS\"=\"2\"\n";
    let ended = Session::new().key("Environment", other).boot(&[]);
    let variable = |name: &str| ended.value("SYSTEM", ENVIRONMENT, name);
    assert_eq!(variable("OS").as_deref(), Some("Windows_NT"));
    assert_eq!(variable("PROCESSOR_ARCHITECTURE").as_deref(), Some("AMD64"));
    assert_eq!(variable("NUMBER_OF_PROCESSORS").as_deref(), Some("1"));
}

#[test]
fn c26_an_unknown_processor_is_fatal() {
    let processor = r"\Registry\Machine\Hardware\Description\System\CentralProcessor\0";
    let ended = Session::new().lines(&[&format!("session forget {processor}")]).boot(&[]);
    assert!(ended.shows("forgotten"), "{:#?}", ended.boot);
    ended.assert_fatal("Session Manager Initialization", NAME_NOT_FOUND);
}

#[test]
fn c28_safe_boot_is_named() {
    let option = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\SafeBoot\Option";
    for (number, name) in [(1, Some("MINIMAL")), (2, Some("NETWORK")), (3, Some("DSREPAIR")), (4, None)] {
        let text = format!("[{option}]\n\"OptionValue\"=dword:{number:08x}\n");
        // What an earlier boot has left is no value of this one, for children neither.
        let left = "\"SAFEBOOT_OPTION\"=\"LEFT\"\n";
        let ended = Session::new().text(&text).key("Environment", left).lines(&["environment"]).boot(&[]);
        assert_eq!(ended.value("SYSTEM", ENVIRONMENT, "SAFEBOOT_OPTION").as_deref(), name);
        assert!(!variables(&ended).iter().any(|variable| variable.starts_with("SAFEBOOT")), "{number}");
    }
}

#[test]
fn c31_c32_drive_letters_links_replaced_and_links_removed() {
    let devices = "\"P:\"=\"\\\\??\\\\C:\\\\Windows\"\n\"GLOBALROOT\"=\"\\\\Device\"\n\"Global\"=\"\"\n\
                   \"E\"=str(2):\"\\\\Device\\\\%A%\"\n";
    let ended = Session::new().key("DOS Devices", devices).lines(&[
        r"session list \??",
        r"session file \??\P:\System32\smss.exe",
        r"session file \??\P:\none",
    ]);
    let ended = ended.boot(&[]);
    for line in [
        r"\??: P: -> \??\C:\Windows",
        r"\??: GLOBALROOT -> \Device",
        r"file \??\P:\System32\smss.exe: 00000000",
        r"file \??\P:\none: c0000034",
        // The environment comes behind the devices.
        r"\??: E -> \Device\%A%",
    ] {
        assert!(ended.shows(line), "no {line:?} in {:#?}", ended.boot);
    }
    assert!(!ended.boot.console().contains(r"\??: Global ->"), "{:#?}", ended.boot);
}

#[test]
fn c34_a_link_that_cannot_be_made_is_fatal() {
    let ended = Session::new().key("DOS Devices", "\"no\\\\where\"=\"\\\\Device\\\\Null\"\n").boot(&[]);
    ended.assert_fatal("Session Manager Initialization", PATH_NOT_FOUND);
    assert_eq!(ended.boot.events("Smss.BootExecuteList").count(), 0, "{:#?}", ended.boot);
}

#[test]
fn c37_c41_renames_come_after_boot_execute_and_only_once() {
    let pairs = [r"\??\C:\Windows\System32\session.exe", "", r"\??\C:\none", r"!\??\C:\other", "left over"];
    let values = strings("PendingFileRenameOperations", &pairs)
        + &strings("PendingFileRenameOperations2", &[r"\??\C:\second", ""])
        + "\"AllowProtectedRenames\"=dword:00000001\n";
    let ended = Session::new().own(&values).lines(&[r"session file \??\C:\Windows\System32\session.exe"]);
    let ended = ended.boot(&[]);
    assert!(ended.shows(r"file \??\C:\Windows\System32\session.exe: 00000000"), "{:#?}", ended.boot);
    let renames = ended.told("Smss.FileRename");
    let names: Vec<&str> = renames.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, [pairs[0], pairs[2], r"\??\C:\second"], "{renames:?}");
    // The boot archive cannot be written to.
    assert!(renames.iter().all(|(_, status)| status >> 30 == 3), "{renames:?}");
    assert!(ended.boot.time_of("Smss.ProcessFileRenames") > ended.boot.time_of("Smss.BootExecuteList"));
    let key = smvm_tests::SESSION_MANAGER;
    for name in ["PendingFileRenameOperations", "PendingFileRenameOperations2", "AllowProtectedRenames"] {
        assert_eq!(ended.value("SYSTEM", key, name), None, "{name}");
    }
    ended.assert_went_on();
}

#[test]
fn c43_windows_pe_renames_nothing_and_pages_nowhere() {
    let ended = Session::new()
        .text(r"[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\MiniNT]")
        .own(&strings("PendingFileRenameOperations", &[r"\??\C:\none", ""]))
        .boot(&[]);
    assert_eq!(ended.boot.events("Smss.FileRename").count(), 0, "{:#?}", ended.boot);
    assert!(!ended.told("Smss.Skipped").iter().any(|(name, _)| name.contains("pagefile")));
    ended.assert_went_on();
}

/// A DLL: the driver, which imports from `ntoskrnl.exe` and `hal.dll`. The first of them can be called otherwise.
fn dll(import: &[u8; 13]) -> Vec<u8> {
    let mut image = program("driver").to_vec();
    let at = image.windows(13).position(|name| name == b"ntoskrnl.exe\0").expect("an import");
    image[at..at + 13].copy_from_slice(import);
    set_checksum(&mut image, 0);
    image
}

fn set_checksum(image: &mut [u8], checksum: u32) {
    let header = u32::from_le_bytes([image[0x3C], image[0x3D], image[0x3E], image[0x3F]]) as usize;
    // CheckSum, 64 bytes into the optional header.
    image[header + 24 + 64..][..4].copy_from_slice(&checksum.to_le_bytes());
}

#[test]
fn c45_c46_known_dlls_and_what_they_import() {
    let ended = Session::new()
        .file("known.dll", &dll(b"ntdll.dll\0\0\0\0"))
        .file("hal.dll", &dll(b"deeper.dll\0\0\0"))
        .file("deeper.dll", &dll(b"none.dll\0\0\0\0\0"))
        .file("left.dll", &dll(b"none.dll\0\0\0\0\0"))
        .own(&strings("ExcludeFromKnownDlls", &["LEFT.dll"]))
        .key("KnownDLLs", "\"known\"=\"known.dll\"\n\"left\"=\"left.dll\"\n")
        .own(&strings("SetupExecute", &[r"session list \KnownDlls"]))
        .boot(&[]);
    for line in [
        r"\KnownDlls: KnownDllPath -> C:\Windows\system32",
        r"\KnownDlls: known.dll (Section)",
        r"\KnownDlls: HAL.dll (Section)",
        r"\KnownDlls: deeper.dll (Section)",
    ] {
        assert!(ended.shows(line), "no {line:?} in {:#?}", ended.boot);
    }
    let text = ended.boot.console();
    assert!(!text.contains(r"KnownDlls: ntdll") && !text.contains(r"KnownDlls: left"), "{text}");
    let skipped = ended.told("Smss.Skipped");
    assert!(skipped.contains(&("none.dll".into(), NAME_NOT_FOUND)), "{skipped:?}");
}

#[test]
fn c48_a_damaged_known_dll_is_fatal() {
    let mut image = dll(b"ntdll.dll\0\0\0\0");
    set_checksum(&mut image, 1);
    let ended = Session::new().file("known.dll", &image).key("KnownDLLs", "\"known\"=\"known.dll\"\n");
    ended.boot(&[]).assert_fatal("Verification of a KnownDLL failed.", CHECKSUM_MISMATCH);
}

#[test]
fn c49_a_program_is_no_known_dll() {
    let ended = Session::new().key("KnownDLLs", "\"session\"=\"session.exe\"\n").boot(&[]);
    ended.assert_fatal("Non-DLL file included in KnownDLL list.", INVALID_IMAGE_FORMAT);
}

#[test]
fn c51_without_a_folder_for_known_dlls_there_is_no_session() {
    for value in ["\"DllDirectory\"=-", "\"DllDirectory\"=\"\""] {
        let ended = Session::new().key("KnownDLLs", value).boot(&[]);
        ended.assert_fatal("Session Manager Initialization", NAME_INVALID);
    }
}

#[test]
fn c56_c60_paging_files_may_fail() {
    let lines: Vec<String> = (1..=17).map(|number| format!(r"C:\page{number}.sys 16 64")).collect();
    let lines: Vec<&str> =
        lines.iter().map(String::as_str).chain([r"C:\bad.sys x", r"?:\p", r"?:\q"]).collect();
    let ended = Session::new().key("Memory Management", &strings("PagingFiles", &lines)).boot(&[]);
    let skipped = ended.told("Smss.Skipped");
    let of =
        |name: &str| skipped.iter().find(|(skipped, _)| skipped.starts_with(name)).map(|&(_, status)| status);
    assert_eq!(of(r"C:\page17.sys"), Some(0xC000_0097), "{skipped:?}");
    assert_eq!(of(r"C:\bad.sys"), Some(0xC000_000D), "{skipped:?}");
    // The boot archive is no place for any.
    assert_eq!(of(r"C:\page16.sys"), Some(NAME_NOT_FOUND), "{skipped:?}");
    ended.assert_went_on();
}

#[test]
fn c61_the_order_of_steps() {
    let boot = Boot::with(&[]);
    let order = [
        "Smss.Start",
        "Smss.Environment",
        "Smss.DosDevices",
        "Smss.BootExecuteList",
        "Smss.ProcessFileRenames",
        "Smss.InitializeKnownDlls",
        "Smss.PagingFiles",
        "Smss.InitializeRegistry",
        "Smss.Variables",
        "Smss.BootDir",
        "Smss.SetupExecuteList",
        "Smss.Win32k",
        "Smss.Subsystems",
    ];
    let times = order.map(|name| boot.time_of(name));
    assert!(times.is_sorted(), "{:?}", order.iter().zip(times).collect::<Vec<_>>());
}
