//! Small PVH guests made of bytes, and the program that runs them.
#![allow(dead_code, clippy::allow_attributes, reason = "each test binary uses a part")]

use std::io::Write;
use std::process::{Command, Output, Stdio};

use tempfile::{NamedTempFile, TempDir};

/// Where guests are loaded and entered.
pub const BASE: u32 = 0x20_0000;
/// COM1.
pub const COM1: u16 = 0x3F8;
/// The platform device.
pub const PLATFORM: u16 = 0x600;

/// A 32-bit guest under construction.
#[derive(Clone, Debug, Default)]
pub struct Code(pub Vec<u8>);

impl Code {
    pub fn new() -> Self {
        Self::default()
    }

    /// Raw bytes.
    pub fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    /// The address of what comes next.
    pub fn here(&self) -> u32 {
        BASE + self.0.len() as u32
    }

    /// `mov dx, port; mov al, value; out dx, al`
    pub fn out8(self, port: u16, value: u8) -> Self {
        self.dx(port).raw(&[0xB0, value, 0xEE])
    }

    /// `mov dx, port; mov eax, value; out dx, eax`
    pub fn out32(self, port: u16, value: u32) -> Self {
        self.dx(port).raw(&[0xB8]).raw(&value.to_le_bytes()).raw(&[0xEF])
    }

    /// `mov dx, port; in al, dx`
    pub fn in8(self, port: u16) -> Self {
        self.dx(port).raw(&[0xEC])
    }

    fn dx(self, port: u16) -> Self {
        self.raw(&[0x66, 0xBA]).raw(&port.to_le_bytes())
    }

    /// Prints on COM1, byte by byte.
    pub fn print(self, text: &str) -> Self {
        text.bytes().fold(self, |code, byte| code.out8(COM1, byte))
    }

    /// Sends what is in AL.
    pub fn print_al(self) -> Self {
        self.dx(COM1).raw(&[0xEE])
    }

    /// `mov dword [address], value`
    pub fn store(self, address: u32, value: u32) -> Self {
        self.raw(&[0xC7, 0x05]).raw(&address.to_le_bytes()).raw(&value.to_le_bytes())
    }

    /// `mov eax, [address]`
    pub fn load(self, address: u32) -> Self {
        self.raw(&[0xA1]).raw(&address.to_le_bytes())
    }

    /// Powers off through the platform device.
    pub fn power_off(self) -> Self {
        self.out32(PLATFORM + 4, 0x301)
    }

    /// Resets through the keyboard controller.
    pub fn reset(self) -> Self {
        self.out8(0x64, 0xFE)
    }

    /// Halts for ever, with interrupts off.
    pub fn halt(self) -> Self {
        self.raw(&[0xFA, 0xF4, 0xEB, 0xFC])
    }

    /// The guest as an ELF64 file.
    pub fn elf64(&self) -> Vec<u8> {
        elf64(&self.0, BASE.into(), BASE, self.0.len() as u64)
    }

    /// The guest as an ELF32 file.
    pub fn elf32(&self) -> Vec<u8> {
        let note = pvh_note(BASE);
        let offset = 52 + 2 * 32 + note.len() as u32;
        let mut file = b"\x7FELF\x01\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
        for half in [2u16, 3] {
            file.extend(half.to_le_bytes());
        }
        for word in [1u32, BASE, 52, 0, 0] {
            file.extend(word.to_le_bytes());
        }
        for half in [52u16, 32, 2, 0, 0, 0] {
            file.extend(half.to_le_bytes());
        }
        let len = self.0.len() as u32;
        let load = [1, offset, BASE, BASE, len, len, 5, 16];
        let note_len = note.len() as u32;
        let notes = [4, 52 + 2 * 32, 0, 0, note_len, note_len, 4, 4];
        for word in load.into_iter().chain(notes) {
            file.extend(word.to_le_bytes());
        }
        file.extend(note);
        file.extend(&self.0);
        file
    }
}

/// An ELF note.
pub fn note(name: &[u8], kind: u32, descriptor: &[u8]) -> Vec<u8> {
    let mut note = Vec::new();
    for word in [name.len() as u32, descriptor.len() as u32, kind] {
        note.extend(word.to_le_bytes());
    }
    note.extend(name);
    note.resize(note.len().next_multiple_of(4), 0);
    note.extend(descriptor);
    note.resize(note.len().next_multiple_of(4), 0);
    note
}

fn pvh_note(entry: u32) -> Vec<u8> {
    note(b"Xen\0", 18, &entry.to_le_bytes())
}

/// An ELF64 file with one segment and a PVH note.
pub fn elf64(code: &[u8], address: u64, entry: u32, memory_size: u64) -> Vec<u8> {
    elf64_with_notes(code, address, entry, memory_size, &[])
}

/// The same, with more notes.
pub fn elf64_with_notes(code: &[u8], address: u64, entry: u32, memory_size: u64, more: &[u8]) -> Vec<u8> {
    let note = [&pvh_note(entry), more].concat();
    let offset = (64 + 2 * 56 + note.len()) as u64;
    let mut file = b"\x7FELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    for half in [2u16, 62] {
        file.extend(half.to_le_bytes());
    }
    file.extend(1u32.to_le_bytes());
    for word in [u64::from(entry), 64, 0] {
        file.extend(word.to_le_bytes());
    }
    file.extend(0u32.to_le_bytes());
    for half in [64u16, 56, 2, 0, 0, 0] {
        file.extend(half.to_le_bytes());
    }
    let header = |kind: u32, words: [u64; 6]| {
        let mut header = kind.to_le_bytes().to_vec();
        header.extend(5u32.to_le_bytes());
        words.iter().for_each(|word| header.extend(word.to_le_bytes()));
        header
    };
    file.extend(header(1, [offset, address, address, code.len() as u64, memory_size, 16]));
    file.extend(header(4, [64 + 2 * 56, 0, 0, note.len() as u64, note.len() as u64, 4]));
    file.extend(note);
    file.extend(code);
    file
}

/// What a run came to.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The JSON object on standard output.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Puts a guest into a file.
pub fn file(bytes: &[u8]) -> NamedTempFile {
    let mut file = NamedTempFile::new().expect("a temporary file");
    file.write_all(bytes).expect("writing it");
    file
}

/// An empty folder.
pub fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// The program under test. Every run ends after 20 seconds at the latest.
pub fn smvm() -> Command {
    let mut command = Command::new("timeout");
    command.args(["-k", "1", "20", env!("CARGO_BIN_EXE_smvm")]);
    command.stdin(Stdio::null());
    command
}

/// `smvm run` of a guest, with more arguments.
pub fn run_elf(elf: &[u8], args: &[&str]) -> Run {
    run_with_input(elf, args, b"")
}

/// `smvm run` of a guest, with input.
pub fn run_with_input(elf: &[u8], args: &[&str], input: &[u8]) -> Run {
    let kernel = file(elf);
    let mut child = smvm()
        .args(["run", "--kernel"])
        .arg(kernel.path())
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("smvm starts");
    let mut stdin = child.stdin.take().expect("piped");
    // The guest may be gone before it has read all of it.
    let _ = stdin.write_all(input);
    drop(stdin);
    Run::of(child.wait_with_output().expect("smvm ends"))
}

/// Runs the program with these arguments.
pub fn run_args(args: &[&str]) -> Run {
    Run::of(smvm().args(args).output().expect("smvm runs"))
}
