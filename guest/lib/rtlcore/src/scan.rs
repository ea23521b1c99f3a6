//! The core of `sscanf` and `swscanf`.
//!
//! `%[*][width][size]conversion`: `d i u o x p` integers, `c s` text, `[set]`, `n` units read so far. Sizes as in
//! [`printf`](crate::printf); a string is stored in the format's own kind, `C S` and the sizes saying otherwise.

use crate::cursor::{self, Cursor};
use crate::number::{is_space, parse_units};
use crate::printf::Size;
use crate::{Unit, printf};

/// Where results go.
pub trait Results {
    /// The next argument: an address.
    fn next(&mut self) -> u64;
    /// Stores a number of 1, 2, 4 or 8 bytes.
    fn number(&mut self, address: u64, value: u64, bytes: usize);
    /// Stores a unit of text, narrow or wide.
    fn unit(&mut self, address: u64, unit: u16, wide: bool);
}

/// Reads `text` as `format` says. The number of results stored; -1 when the text ends before the first one.
pub fn scan<U: Unit>(text: &[U], format: &[U], results: &mut dyn Results) -> i32 {
    let (text, format) = (cursor::wide(text), cursor::wide(format));
    let mut scanner = Scanner { text: Cursor::new(&text), wide: size_of::<U>() == 2, stored: 0 };
    match scanner.run(Cursor::new(&format), results) {
        End::Text if scanner.stored == 0 => -1,
        _ => scanner.stored,
    }
}

/// Why it has ended.
enum End {
    /// The text was used up.
    Text,
    /// The format was, or they did not agree.
    Other,
}

struct Scanner<'a> {
    text: Cursor<'a>,
    /// The kind of text and format.
    wide: bool,
    stored: i32,
}

impl Scanner<'_> {
    fn skip_blanks(&mut self) {
        while is_space(self.text.ascii()) {
            self.text.at += 1;
        }
    }

    #[inline(never)]
    fn run(&mut self, mut format: Cursor<'_>, results: &mut dyn Results) -> End {
        while let Some(unit) = format.take() {
            let percent = unit == u16::from(b'%');
            if is_space(unit) {
                self.skip_blanks();
            } else if percent && format.ascii() != b'%' {
                if let Err(end) = self.convert(&mut format, results) {
                    return end;
                }
            } else {
                if percent {
                    format.at += 1;
                    self.skip_blanks();
                }
                match self.text.take() {
                    None => return End::Text,
                    Some(other) if other != unit => return End::Other,
                    Some(_) => {}
                }
            }
        }
        End::Other
    }

    /// One conversion.
    fn convert(&mut self, format: &mut Cursor<'_>, results: &mut dyn Results) -> Result<(), End> {
        let drop = format.skip(b'*');
        let mut width = 0_usize;
        while let digit @ b'0'..=b'9' = format.ascii() {
            width = width.saturating_mul(10).saturating_add((digit - b'0').into());
            format.at += 1;
        }
        let most = if width == 0 { usize::MAX } else { width };
        let size = printf::size(format);
        let kind = format.ascii();
        format.take().ok_or(End::Other)?;
        if !matches!(kind, b'c' | b'C' | b'[' | b'n') {
            self.skip_blanks();
        }
        if self.text.peek().is_none() && kind != b'n' {
            return Err(End::Text);
        }
        let wide = match size {
            Size::Char | Size::Short => false,
            Size::Long | Size::Wide => true,
            _ => self.wide != matches!(kind, b'C' | b'S'),
        };
        match kind {
            b'd' | b'i' | b'u' | b'o' | b'x' | b'X' | b'p' => {
                let base = match kind {
                    b'i' => 0,
                    b'o' => 8,
                    b'x' | b'X' | b'p' => 16,
                    _ => 10,
                };
                let start = self.text;
                let mut digit = |index| match index < most {
                    true => start.ahead(index).ascii(),
                    false => 0,
                };
                let parsed = parse_units(&mut digit, base);
                if parsed.consumed == 0 {
                    return Err(End::Other);
                }
                self.text.at += parsed.consumed;
                let value = if parsed.negative { parsed.magnitude.wrapping_neg() } else { parsed.magnitude };
                if !drop {
                    let address = results.next();
                    results.number(address, value, if kind == b'p' { 8 } else { size.bytes() });
                    self.stored += 1;
                }
            }
            b'n' => {
                if !drop {
                    let address = results.next();
                    results.number(address, self.text.at as u64, size.bytes());
                }
            }
            b'c' | b'C' => {
                let len = width.max(1);
                if self.text.rest().take(len).count() < len {
                    return Err(End::Text);
                }
                self.store(len, drop, wide, false, results);
            }
            b's' | b'S' => {
                let len = self.text.rest().take_while(|&unit| !is_space(unit)).count();
                self.store(len.min(most), drop, wide, true, results);
            }
            b'[' => {
                let set = Set::parse(format).ok_or(End::Other)?;
                let len = self.text.rest().take_while(|&unit| set.has(unit)).count();
                if len == 0 {
                    return Err(End::Other);
                }
                self.store(len.min(most), drop, wide, true, results);
            }
            _ => return Err(End::Other),
        }
        Ok(())
    }

    #[inline(never)]
    fn store(&mut self, len: usize, drop: bool, wide: bool, terminate: bool, results: &mut dyn Results) {
        let text = self.text.rest().take(len);
        self.text.at += len;
        if drop {
            return;
        }
        let mut address = results.next();
        for unit in text.chain(terminate.then_some(0)) {
            results.unit(address, unit, wide);
            address = address.wrapping_add(if wide { 2 } else { 1 });
        }
        self.stored += 1;
    }
}

