//! The smallest guest there is: it prints two letters on COM1 and resets. Any monitor that boots PVH
//! kernels runs it, so what a run of it takes is the monitor's own doing.

/// Where it is loaded and entered.
const BASE: u32 = 0x20_0000;
/// What it prints.
pub const LETTERS: &str = "OK";

/// The two letters, then reset: through the keyboard controller, and where there is none (QEMU's
/// `microvm`) by a triple fault. Written in 32-bit code.
fn code() -> Vec<u8> {
    let [first, second] = *LETTERS.as_bytes() else { return Vec::new() };
    let mut code = vec![
        0x66, 0xBA, 0xF8, 0x03, // mov dx, 3F8h
        0xB0, first, 0xEE, // mov al, …; out dx, al
        0xB0, second, 0xEE, // mov al, …; out dx, al
        0xB0, 0xFE, 0xE6, 0x64, // mov al, FEh; out 64h, al
        0x0F, 0x01, 0x1D, // lidt [address of the six zeroes below]
    ];
    let zeroes = BASE + code.len() as u32 + 6;
    code.extend(zeroes.to_le_bytes());
    code.extend([0x0F, 0x0B]); // ud2
    code.extend([0; 6]);
    code
}

/// The guest as an ELF64 file with a PVH note: two program headers, the note, the code.
pub fn elf() -> Vec<u8> {
    const HEADER: u64 = 64;
    const PROGRAM_HEADER: u64 = 56;
    const NOTE: u64 = HEADER + 2 * PROGRAM_HEADER;
    const NOTE_LEN: u64 = 20;
    let code = code();
    let len = code.len() as u64;
    let mut file = b"\x7FELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    let mut put = |bytes: &[u8]| file.extend_from_slice(bytes);
    put(&2u16.to_le_bytes()); // executable
    put(&62u16.to_le_bytes()); // x86-64
    put(&1u32.to_le_bytes());
    for word in [BASE.into(), HEADER, 0] {
        put(&u64::to_le_bytes(word)); // entry, program headers, section headers
    }
    put(&0u32.to_le_bytes());
    for half in [HEADER, PROGRAM_HEADER, 2, 0, 0, 0] {
        put(&(half as u16).to_le_bytes());
    }
    let load = (1u32, 5u32, [NOTE + NOTE_LEN, BASE.into(), BASE.into(), len, len, 16]);
    let note = (4u32, 4u32, [NOTE, 0, 0, NOTE_LEN, NOTE_LEN, 4]);
    for (kind, flags, words) in [load, note] {
        put(&kind.to_le_bytes());
        put(&flags.to_le_bytes());
        words.iter().for_each(|word| put(&word.to_le_bytes()));
    }
    for word in [4u32, 4, 18] {
        put(&word.to_le_bytes()); // length of the name, of the descriptor, XEN_ELFNOTE_PHYS32_ENTRY
    }
    put(b"Xen\0");
    put(&BASE.to_le_bytes());
    put(&code);
    file
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boot::Kernel;

    #[test]
    fn is_a_pvh_kernel() {
        let file = elf();
        let kernel = Kernel::parse(&file).expect("a kernel");
        assert_eq!(kernel.entry, BASE);
        assert!(kernel.is_64 && kernel.debugger_data.is_none());
        let [segment] = kernel.segments[..] else { panic!("{:?}", kernel.segments) };
        assert_eq!(segment.address, u64::from(BASE));
        assert_eq!((segment.offset + segment.file_size) as usize, file.len());
    }

    #[test]
    fn lidt_takes_the_zeroes() {
        let code = code();
        let at = code.windows(3).position(|bytes| bytes == [0x0F, 0x01, 0x1D]).expect("lidt") + 3;
        let address = u32::from_le_bytes(code[at..at + 4].try_into().expect("four bytes"));
        assert_eq!(code[(address - BASE) as usize..], [0; 6]);
    }
}
