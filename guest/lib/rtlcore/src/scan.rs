//! The core of `sscanf` and `swscanf`.
//!
//! `%[*][width][size]conversion`: `d i u o x p` integers, `c s` text, `[set]`, `n` units read so far. Sizes as in
//! [`printf`](crate::printf); a string is stored in the format's own kind, `C S` and the sizes saying otherwise.

use crate::number::{is_space, parse_c};
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
    let mut scanner = Scanner { text, at: 0, stored: 0 };
    match scanner.run(format, results) {
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

struct Scanner<'a, U> {
    text: &'a [U],
    at: usize,
    stored: i32,
}

impl<'a, U: Unit> Scanner<'a, U> {
    fn rest(&self) -> &'a [U] {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip_blanks(&mut self) {
        self.at += self.rest().iter().take_while(|&&unit| is_space(unit)).count();
    }

    fn run(&mut self, format: &[U], results: &mut dyn Results) -> End {
        let mut rest = format;
        while let Some((&unit, after)) = rest.split_first() {
            rest = after;
            if is_space(unit) {
                self.skip_blanks();
                continue;
            }
            let percent = |unit: &U| unit.ascii() == Some(b'%');
            if !percent(&unit) || rest.first().is_some_and(percent) {
                if percent(&unit) {
                    rest = rest.get(1..).unwrap_or_default();
                    self.skip_blanks();
                }
                match self.rest().first() {
                    None => return End::Text,
                    Some(&other) if other != unit => return End::Other,
                    Some(_) => self.at += 1,
                }
                continue;
            }
            match self.convert(rest, results) {
                Ok(after) => rest = after,
                Err(end) => return end,
            }
        }
        End::Other
    }

    /// One conversion; the format after it.
    fn convert<'f>(&mut self, format: &'f [U], results: &mut dyn Results) -> Result<&'f [U], End> {
        let mut rest = format;
        let drop = rest.first().is_some_and(|unit| unit.ascii() == Some(b'*'));
        if drop {
            rest = rest.get(1..).unwrap_or_default();
        }
        let width = parse_c(rest, 10);
        if rest.first().is_some_and(|unit| unit.ascii().is_some_and(|byte| byte.is_ascii_digit())) {
            rest = rest.get(width.consumed..).unwrap_or_default();
        }
        let width = usize::try_from(width.magnitude).ok().filter(|&width| width > 0);
        let (size, rest) = printf::size(rest);
        let (kind, mut rest) = rest.split_first().ok_or(End::Other)?;
        let kind = kind.ascii().unwrap_or(0);
        if !matches!(kind, b'c' | b'C' | b'[' | b'n') {
            self.skip_blanks();
        }
        if self.rest().is_empty() && kind != b'n' {
            return Err(End::Text);
        }
        let native = size_of::<U>() == 2;
        let wide = match size {
            Size::Char | Size::Short => false,
            Size::Long | Size::Wide => true,
            _ => native != matches!(kind, b'C' | b'S'),
        };
        match kind {
            b'd' | b'i' | b'u' | b'o' | b'x' | b'X' | b'p' => {
                let base = match kind {
                    b'i' => 0,
                    b'o' => 8,
                    b'x' | b'X' | b'p' => 16,
                    _ => 10,
                };
                let text = self.rest();
                let text = text.get(..width.unwrap_or(text.len()).min(text.len())).unwrap_or_default();
                let parsed = parse_c(text, base);
                if parsed.consumed == 0 {
                    return Err(End::Other);
                }
                self.at += parsed.consumed;
                if !drop {
                    let bytes = if kind == b'p' { 8 } else { size.bytes() };
                    let value =
                        if parsed.negative { parsed.magnitude.wrapping_neg() } else { parsed.magnitude };
                    let address = results.next();
                    results.number(address, value, bytes);
                    self.stored += 1;
                }
            }
            b'n' => {
                if !drop {
                    let address = results.next();
                    results.number(address, self.at as u64, size.bytes());
                }
            }
            b'c' | b'C' => {
                let wanted = width.unwrap_or(1);
                let text = self.rest();
                if text.len() < wanted {
                    return Err(End::Text);
                }
                self.store(wanted, drop, wide, false, results);
            }
            b's' | b'S' => {
                let len = self.rest().iter().take_while(|&&unit| !is_space(unit)).count();
                self.store(len.min(width.unwrap_or(len)), drop, wide, true, results);
            }
            b'[' => {
                let (set, after) = Set::parse(rest).ok_or(End::Other)?;
                rest = after;
                let len = self.rest().iter().take_while(|&&unit| set.has(unit)).count();
                if len == 0 {
                    return Err(End::Other);
                }
                self.store(len.min(width.unwrap_or(len)), drop, wide, true, results);
            }
            _ => return Err(End::Other),
        }
        Ok(rest)
    }

    fn store(&mut self, len: usize, drop: bool, wide: bool, terminate: bool, results: &mut dyn Results) {
        let text = self.rest().get(..len).unwrap_or_default();
        self.at += text.len();
        if drop {
            return;
        }
        let nul = terminate.then_some(0);
        let mut address = results.next();
        for unit in text.iter().map(|unit| unit.to_wide()).chain(nul) {
            results.unit(address, unit, wide);
            address = address.wrapping_add(if wide { 2 } else { 1 });
        }
        self.stored += 1;
    }
}

/// `[a-z]` or `[^a-z]`.
struct Set<'a, U> {
    units: &'a [U],
    except: bool,
}

impl<'a, U: Unit> Set<'a, U> {
    /// Reads up to `]` and past it; a `]` at the beginning is in the set.
    fn parse(format: &'a [U]) -> Option<(Self, &'a [U])> {
        let except = format.first()?.ascii() == Some(b'^');
        let units = if except { format.get(1..)? } else { format };
        let end = 1 + units.get(1..)?.iter().position(|unit| unit.ascii() == Some(b']'))?;
        Some((Self { units: units.get(..end)?, except }, units.get(end + 1..)?))
    }

    fn has(&self, unit: U) -> bool {
        let mut rest = self.units;
        let mut found = false;
        while let Some((&first, after)) = rest.split_first() {
            (found, rest) = match after {
                [dash, last, after @ ..] if dash.ascii() == Some(b'-') => {
                    (found || (first..=*last).contains(&unit), after)
                }
                _ => (found || first == unit, after),
            };
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
