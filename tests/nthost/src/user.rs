//! The program's memory: it is ours, too. A bad pointer ends all with a host's fault, which is what a test is to show.

use nt::types::{ObjectAttributes, UnicodeString};

/// Reads a value.
pub fn read<T: Copy>(address: u64) -> T {
    // SAFETY: the program vouches for its pointers.
    unsafe { std::ptr::with_exposed_provenance::<T>(address as usize).read_unaligned() }
}

/// Writes a value, unless the address is 0.
pub fn write<T>(address: u64, value: T) {
    if address != 0 {
        // SAFETY: the program vouches for its pointers.
        unsafe { std::ptr::with_exposed_provenance_mut::<T>(address as usize).write_unaligned(value) };
    }
}

/// Copies bytes into the program's memory.
pub fn write_bytes(address: u64, bytes: &[u8]) {
    let to = std::ptr::with_exposed_provenance_mut::<u8>(address as usize);
    // SAFETY: the program vouches for its pointers.
    unsafe { to.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
}

/// Bytes of the program's memory.
pub fn bytes(address: u64, len: usize) -> Vec<u8> {
    (address..address + len as u64).map(read::<u8>).collect()
}

/// The text that a UNICODE_STRING at an address describes.
pub fn string(address: u64) -> String {
    let string: UnicodeString = read(address);
    let units: Vec<u16> = (0..u64::from(string.length / 2)).map(|n| read(string.buffer + 2 * n)).collect();
    String::from_utf16_lossy(&units)
}

/// The name in OBJECT_ATTRIBUTES at an address; empty for none.
pub fn name(attributes: u64) -> String {
    if attributes == 0 {
        return String::new();
    }
    let attributes: ObjectAttributes = read(attributes);
    if attributes.object_name == 0 { String::new() } else { string(attributes.object_name) }
}
