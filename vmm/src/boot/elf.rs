//! What the loader and the reports need to know of a kernel's ELF file. Every field is an allegation.

use nt::kd;

/// `XEN_ELFNOTE_PHYS32_ENTRY`: the entry point of the PVH boot protocol.
const XEN_PHYS32_ENTRY: u32 = 18;
const PT_LOAD: u32 = 1;
const PT_NOTE: u32 = 4;
/// More program headers than any kernel has.
const MAX_HEADERS: u16 = 256;

/// What is wrong with an ELF file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ElfError {
    /// The file ends too early.
    #[error("truncated: {what} at offset {offset:#x} needs {len:#x} bytes, the file has {file_len:#x}")]
    Truncated {
        /// What should be there.
        what: &'static str,
        /// Where.
        offset: u64,
        /// How long it is.
        len: u64,
        /// Length of the file.
        file_len: u64,
    },
    /// A field has a value that does not do.
    #[error("{what} at offset {offset:#x}: {value:#x}")]
    Field {
        /// What is wrong with it.
        what: &'static str,
        /// Where it is.
        offset: u64,
        /// Its value.
        value: u64,
    },
    /// No PVH note.
    #[error("no PVH entry point: there is no XEN_ELFNOTE_PHYS32_ENTRY note (type 18, owner \"Xen\")")]
    NoPvhNote,
}

/// A segment to load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Number of its program header.
    pub index: usize,
    /// Where its bytes are in the file.
    pub offset: u64,
    /// Bytes in the file.
    pub file_size: u64,
    /// Guest-physical address.
    pub address: u64,
    /// Bytes in memory; what the file does not give is zero.
    pub memory_size: u64,
}

/// A kernel's ELF file, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kernel {
    /// A 64-bit file.
    pub is_64: bool,
    /// PVH entry point, guest-physical.
    pub entry: u32,
    /// Segments in the order of the file.
    pub segments: Vec<Segment>,
    /// Guest-physical address of the debugger data block, if the kernel has our note.
    pub debugger_data: Option<u64>,
}

/// Positions of fields that differ between the two classes.
struct Shape {
    header: u64,
    phoff: u64,
    phentsize: u64,
    phdr: u16,
}

const SHAPE_64: Shape = Shape { header: 64, phoff: 32, phentsize: 54, phdr: 56 };
const SHAPE_32: Shape = Shape { header: 52, phoff: 28, phentsize: 42, phdr: 32 };

impl Kernel {
    /// Checks `file`.
    ///
    /// # Errors
    /// [`ElfError`], with the offset at fault.
    pub fn parse(file: &[u8]) -> Result<Self, ElfError> {
        let file = File(file);
        let ident = file.bytes("the ELF identification", 0, 16)?;
        let field = |what, offset, value| Err(ElfError::Field { what, offset, value });
        if ident[..4] != *b"\x7FELF" {
            return field("not an ELF file: the magic", 0, file.u32("the ELF magic", 0)?.swap_bytes().into());
        }
        let is_64 = match ident[4] {
            1 => false,
            2 => true,
            class => return field("unknown ELF class", 4, class.into()),
        };
        if ident[5] != 1 {
            return field("not little-endian: byte order", 5, ident[5].into());
        }
        let shape = if is_64 { SHAPE_64 } else { SHAPE_32 };
        file.bytes("the ELF header", 0, shape.header)?;
        let machine = file.u16("the machine", 18)?;
        if machine != 62 && machine != 3 {
            return field("not for x86: machine", 18, machine.into());
        }
        let table = file.word("the program header offset", shape.phoff, is_64)?;
        let size = file.u16("the program header size", shape.phentsize)?;
        let count = file.u16("the program header count", shape.phentsize + 2)?;
        if size != shape.phdr {
            return field("program headers of unexpected size", shape.phentsize, size.into());
        }
        if count == 0 || count > MAX_HEADERS {
            return field("no sensible number of program headers", shape.phentsize + 2, count.into());
        }
        file.bytes("the program headers", table, u64::from(size) * u64::from(count))?;

        let mut kernel =
            Kernel { is_64, entry: 0, segments: Vec::with_capacity(count.into()), debugger_data: None };
        let mut entry = None;
        for index in 0..usize::from(count) {
            let at = table + index as u64 * u64::from(size);
            let kind = file.u32("a program header", at)?;
            let segment = file.segment(index, at, is_64)?;
            if kind == PT_LOAD && segment.memory_size > 0 {
                kernel.segments.push(segment);
            } else if kind == PT_NOTE {
                file.notes(segment, |name, kind, descriptor| match (name, kind) {
                    (b"Xen", XEN_PHYS32_ENTRY) => entry = entry.or_else(|| File(descriptor).u32("", 0).ok()),
                    (kd::NOTE_OWNER, kd::NOTE_TYPE) => {
                        let version = File(descriptor).u32("", 0);
                        kernel.debugger_data = match version {
                            Ok(kd::KD_VERSION) => File(descriptor).word("", 8, true).ok(),
                            _ => None,
                        };
                    }
                    _ => {}
                })?;
            }
        }
        if kernel.segments.is_empty() {
            return field("nothing to load: no PT_LOAD among the program headers", table, 0);
        }
        kernel.entry = entry.ok_or(ElfError::NoPvhNote)?;
        Ok(kernel)
    }
}

