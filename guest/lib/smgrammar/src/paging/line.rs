//! A line: `path [min [max]]`.

use super::MB;

/// What a line says of a file's sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sizes {
    /// The system chooses.
    Managed,
    /// These, in bytes.
    Fixed {
        /// What the file begins with.
        min: u64,
        /// What it may grow to, no less than `min`.
        max: u64,
    },
}

/// A size is no number of 32 bits, or there is no path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SizeError;

/// A line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// The DOS path.
    pub path: &'a [u16],
    /// The sizes.
    pub sizes: Sizes,
}

const BLANK: u16 = b' ' as u16;
const COLON: u16 = b':' as u16;
const ANY: u16 = b'?' as u16;

impl<'a> Line<'a> {
    /// Takes a line apart: tokens end at characters up to the blank, sizes are in MB and written as in C. What is
    /// behind the second size does not count.
    ///
    /// # Errors
    /// A size that is no number, or too large for 32 bits; nothing at all in the line.
    pub fn parse(text: &'a [u16]) -> Result<Self, SizeError> {
        let mut tokens = text.split(|&unit| unit <= BLANK).filter(|token| !token.is_empty());
        let path = tokens.next().ok_or(SizeError)?;
        let mut size = || tokens.next().map_or(Ok(0), |token| number(token).ok_or(SizeError));
        let (min, max) = (u64::from(size()?), u64::from(size()?));
        let sizes = match (min, max) {
            (0, 0) => Sizes::Managed,
            _ => Sizes::Fixed { min: min * MB, max: max.max(min) * MB },
        };
        Ok(Self { path, sizes })
    }

    /// Whether it is for any drive: `?:\…`.
    pub fn is_any_drive(&self) -> bool {
        matches!(self.path, [ANY, COLON, ..])
    }

    /// The letter of its drive, a capital.
    pub fn letter(&self) -> Option<u16> {
        match *self.path {
            [letter, COLON, ..] => Some(nt::upcase(letter)),
            _ => None,
        }
    }
}

/// A number as C writes it: `0x` for hexadecimal, `0o` and `0b` as NT knows them, else decimal.
fn number(token: &[u16]) -> Option<u32> {
    let (base, digits) = match token {
        [zero, letter, digits @ ..] if *zero == u16::from(b'0') => match u8::try_from(*letter) {
            Ok(b'x' | b'X') => (16, digits),
            Ok(b'o' | b'O') => (8, digits),
            Ok(b'b' | b'B') => (2, digits),
            _ => (10, token),
        },
        _ => (10, token),
    };
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u32, |sum, &unit| {
        let digit = char::from_u32(unit.into())?.to_digit(base)?;
        sum.checked_mul(base)?.checked_add(digit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    #[track_caller]
    fn check(text: &str, path: &str, sizes: Sizes) {
        let text = wide(text);
        let line = Line::parse(&text).expect("a line");
        assert_eq!((String::from_utf16_lossy(line.path), line.sizes), (path.into(), sizes));
    }

    fn fixed(min: u64, max: u64) -> Sizes {
        Sizes::Fixed { min: min * MB, max: max * MB }
    }

    #[test]
    fn sizes_are_as_the_table_says() {
        check(r"C:\pagefile.sys 16 64", r"C:\pagefile.sys", fixed(16, 64));
        check(r"C:\pagefile.sys 16", r"C:\pagefile.sys", fixed(16, 16));
        check(r"C:\pagefile.sys 64 16", r"C:\pagefile.sys", fixed(64, 64));
        check(r"C:\pagefile.sys 0 0", r"C:\pagefile.sys", Sizes::Managed);
        check(r"C:\pagefile.sys 0", r"C:\pagefile.sys", Sizes::Managed);
        check(r"?:\pagefile.sys", r"?:\pagefile.sys", Sizes::Managed);
        check(r"C:\p 0 64", r"C:\p", fixed(0, 64));
    }

    #[test]
    fn numbers_are_as_in_c() {
        check("  d:\\p\t0x10  0X40 junk", r"d:\p", fixed(16, 64));
        check("d:\\p 0b100 0o17", r"d:\p", fixed(4, 15));
        check("d:\\p 4294967295", r"d:\p", fixed(0xFFFF_FFFF, 0xFFFF_FFFF));
        check("d:\\p 010", r"d:\p", fixed(10, 10));
    }

    #[test]
    fn lines_that_cannot_be_are_refused() {
        for text in [
            "",
            " ",
            "C:\\p x",
            "C:\\p 1 x",
            "C:\\p 0x",
            "C:\\p -1",
            "C:\\p 16MB",
            "C:\\p 4294967296",
            "C:\\p 1 \u{665}",
        ] {
            assert_eq!(Line::parse(&wide(text)), Err(SizeError), "{text:?}");
        }
    }

    #[test]
    fn drives_are_letters_or_any() {
        let drive = |text: &str| {
            let text = wide(text);
            Line::parse(&text).map(|line| (line.is_any_drive(), line.letter())).expect("a line")
        };
        assert_eq!(drive(r"?:\p"), (true, Some(u16::from(b'?'))));
        assert_eq!(drive(r"c:\p"), (false, Some(u16::from(b'C'))));
        assert_eq!(drive(r"\Device\X"), (false, None));
        assert_eq!(drive("?"), (false, None));
    }
}
