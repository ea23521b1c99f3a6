//! What stands between `%` and the conversion.

use super::Arguments;
use crate::cursor::Cursor;

/// A conversion with its flags.
#[derive(Clone, Copy)]
pub(super) struct Spec {
    /// `-`.
    pub left: bool,
    /// `+`.
    pub plus: bool,
    /// Blank.
    pub space: bool,
    /// `#`.
    pub hash: bool,
    /// `0`.
    pub zero: bool,
    pub width: usize,
    pub precision: Option<usize>,
    pub size: Size,
    /// 0 for what is not ASCII.
    pub conversion: u8,
}

/// How large an argument is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    Default,
    /// `hh`.
    Char,
    /// `h`.
    Short,
    /// `l`, which is 32 bits.
    Long,
    /// `w`.
    Wide,
    /// `ll`, `I64`, `I`, `z`, `t`, `j`.
    Long64,
}

impl Size {
    /// Bytes of an integer.
    pub fn bytes(self) -> usize {
        match self {
            Self::Char => 1,
            Self::Short => 2,
            Self::Long64 => 8,
            _ => 4,
        }
    }

    pub fn signed(self, argument: u64) -> i64 {
        match self {
            Self::Long64 => argument as i64,
            Self::Short => (argument as i16).into(),
            Self::Char => (argument as i8).into(),
            _ => (argument as i32).into(),
        }
    }

    pub fn unsigned(self, argument: u64) -> u64 {
        match self {
            Self::Long64 => argument,
            Self::Short => (argument as u16).into(),
            Self::Char => (argument as u8).into(),
            _ => (argument as u32).into(),
        }
    }
}

impl Spec {
    /// The sign of a number.
    pub fn sign(&self, negative: bool) -> &'static [u8] {
        match (negative, self.plus, self.space) {
            (true, ..) => b"-",
            (_, true, _) => b"+",
            (.., true) => b" ",
            _ => b"",
        }
    }
}

/// Reads up to the conversion and past it; gives that, too. `None`: the format ends before.
pub(super) fn parse(format: &mut Cursor<'_>, arguments: &mut dyn Arguments) -> Option<(Spec, u16)> {
    let mut spec = Spec {
        left: false,
        plus: false,
        space: false,
        hash: false,
        zero: false,
        width: 0,
        precision: None,
        size: Size::Default,
        conversion: 0,
    };
    loop {
        match format.ascii() {
            b'-' => spec.left = true,
            b'+' => spec.plus = true,
            b' ' => spec.space = true,
            b'#' => spec.hash = true,
            b'0' => spec.zero = true,
            _ => break,
        }
        format.at += 1;
    }
    let width = count(format, arguments);
    spec.left |= width < 0;
    spec.width = width.unsigned_abs() as usize;
    if format.skip(b'.') {
        spec.precision = usize::try_from(count(format, arguments)).ok();
    }
    spec.size = size(format);
    spec.conversion = format.ascii();
    format.take().map(|conversion| (spec, conversion))
}

/// Digits, or `*` for the next argument.
fn count(format: &mut Cursor<'_>, arguments: &mut dyn Arguments) -> i32 {
    if format.skip(b'*') {
        return arguments.next() as i32;
    }
    let mut value = 0_i32;
    while let digit @ b'0'..=b'9' = format.ascii() {
        value = value.saturating_mul(10).saturating_add((digit - b'0').into());
        format.at += 1;
    }
    value
}

/// Reads a size.
pub(crate) fn size(format: &mut Cursor<'_>) -> Size {
    const SIZES: [(&[u8], Size); 12] = [
        (b"I64", Size::Long64),
        (b"I32", Size::Default),
        (b"I", Size::Long64),
        (b"ll", Size::Long64),
        (b"l", Size::Long),
        (b"hh", Size::Char),
        (b"h", Size::Short),
        (b"w", Size::Wide),
        (b"z", Size::Long64),
        (b"t", Size::Long64),
        (b"j", Size::Long64),
        (b"L", Size::Default),
    ];
    for (name, size) in SIZES {
        let mut after = *format;
        if name.iter().all(|&byte| after.skip(byte)) {
            *format = after;
            return size;
        }
    }
    Size::Default
}
