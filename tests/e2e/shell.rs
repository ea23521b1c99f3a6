//! The shell on COM1, with a script at the other end of the line: transcripts of standard input and output. It is
//! started from BootExecute, so that nothing of the session is needed.

use std::io::Write;
use std::process::{Child, Command, Stdio};

use smvm_tests::smvm;
use tempfile::TempDir;

/// What a script came to.
pub struct Transcript {
    /// Everything on COM1.
    pub text: String,
    /// `smvm`'s exit code.
    pub code: Option<i32>,
}

impl Transcript {
    /// What came between a command's line and the next prompt.
    #[track_caller]
    pub fn answer(&self, command: &str) -> String {
        let lines: Vec<&str> = self.text.lines().collect();
        let typed = format!(">{command}");
        let at = lines.iter().position(|line| line.ends_with(&typed));
        let at = at.unwrap_or_else(|| panic!("no {command:?} in\n{}", self.text));
        let rest =
            lines[at + 1..].iter().take_while(|line| line.get(1..3) != Some(r":\") || !line.contains('>'));
        rest.copied().collect::<Vec<_>>().join("\n")
    }
}

/// Starts the shell; the options come after those that do so. The folder is for what that takes.
pub fn start_shell(folder: &TempDir, options: &[&str]) -> Child {
    let reg = folder.path().join("boot.reg");
    let text = "Windows Registry Editor Version 5.00\r\n\r\n\
        [HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Session Manager]\r\n\
        \"BootExecute\"=str(7):\"cmd\\0\"\r\n";
    std::fs::write(&reg, text).expect("room for the registry text");
    let mut command = Command::new(smvm());
    command.args(["run", "--com", "1=stdio", "--deadline", "30s", "--reg"]).arg(&reg).args(options);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("smvm starts")
}

/// Runs a script.
pub fn script(lines: &str, options: &[&str]) -> Transcript {
    let folder = tempfile::tempdir().expect("a folder");
    let mut child = start_shell(&folder, options);
    child.stdin.take().expect("a pipe").write_all(lines.as_bytes()).expect("room in the pipe");
    let output = child.wait_with_output().expect("smvm ends");
    Transcript { text: String::from_utf8_lossy(&output.stdout).into_owned(), code: output.status.code() }
}

#[test]
fn a_script_is_done_and_the_machine_is_switched_off() {
    let transcript = script("ver\necho hello, world\nshutdown /s\n", &[]);
    assert_eq!(transcript.code, Some(0), "{}", transcript.text);
    assert!(transcript.answer("ver").starts_with("smvm "), "{}", transcript.text);
    assert_eq!(transcript.answer("echo hello, world"), "hello, world");
}

#[test]
fn the_end_of_the_script_is_the_end_of_the_run() {
    // The last line has no end.
    let transcript = script("echo first\necho last", &[]);
    assert_eq!(transcript.code, Some(0), "{}", transcript.text);
    assert_eq!(transcript.answer("echo last"), "last");
}

#[test]
fn reboot_is_told_apart() {
    let transcript = script("shutdown\nshutdown /r\n", &[]);
    assert_eq!(transcript.code, Some(8), "{}", transcript.text);
    assert!(transcript.answer("shutdown").contains("usage"), "{}", transcript.text);
}

#[test]
fn processes_are_listed_and_ended() {
    let transcript = script("tasklist\ntaskkill 99999\ntaskkill /f nosuch.exe\n", &[]);
    let list = transcript.answer("tasklist");
    for (name, parent) in [("smss.exe", "4"), ("cmd.exe", "")] {
        let line =
            list.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("no {name} in {list}"));
        let fields: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(fields.len(), 7, "{line}");
        assert!(fields[1].parse::<u32>().is_ok() && (parent.is_empty() || fields[2] == parent), "{line}");
        assert!(fields[5].parse::<u32>().is_ok_and(|kib| kib > 0), "{line}");
    }
    assert!(transcript.answer("taskkill 99999").contains("no such process"), "{}", transcript.text);
    assert!(transcript.answer("taskkill /f nosuch.exe").contains("no such process"), "{}", transcript.text);
}

#[test]
fn files_folders_and_drives() {
    let lines = "dir /b C:\\Windows\\System32\\*.dll\ncd System32\ncd\ncd \\nosuch\ntype nosuch.txt\n\
        copy smss.exe new.exe\ndel smss.exe\nren smss.exe x.exe\nmd new\n\
        subst p: C:\\Windows\\System32 /p\nsubst\np:\ndir /b smss.exe\nC:\nsubst p: /d\nsubst\n\
        reg query \"HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\DOS Devices\" /v p:\n";
    let transcript = script(lines, &[]);
    assert!(
        transcript.answer(r"dir /b C:\Windows\System32\*.dll").contains("ntdll.dll"),
        "{}",
        transcript.text
    );
    assert_eq!(transcript.answer("cd"), r"C:\Windows\System32");
    assert!(transcript.answer(r"cd \nosuch").contains("not found"), "{}", transcript.text);
    assert_eq!(transcript.answer("type nosuch.txt"), "type: nosuch.txt: not found");
    // The boot archive cannot be written.
    for command in ["copy smss.exe new.exe", "del smss.exe", "ren smss.exe x.exe", "md new"] {
        assert!(transcript.answer(command).contains("write-protected"), "{command}: {}", transcript.text);
    }
    assert_eq!(transcript.answer("subst"), r"P: => C:\Windows\System32");
    assert_eq!(transcript.answer("dir /b smss.exe"), "smss.exe");
    assert!(transcript.text.contains(r"p:    REG_SZ    \??\C:\Windows\System32"), "{}", transcript.text);
}

#[test]
fn the_registry_and_the_namespace() {
    let key = r"HKLM\SYSTEM\CurrentControlSet\Control\Test";
    let lines = format!(
        "reg add {key}\\Below /v number /t REG_DWORD /d 0x12\nreg add {key} /v text /d \"two words\"\n\
        reg query {key} /s\nreg delete {key} /v text\nreg query {key} /v text\nreg delete {key}\nreg query {key}\n\
        objdir \\Device\nobjdir \\??\nset X=1\nset x\necho %x%%SystemRoot%\nset X=\nset x\n"
    );
    let transcript = script(&lines, &[]);
    let all = transcript.answer(&format!("reg query {key} /s"));
    assert!(all.contains("    text    REG_SZ    two words"), "{all}");
    assert!(all.contains("    number    REG_DWORD    0x12"), "{all}");
    assert!(
        transcript.answer(&format!("reg query {key} /v text")).contains("not found"),
        "{}",
        transcript.text
    );
    assert!(transcript.answer(&format!("reg query {key}")).contains("not found"), "{}", transcript.text);
    assert!(transcript.answer(r"objdir \Device").lines().any(|line| line == "Device         Null"));
    assert!(transcript.answer(r"objdir \??").contains(r"SymbolicLink   COM1 -> \Device\Serial0"));
    assert_eq!(transcript.answer("echo %x%%SystemRoot%"), r"1C:\Windows");
    assert!(transcript.text.contains("there is no such variable"), "{}", transcript.text);
}

#[test]
fn output_goes_to_devices() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("com2");
    let com2 = format!("2=file:{}", file.display());
    let transcript = script(
        "echo first > COM2\necho second >> COM2\nver > \\\\.\\COM2\necho x > COM1\necho y > nosuch\\z\necho nothing > NUL\n",
        &["--com", &com2],
    );
    let printed = std::fs::read_to_string(&file).expect("what came out of COM2");
    assert!(printed.starts_with("first\r\nsecond\r\nsmvm "), "{printed:?}\n{}", transcript.text);
    // It is the shell's own.
    assert!(transcript.answer("echo x > COM1").contains("access denied"), "{}", transcript.text);
    assert!(transcript.answer(r"echo y > nosuch\z").contains("echo: "), "{}", transcript.text);
}

#[test]
fn programs_run_and_say_how_they_ended() {
    let transcript = script("cmd /c ver\ncmd /c exit 3\necho %errorlevel%\nnosuch\n", &[]);
    // The port belongs to the first shell.
    assert!(transcript.answer("cmd /c ver").contains("ended with 0xc0000022"), "{}", transcript.text);
    assert!(transcript.answer("nosuch").contains("neither a command"), "{}", transcript.text);
}
