//! The formatting core of `sprintf`, `swprintf`, `DbgPrint` and their kin, as Microsoft's C library has it.
//!
//! `%[-+ #0][width][.precision][size]conversion`, with `*` for a width or precision among the arguments.
//!
//! | conversion | argument |
//! |---|---|
//! | `d i u o x X` | 32 bits; with `h`, `hh` less; with `I64`, `ll`, `j`, and on x64 `I`, `z`, `t`, 64 bits |
//! | `p` | 16 digits |
//! | `c s` | of the format's own kind, `C S` of the other; `h` says narrow, `l` and `w` say wide |
//! | `Z` | counted string: ANSI_STRING, with `l` or `w` UNICODE_STRING |
//! | `f e E g G` | double, rounded to nearest, ties to even |
//! | `n` | is taken and not written to, as in Microsoft's own since 2005 |
//!
//! What is none of them stands for itself.

mod float;
mod spec;

use crate::cursor::{self, Cursor};
use crate::number::{self, Digits};
use crate::{Unit, codepage};
use spec::Spec;
pub(crate) use spec::{Size, size};

/// The arguments, and the memory that they point to.
pub trait Arguments {
    /// The next argument: 8 bytes.
    fn next(&mut self) -> u64;
    /// A byte of a string.
    fn byte(&self, address: u64) -> u8;
    /// A unit of a wide string, or a length.
    fn unit(&self, address: u64) -> u16;
    /// A pointer in a counted string.
    fn pointer(&self, address: u64) -> u64;
}

/// Bytes of a counted string before its pointer.
const BUFFER: u64 = 8;

/// Puts the text out, unit by unit.
pub fn format<U: Unit>(format: &[U], arguments: &mut dyn Arguments, out: &mut dyn FnMut(U)) {
    let wide = size_of::<U>() == 2;
    run(Cursor::new(&cursor::wide(format)), wide, arguments, &mut |unit| out(U::from_wide(unit)));
}

/// Where text goes.
type Out<'a> = &'a mut dyn FnMut(u16);

#[inline(never)]
fn run(mut format: Cursor<'_>, wide: bool, arguments: &mut dyn Arguments, out: Out<'_>) {
    while let Some(unit) = format.take() {
        if unit != u16::from(b'%') {
            out(unit);
            continue;
        }
        let Some((spec, conversion)) = spec::parse(&mut format, arguments) else {
            return;
        };
        if !convert(&spec, wide, arguments, out) {
            out(conversion);
        }
    }
}

fn put(text: &[u8], out: Out<'_>) {
    text.iter().for_each(|&byte| out(byte.into()));
}

/// Puts the same unit out several times.
fn repeat(byte: u8, count: usize, out: Out<'_>) {
    (0..count).for_each(|_| out(byte.into()));
}

/// `false`: there is no such conversion.
fn convert(spec: &Spec, native_is_wide: bool, arguments: &mut dyn Arguments, out: Out<'_>) -> bool {
    let wide = |other| match spec.size {
        Size::Char | Size::Short => false,
        Size::Long | Size::Wide => true,
        _ => native_is_wide != other,
    };
    match spec.conversion {
        b'd' | b'i' => {
            let value = spec.size.signed(arguments.next());
            integer(spec, value.unsigned_abs(), spec.sign(value < 0), 10, out);
        }
        b'u' => integer(spec, spec.size.unsigned(arguments.next()), &[], 10, out),
        b'o' => integer(spec, spec.size.unsigned(arguments.next()), &[], 8, out),
        b'x' | b'X' => {
            let value = spec.size.unsigned(arguments.next());
            let prefix: &[u8] = match spec.conversion {
                _ if !spec.hash || value == 0 => &[],
                b'x' => b"0x",
                _ => b"0X",
            };
            integer(spec, value, prefix, 16, out);
        }
        b'p' => integer(&Spec { precision: Some(16), ..*spec }, arguments.next(), &[], 16, out),
        b'e' | b'E' | b'f' | b'F' | b'g' | b'G' => {
            float::put(spec, f64::from_bits(arguments.next()), out);
        }
        kind @ (b'c' | b'C') => {
            let argument = arguments.next();
            let unit = if wide(kind == b'C') { argument as u16 } else { codepage::to_wide(argument as u8) };
            padded(spec, 1, out, &mut |out| out(unit));
        }
        kind @ (b's' | b'S') => {
            let address = arguments.next();
            text(spec, Text { address, len: None, wide: wide(kind == b'S') }, arguments, out);
        }
        b'Z' => {
            let counted = arguments.next();
            let wide = matches!(spec.size, Size::Long | Size::Wide);
            let (address, len) = match counted {
                0 => (0, 0),
                _ => (arguments.pointer(counted + BUFFER), arguments.unit(counted).into()),
            };
            let len = if wide { len / 2 } else { len };
            text(spec, Text { address, len: Some(len), wide }, arguments, out);
        }
        b'n' => drop(arguments.next()),
        _ => return false,
    }
    true
}

/// A string in memory.
struct Text {
    address: u64,
    /// Otherwise up to the NUL.
    len: Option<usize>,
    wide: bool,
}

fn text(spec: &Spec, text: Text, arguments: &dyn Arguments, out: Out<'_>) {
    let most = spec.precision.unwrap_or(usize::MAX);
    if text.address == 0 {
        let name = b"(null)";
        let name = name.get(..most.min(name.len())).unwrap_or_default();
        return padded(spec, name.len(), out, &mut |out| put(name, out));
    }
    let read = |index: usize| match text.wide {
        true => arguments.unit(text.address.wrapping_add(2 * index as u64)),
        false => codepage::to_wide(arguments.byte(text.address.wrapping_add(index as u64))),
    };
    let len = match text.len {
        Some(len) => len.min(most),
        None => (0..most).take_while(|&index| read(index) != 0).count(),
    };
    padded(spec, len, out, &mut |out| (0..len).for_each(|index| out(read(index))));
}

/// Puts `len` units out, and blanks or zeros until the width is reached.
#[inline(never)]
fn padded(spec: &Spec, len: usize, out: Out<'_>, content: &mut dyn FnMut(Out<'_>)) {
    let room = spec.width.saturating_sub(len);
    if !spec.left {
        repeat(if spec.zero { b'0' } else { b' ' }, room, out);
    }
    content(out);
    if spec.left {
        repeat(b' ', room, out);
    }
}

#[inline(never)]
fn integer(spec: &Spec, value: u64, prefix: &[u8], base: u32, out: Out<'_>) {
    let mut room: Digits = [0; 64];
    let digits = match (value, spec.precision) {
        (0, Some(0)) => &[],
        _ => number::digits(value, base, &mut room),
    };
    let least = match spec.precision {
        // Octal with `#` begins with a zero.
        precision if base == 8 && spec.hash => {
            precision.unwrap_or(0).max(if value == 0 { 1 } else { digits.len() + 1 })
        }
        Some(precision) => precision,
        None if spec.zero && !spec.left => spec.width.saturating_sub(prefix.len()),
        None => 0,
    };
    let zeros = least.saturating_sub(digits.len());
    let upper = matches!(spec.conversion, b'X' | b'p');
    let spec = Spec { zero: false, ..*spec };
    padded(&spec, prefix.len() + zeros + digits.len(), out, &mut |out| {
        put(prefix, out);
        repeat(b'0', zeros, out);
        digits.iter().for_each(|byte| out(if upper { byte.to_ascii_uppercase() } else { *byte }.into()));
    });
}
