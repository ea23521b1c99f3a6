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
    let mut rest = format;
    while let Some((&unit, after)) = rest.split_first() {
        rest = after;
        if unit.ascii() != Some(b'%') {
            out(unit);
            continue;
        }
        let Some((spec, after)) = spec::parse(rest, arguments) else {
            return;
        };
        rest = after;
        if !convert(&spec, wide_is_native::<U>(), arguments, out)
            && let Some(&unit) = format.get(format.len() - rest.len() - 1)
        {
            out(unit);
        }
    }
}

fn wide_is_native<U: Unit>() -> bool {
    size_of::<U>() == 2
}

/// `false`: there is no such conversion.
fn convert<U: Unit>(
    spec: &Spec,
    native_is_wide: bool,
    arguments: &mut dyn Arguments,
    out: &mut dyn FnMut(U),
) -> bool {
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
            padded(spec, 1, out, |out| out(U::from_wide(unit)));
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

fn text<U: Unit>(spec: &Spec, text: Text, arguments: &dyn Arguments, out: &mut dyn FnMut(U)) {
    if text.address == 0 {
        let name = b"(null)";
        let len = spec.precision.unwrap_or(usize::MAX).min(name.len());
        return padded(spec, len, out, |out| name.iter().take(len).for_each(|&byte| out(byte.into())));
    }
    let read = |index: usize| match text.wide {
        true => arguments.unit(text.address.wrapping_add(2 * index as u64)),
        false => codepage::to_wide(arguments.byte(text.address.wrapping_add(index as u64))),
    };
    let most = spec.precision.unwrap_or(usize::MAX);
    let len = match text.len {
        Some(len) => len.min(most),
        None => (0..most).take_while(|&index| read(index) != 0).count(),
    };
    padded(spec, len, out, |out| (0..len).for_each(|index| out(U::from_wide(read(index)))));
}

/// Puts `len` units out, and blanks or zeros until the width is reached.
fn padded<U: Unit>(spec: &Spec, len: usize, out: &mut dyn FnMut(U), content: impl FnOnce(&mut dyn FnMut(U))) {
    let room = spec.width.saturating_sub(len);
    let (before, after) = if spec.left { (0, room) } else { (room, 0) };
    let pad = if spec.zero && !spec.left { b'0' } else { b' ' };
    (0..before).for_each(|_| out(pad.into()));
    content(out);
    (0..after).for_each(|_| out(b' '.into()));
}

fn integer<U: Unit>(spec: &Spec, value: u64, prefix: &[u8], base: u32, out: &mut dyn FnMut(U)) {
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
    padded(&spec, prefix.len() + zeros + digits.len(), out, |out| {
        prefix.iter().for_each(|&byte| out(byte.into()));
        (0..zeros).for_each(|_| out(b'0'.into()));
        digits.iter().for_each(|&byte| out(if upper { byte.to_ascii_uppercase() } else { byte }.into()));
    });
}
