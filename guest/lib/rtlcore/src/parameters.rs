//! Process parameters: the block that `RtlCreateProcessParameters` makes. Its strings follow the fixed part, each at
//! a multiple of 8, and the environment follows them.

use nt::NtStatus;
use nt::layout::parameters::FLAG_NORMALISED;
use nt::process::ProcessParameters;
use nt::types::UnicodeString;
use zerocopy::{FromZeros, IntoBytes};

/// Strings of the block.
pub const STRINGS: usize = 8;

/// A string to be put into a block.
#[derive(Clone, Copy, Debug, Default)]
pub struct Piece<'a> {
    /// The text.
    pub text: &'a [u16],
    /// Bytes that the block has for it; with room there is a NUL. 0: no string at all.
    pub room: u16,
}

impl<'a> Piece<'a> {
    /// Text and a NUL.
    ///
    /// # Errors
    /// NAME_TOO_LONG.
    pub fn new(text: &'a [u16]) -> Result<Self, NtStatus> {
        let room = u16::try_from(size_of_val(text) + 2).map_err(|_| NtStatus::NAME_TOO_LONG)?;
        Ok(Self { text, room })
    }

    /// The same, in at least so many bytes.
    #[must_use]
    pub fn with_room(self, room: u16) -> Self {
        Self { room: self.room.max(room), ..self }
    }
}

/// What a block is made of.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plan<'a> {
    /// Current directory, DLL path, image, command line, window title, desktop, shell and runtime data.
    pub strings: [Piece<'a>; STRINGS],
    /// Up to its last NUL.
    pub environment: &'a [u16],
}

fn aligned(bytes: usize) -> usize {
    bytes.next_multiple_of(8)
}

/// The strings of some parameters, in the order of [`Plan::strings`].
fn strings(parameters: &mut ProcessParameters) -> [&mut UnicodeString; STRINGS] {
    [
        &mut parameters.current_directory,
        &mut parameters.dll_path,
        &mut parameters.image_path_name,
        &mut parameters.command_line,
        &mut parameters.window_title,
        &mut parameters.desktop_info,
        &mut parameters.shell_info,
        &mut parameters.runtime_data,
    ]
}

impl Plan<'_> {
    /// Bytes of fixed part and strings.
    fn length(&self) -> usize {
        let strings: usize = self.strings.iter().map(|piece| aligned(piece.room.into())).sum();
        size_of::<ProcessParameters>() + strings
    }

    /// Bytes of the block.
    pub fn size(&self) -> usize {
        self.length() + size_of_val(self.environment)
    }

    /// Fills a block of [`Plan::size`] bytes that will be at `address`. Its strings are offsets, its environment is
    /// an address.
    pub fn fill(&self, block: &mut [u8], address: u64) {
        let mut parameters = ProcessParameters::new_zeroed();
        let length = self.length();
        parameters.length = length as u32;
        parameters.maximum_length = length as u32;
        parameters.environment = address + length as u64;
        parameters.environment_size = size_of_val(self.environment) as u64;
        let mut at = size_of::<ProcessParameters>();
        for (string, piece) in strings(&mut parameters).into_iter().zip(self.strings) {
            if piece.room == 0 {
                continue;
            }
            let room = block.get_mut(at..at + aligned(piece.room.into())).unwrap_or_default();
            room.fill(0);
            let text = piece.text.as_bytes();
            if let Some(place) = room.get_mut(..text.len()) {
                place.copy_from_slice(text);
            }
            *string = UnicodeString {
                length: text.len() as u16,
                maximum_length: piece.room,
                reserved: 0,
                buffer: at as u64,
            };
            at += aligned(piece.room.into());
        }
        if let Some(place) = block.get_mut(at..at + size_of_val(self.environment)) {
            place.copy_from_slice(self.environment.as_bytes());
        }
        if let Some(place) = block.get_mut(..size_of::<ProcessParameters>()) {
            place.copy_from_slice(parameters.as_bytes());
        }
    }
}

/// Makes offsets addresses, of a block at `address`. Once is enough.
pub fn normalise(parameters: &mut ProcessParameters, address: u64) {
    if parameters.flags & FLAG_NORMALISED == 0 {
        parameters.flags |= FLAG_NORMALISED;
        shift(parameters, address);
    }
}

/// Makes addresses offsets.
pub fn denormalise(parameters: &mut ProcessParameters, address: u64) {
    if parameters.flags & FLAG_NORMALISED != 0 {
        parameters.flags &= !FLAG_NORMALISED;
        shift(parameters, address.wrapping_neg());
    }
}

fn shift(parameters: &mut ProcessParameters, by: u64) {
    for string in strings(parameters) {
        if string.buffer != 0 {
            string.buffer = string.buffer.wrapping_add(by);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zerocopy::FromBytes;

    fn wide(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    /// The text of a string of a block, and what is behind it.
    fn text(block: &[u8], string: UnicodeString) -> (String, bool) {
        let start = string.buffer as usize;
        let units = |range: core::ops::Range<usize>| -> Vec<u16> {
            block[range].as_chunks().0.iter().map(|unit| u16::from_le_bytes(*unit)).collect()
        };
        let end = start + usize::from(string.length);
        let rest = units(end..start + usize::from(string.maximum_length));
        (String::from_utf16(&units(start..end)).unwrap(), rest.iter().all(|&unit| unit == 0))
    }

    #[test]
    fn a_block_holds_all_strings() {
        let (directory, image, line) = (wide(r"C:\Windows\"), wide("smss.exe"), wide("smss.exe /x"));
        let environment = wide("A=b\0\0");
        let mut plan = Plan { environment: &environment, ..Plan::default() };
        plan.strings[0] = Piece::new(&directory).unwrap().with_room(520);
        plan.strings[2] = Piece::new(&image).unwrap();
        plan.strings[3] = Piece::new(&line).unwrap();
        plan.strings[4] = Piece::new(&[]).unwrap();
        let mut block = vec![0xAA; plan.size()];
        plan.fill(&mut block, 0x1000);
        let mut parameters = ProcessParameters::read_from_prefix(&block).unwrap().0;
        assert_eq!(text(&block, parameters.current_directory), (r"C:\Windows\".into(), true));
        assert_eq!(text(&block, parameters.image_path_name), ("smss.exe".into(), true));
        assert_eq!(text(&block, parameters.command_line), ("smss.exe /x".into(), true));
        assert_eq!(text(&block, parameters.window_title), (String::new(), true));
        assert_eq!(
            (parameters.current_directory.maximum_length, parameters.window_title.maximum_length),
            (520, 2)
        );
        assert_eq!((parameters.dll_path.maximum_length, parameters.dll_path.buffer), (0, 0));
        assert_eq!(parameters.environment, 0x1000 + u64::from(parameters.length));
        assert_eq!(&block[parameters.length as usize..], environment.as_bytes());

        let offset = parameters.image_path_name.buffer;
        normalise(&mut parameters, 0x1000);
        normalise(&mut parameters, 0x1000);
        assert_eq!((parameters.image_path_name.buffer, parameters.dll_path.buffer), (offset + 0x1000, 0));
        denormalise(&mut parameters, 0x1000);
        denormalise(&mut parameters, 0x1000);
        assert_eq!((parameters.image_path_name.buffer, parameters.flags), (offset, 0));
    }

    #[test]
    fn long_text_is_refused() {
        assert!(Piece::new(&vec![1; 32766]).is_ok());
        assert_eq!(Piece::new(&vec![1; 32767]).unwrap_err(), NtStatus::NAME_TOO_LONG);
    }
}
