//! What stands between `%` and the conversion.

use super::Arguments;
use crate::Unit;

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

/// Reads up to the conversion and past it. `None`: the format ends before.
pub(super) fn parse<'a, U: Unit>(format: &'a [U], arguments: &mut dyn Arguments) -> Option<(Spec, &'a [U])> {
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
    let mut rest = format;
    loop {
        match rest.first()?.ascii() {
            Some(b'-') => spec.left = true,
            Some(b'+') => spec.plus = true,
            Some(b' ') => spec.space = true,
            Some(b'#') => spec.hash = true,
            Some(b'0') => spec.zero = true,
            _ => break,
        }
        rest = rest.get(1..)?;
    }
    let (width, after) = count(rest, arguments);
    spec.left |= width < 0;
    spec.width = width.unsigned_abs() as usize;
    rest = after;
    if rest.first()?.ascii() == Some(b'.') {
        let (precision, after) = count(rest.get(1..)?, arguments);
        spec.precision = usize::try_from(precision).ok();
        rest = after;
    }
    let (size, rest) = size(rest);
    let (conversion, rest) = rest.split_first()?;
    Some((Spec { size, conversion: conversion.ascii().unwrap_or(0), ..spec }, rest))
}

/// Digits, or `*` for the next argument.
fn count<'a, U: Unit>(format: &'a [U], arguments: &mut dyn Arguments) -> (i32, &'a [U]) {
    if let Some((star, rest)) = format.split_first()
        && star.ascii() == Some(b'*')
    {
        return (arguments.next() as i32, rest);
    }
    let digit = |unit: &U| unit.ascii().filter(u8::is_ascii_digit);
    let digits = format.iter().map_while(digit);
    let value =
        digits.fold(0_i32, |value, digit| value.saturating_mul(10).saturating_add((digit - b'0').into()));
    let len = format.iter().map_while(digit).count();
    (value, format.get(len..).unwrap_or_default())
}

pub(crate) fn size<U: Unit>(format: &[U]) -> (Size, &[U]) {
    let at = |index: usize| format.get(index).and_then(|unit| unit.ascii());
    let (size, len) = match (at(0), at(1), at(2)) {
        (Some(b'I'), Some(b'6'), Some(b'4')) => (Size::Long64, 3),
        (Some(b'I'), Some(b'3'), Some(b'2')) => (Size::Default, 3),
        (Some(b'l'), Some(b'l'), _) => (Size::Long64, 2),
        (Some(b'h'), Some(b'h'), _) => (Size::Char, 2),
        (Some(b'h'), ..) => (Size::Short, 1),
        (Some(b'l'), ..) => (Size::Long, 1),
        (Some(b'w'), ..) => (Size::Wide, 1),
        (Some(b'I' | b'z' | b't' | b'j'), ..) => (Size::Long64, 1),
        (Some(b'L'), ..) => (Size::Default, 1),
        _ => (Size::Default, 0),
    };
    (size, format.get(len..).unwrap_or_default())
}