/// `[a-z]` or `[^a-z]`.
struct Set<'a> {
    units: Cursor<'a>,
    len: usize,
    except: bool,
}

impl<'a> Set<'a> {
    /// Reads up to `]` and past it; a `]` at the beginning is in the set.
    fn parse(format: &mut Cursor<'a>) -> Option<Self> {
        let except = format.skip(b'^');
        let units = *format;
        let len = 1 + units.rest().skip(1).position(|unit| unit == u16::from(b']'))?;
        format.at += len + 1;
        Some(Self { units, len, except })
    }

    fn has(&self, unit: u16) -> bool {
        let at = |index| self.units.ahead(index).peek().filter(|_| index < self.len);
        let (mut index, mut found) = (0, false);
        while let Some(first) = at(index) {
            let last = at(index + 2).filter(|_| at(index + 1) == Some(u16::from(b'-')));
            found |= (first..=last.unwrap_or(first)).contains(&unit);
            index += if last.is_some() { 3 } else { 1 };
        }
        found != self.except
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What was stored: address, value, bytes. Addresses are 100, 200, ….
    #[derive(Default)]
    struct Fake {
        next: u64,
        numbers: Vec<(u64, u64, usize)>,
        text: Vec<(u64, char)>,
        wide: bool,
    }

    impl Results for Fake {
        fn next(&mut self) -> u64 {
            self.next += 100;
            self.next
        }

        fn number(&mut self, address: u64, value: u64, bytes: usize) {
            self.numbers.push((address, value, bytes));
        }

        fn unit(&mut self, address: u64, unit: u16, wide: bool) {
            self.wide = wide;
            self.text.push((address, char::from_u32(unit.into()).unwrap()));
        }
    }

    fn scanned(text: &str, format: &str) -> (i32, Fake) {
        let mut narrow = Fake::default();
        let result = scan(text.as_bytes(), format.as_bytes(), &mut narrow);
        let units = |text: &str| -> Vec<u16> { text.encode_utf16().collect() };
        let mut wide = Fake::default();
        assert_eq!(scan(&units(text), &units(format), &mut wide), result, "both kinds");
        assert_eq!(wide.numbers, narrow.numbers);
        (result, narrow)
    }

    #[test]
    fn numbers() {
        type Case = (&'static str, &'static str, i32, &'static [(u64, usize)]);
        let cases: [Case; 15] = [
            ("12 -3", "%d %u", 2, &[(12, 4), (-3_i64 as u64, 4)]),
            ("0x1F 010 7", "%i %i %i", 3, &[(31, 4), (8, 4), (7, 4)]),
            ("ff,0xFE", "%x,%hX", 2, &[(255, 4), (254, 2)]),
            ("17 5", "%o %I64d", 2, &[(15, 4), (5, 8)]),
            ("1234", "%2d%d", 2, &[(12, 4), (34, 4)]),
            ("1 2", "%*d%lld", 1, &[(2, 8)]),
            ("a=5", "a=%hhd", 1, &[(5, 1)]),
            ("5 %", "%d%%", 1, &[(5, 4)]),
            ("ab 7", "%*2c%n%d", 1, &[(2, 4), (7, 4)]),
            ("x", "%d", 0, &[]),
            ("", "%d", -1, &[]),
            ("  ", "%d", -1, &[]),
            ("1", "%d%d", 1, &[(1, 4)]),
            ("1x2", "%d,%d", 1, &[(1, 4)]),
            ("DEADBEEF01", "%p", 1, &[(0xDE_ADBE_EF01, 8)]),
        ];
        for (text, format, result, numbers) in cases {
            let (found, fake) = scanned(text, format);
            let stored: Vec<_> = fake.numbers.iter().map(|&(_, value, bytes)| (value, bytes)).collect();
            assert_eq!((found, stored.as_slice()), (result, numbers), "{text} {format}");
        }
    }

    fn texts(text: &str, format: &str) -> String {
        scanned(text, format).1.text.iter().map(|&(_, char)| if char == '\0' { '|' } else { char }).collect()
    }

    #[test]
    fn text() {
        assert_eq!(texts(" one two", "%s%s"), "one|two|");
        assert_eq!(texts("abcdef", "%3s%c%2c"), "abc|def");
        assert_eq!(texts("key = value", "%[^= ] = %s"), "key|value|");
        assert_eq!(texts("x-1]", "%[]a-z0-9-]"), "x-1]|");
        assert_eq!(texts("ab", "%[x]"), "");
        assert!(scanned("a", "%S").1.wide);
        assert!(!scanned("a", "%s").1.wide);
        assert_eq!(scanned("a b", "%s %s").1.text[2].0, 200, "each at its own address");
        assert_eq!(scanned("a", "%5c").0, -1);
    }

    proptest! {
        #[test]
        fn any_text_and_format_are_borne(text: Vec<u8>, format in "(%[*]?[0-9]{0,2}[hlI]?[a-zA-Z\\[\\]^%-]{0,4}| |x){0,8}") {
            let _ = scan(&text, format.as_bytes(), &mut Fake::default());
        }
    }
}