/// Checked access to the file.
struct File<'a>(&'a [u8]);

impl<'a> File<'a> {
    fn bytes(&self, what: &'static str, offset: u64, len: u64) -> Result<&'a [u8], ElfError> {
        usize::try_from(offset)
            .ok()
            .and_then(|start| Some(start..start.checked_add(usize::try_from(len).ok()?)?))
            .and_then(|range| self.0.get(range))
            .ok_or(ElfError::Truncated { what, offset, len, file_len: self.0.len() as u64 })
    }

    fn u16(&self, what: &'static str, offset: u64) -> Result<u16, ElfError> {
        let bytes = self.bytes(what, offset, 2)?;
        Ok(u16::from_le_bytes([bytes[0], bytes[1]]))
    }

    fn u32(&self, what: &'static str, offset: u64) -> Result<u32, ElfError> {
        let bytes = self.bytes(what, offset, 4)?;
        Ok(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    /// An address-sized field.
    fn word(&self, what: &'static str, offset: u64, is_64: bool) -> Result<u64, ElfError> {
        let low = u64::from(self.u32(what, offset)?);
        Ok(if is_64 { low | u64::from(self.u32(what, offset + 4)?) << 32 } else { low })
    }

    fn segment(&self, index: usize, at: u64, is_64: bool) -> Result<Segment, ElfError> {
        let (offset, address, file_size, memory_size) = if is_64 { (8, 24, 32, 40) } else { (4, 12, 16, 20) };
        let field = |field| self.word("a program header", at + field, is_64);
        let segment = Segment {
            index,
            offset: field(offset)?,
            address: field(address)?,
            file_size: field(file_size)?,
            memory_size: field(memory_size)?,
        };
        let kind = self.u32("a program header", at)?;
        if kind == PT_LOAD || kind == PT_NOTE {
            self.bytes("a segment", segment.offset, segment.file_size)?;
        }
        if kind == PT_LOAD && segment.file_size > segment.memory_size {
            return Err(ElfError::Field {
                what: "a segment larger in the file than in memory: size",
                offset: at + file_size,
                value: segment.file_size,
            });
        }
        if kind == PT_LOAD && segment.address.checked_add(segment.memory_size).is_none() {
            return Err(ElfError::Field {
                what: "a segment that wraps round the address space: address",
                offset: at + address,
                value: segment.address,
            });
        }
        Ok(segment)
    }

    /// Calls `found` with the name, type and descriptor of each note. Names and descriptors are padded to
    /// four bytes, as in every kernel there is.
    fn notes(&self, segment: Segment, mut found: impl FnMut(&[u8], u32, &[u8])) -> Result<(), ElfError> {
        let end = segment.offset + segment.file_size;
        let padded = |len: u32| u64::from(len).next_multiple_of(4);
        let mut at = segment.offset;
        while end - at >= 12 {
            let name_len = self.u32("a note", at)?;
            let descriptor_len = self.u32("a note", at + 4)?;
            let kind = self.u32("a note", at + 8)?;
            let name_at = at + 12;
            let descriptor_at = name_at + padded(name_len);
            let next = descriptor_at + padded(descriptor_len);
            if descriptor_at + u64::from(descriptor_len) > end {
                return Err(ElfError::Field {
                    what: "a note that is longer than its segment: descriptor length",
                    offset: at + 4,
                    value: descriptor_len.into(),
                });
            }
            let name = self.bytes("a note's name", name_at, name_len.into())?;
            let descriptor = self.bytes("a note's descriptor", descriptor_at, descriptor_len.into())?;
            found(name.strip_suffix(b"\0").unwrap_or(name), kind, descriptor);
            at = next.min(end);
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "elf_tests.rs"]
mod tests;
