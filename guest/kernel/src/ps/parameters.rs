//! The process parameters of the first process (spec/smss.md K2, K3), as RtlCreateProcessParameters
//! would have made them.

use alloc::vec::Vec;

use nt::NtStatus;
use nt::layout::parameters as offset;
use nt::memory::PAGE_READWRITE;

use crate::mm::SYSTEM_ROOT;
use crate::mm::space::ProcessSpace;

/// Where the block goes: NT's classic place.
const ADDRESS: u64 = 0x7FFB_0000;

/// The system directory, and what the environment holds: written out, so that the kernel formats nothing.
const LIBRARY_PATH: &str = r"C:\Windows\System32";
const ENVIRONMENT: [&str; 3] = [r"Path=C:\Windows\System32", "SystemDrive=C:", r"SystemRoot=C:\Windows"];

/// Maps the parameters of a program; returns their address.
pub fn map(space: &mut ProcessSpace, image_path: &str, command_line: &str) -> Result<u64, NtStatus> {
    let block = build(image_path, command_line);
    space.allocate(ADDRESS, block.len() as u64, PAGE_READWRITE)?;
    space.write(ADDRESS, &block)?;
    Ok(ADDRESS)
}

fn build(image_path: &str, command_line: &str) -> Vec<u8> {
    let mut block = Vec::with_capacity(1024);
    block.resize(offset::SIZE, 0);
    string(&mut block, offset::CURRENT_DIRECTORY, SYSTEM_ROOT);
    string(&mut block, offset::DLL_PATH, LIBRARY_PATH);
    string(&mut block, offset::IMAGE_PATH_NAME, image_path);
    string(&mut block, offset::COMMAND_LINE, command_line);
    let environment = block.len() as u64 + ADDRESS;
    for variable in ENVIRONMENT {
        append(&mut block, variable);
    }
    append(&mut block, "");
    let len = block.len() as u32;
    let mut field = |at: usize, bytes: &[u8]| block[at..at + bytes.len()].copy_from_slice(bytes);
    field(offset::MAXIMUM_LENGTH, &len.to_le_bytes());
    field(offset::MAXIMUM_LENGTH + 4, &len.to_le_bytes());
    field(offset::FLAGS, &(offset::FLAG_NORMALISED | offset::FLAG_RESERVE_1MB).to_le_bytes());
    field(offset::ENVIRONMENT, &environment.to_le_bytes());
    block
}

/// Appends text as UTF-16 with its NUL; returns its length without it, in bytes.
fn append(block: &mut Vec<u8>, text: &str) -> u16 {
    // ASCII, as all of it is: a unit is a byte and a zero.
    let start = block.len();
    block.resize(start + 2 * text.len() + 2, 0);
    for (unit, byte) in block[start..].chunks_exact_mut(2).zip(text.bytes()) {
        unit[0] = byte;
    }
    (2 * text.len()) as u16
}

/// Appends text and lets the UNICODE_STRING at `at` describe it.
fn string(block: &mut Vec<u8>, at: usize, text: &str) {
    let address = ADDRESS + block.len() as u64;
    let len = append(block, text);
    block[at..at + 2].copy_from_slice(&len.to_le_bytes());
    block[at + 2..at + 4].copy_from_slice(&(len + 2).to_le_bytes());
    block[at + 8..at + 16].copy_from_slice(&address.to_le_bytes());
}
