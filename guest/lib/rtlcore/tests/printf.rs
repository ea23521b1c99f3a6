//! Formatting, against a table and against Rust's own.

use proptest::prelude::*;
use rtlcore::printf::{Arguments, format};

/// Arguments, and a memory in which a string's address is its position.
#[derive(Default)]
struct Fake {
    arguments: Vec<u64>,
    memory: Vec<u8>,
}

impl Fake {
    /// Puts bytes into memory and their address among the arguments.
    fn string(&mut self, bytes: &[u8]) {
        let address = self.store(bytes);
        self.arguments.push(address);
    }

    fn store(&mut self, bytes: &[u8]) -> u64 {
        if self.memory.is_empty() {
            self.memory.resize(8, 0xEE);
        }
        let address = self.memory.len() as u64;
        self.memory.extend(bytes);
        address
    }

    fn counted(&mut self, bytes: &[u8]) {
        let address = self.store(bytes);
        let mut header = vec![0; 8];
        header[..2].copy_from_slice(&(bytes.len() as u16).to_le_bytes());
        header.extend(address.to_le_bytes());
        self.string(&header);
    }

    fn read<const N: usize>(&self, address: u64) -> [u8; N] {
        let start = address as usize;
        assert!(start >= 8, "not a pointer");
        self.memory[start..start + N].try_into().expect("so many bytes")
    }
}

impl Arguments for Fake {
    fn next(&mut self) -> u64 {
        if self.arguments.is_empty() { 0x5555_5555_5555_5555 } else { self.arguments.remove(0) }
    }

    fn byte(&self, address: u64) -> u8 {
        u8::from_le_bytes(self.read(address))
    }

    fn unit(&self, address: u64) -> u16 {
        u16::from_le_bytes(self.read(address))
    }

    fn pointer(&self, address: u64) -> u64 {
        u64::from_le_bytes(self.read(address))
    }
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn printed(text: &str, arguments: &[u64]) -> String {
    let run = || Fake { arguments: arguments.to_vec(), memory: vec![] };
    let (mut narrow, mut units) = (Vec::new(), Vec::<u16>::new());
    format(text.as_bytes(), &mut run(), &mut |byte| narrow.push(byte));
    let format_units: Vec<u16> = text.encode_utf16().collect();
    format(&format_units, &mut run(), &mut |unit| units.push(unit));
    let narrow = String::from_utf8(narrow).expect("ASCII");
    assert_eq!(String::from_utf16(&units).expect("ASCII"), narrow, "both kinds");
    narrow
}

#[test]
fn integers() {
    let cases: [(&str, &[u64], &str); 33] = [
        ("", &[], ""),
        ("100%%", &[], "100%"),
        ("%", &[], ""),
        ("%-5", &[], ""),
        ("%y%k", &[], "yk"),
        ("%d|%i", &[u64::MAX, 5], "-1|5"),
        ("%u", &[0xFFFF_FFFF_FFFF_FFFF], "4294967295"),
        ("%hd %hu %hhd", &[0xFFFF, 0x1_FFFF, 0xFF], "-1 65535 -1"),
        ("%ld %lx", &[0x8000_0000, 0xABCDEF], "-2147483648 abcdef"),
        ("%I64d %lld %Id", &[u64::MAX, 1 << 63, 1 << 40], "-1 -9223372036854775808 1099511627776"),
        ("%I32u %zu", &[u64::MAX, u64::MAX], "4294967295 18446744073709551615"),
        ("%5d|%-5d|%05d", &[42, 42, 42], "   42|42   |00042"),
        ("%-05d|", &[42], "42   |"),
        ("%+d % d %+ d", &[1, 1, 1], "+1  1 +1"),
        ("%+d % d", &[(-1_i64) as u64, (-1_i64) as u64], "-1 -1"),
        ("%05d|%5d", &[(-42_i64) as u64, (-42_i64) as u64], "-0042|  -42"),
        ("%.3d|%5.3d|%-5.3d|%05.3d", &[7, 7, 7, 7], "007|  007|007  |  007"),
        ("%.0d|%.d|%.0d", &[0, 0, 1], "||1"),
        ("%x %X %#x %#X %#x", &[255, 255, 255, 255, 0], "ff FF 0xff 0XFF 0"),
        ("%#06x|%#6x|%-#6x|", &[255, 255, 255], "0x00ff|  0xff|0xff  |"),
        ("%o %#o %#o", &[8, 8, 0], "10 010 0"),
        ("%p", &[0x7FFD_F000], "000000007FFDF000"),
        ("%*d|%*d|%-*d|", &[4, 1, (-4_i64) as u64, 2, 4, 3], "   1|2   |3   |"),
        ("%.*d|%.*d", &[3, 1, (-1_i64) as u64, 0], "001|0"),
        ("%08lX", &[0xC000_0034], "C0000034"),
        ("%c%hc", &[0x41, 0x142], "AB"),
        ("%3c|%-3c|", &[0x41, 0x42], "  A|B  |"),
        ("%s", &[0], "(null)"),
        ("%.3s|%8S|", &[0, 0], "(nu|  (null)|"),
        ("%Z|%wZ", &[0, 0], "(null)|(null)"),
        ("%n%d", &[8, 3], "3"),
        ("%I64", &[1], ""),
        ("%5", &[], ""),
    ];
    for (text, arguments, expected) in cases {
        assert_eq!(printed(text, arguments), expected, "{text}");
    }
}

#[test]
fn strings_of_both_kinds() {
    let make = || {
        let mut fake = Fake::default();
        fake.string(b"narrow\x80\0");
        fake.string(&wide("wide€\u{391}\0"));
        fake.counted(b"ansi");
        fake.counted(&wide("unicode"));
        fake
    };
    let mut bytes = Vec::new();
    format(&b"%s,%S,%Z,%wZ"[..], &mut make(), &mut |byte| bytes.push(byte));
    assert_eq!(bytes, b"narrow\x80,wide\x80?,ansi,unicode");
    let mut bytes = Vec::new();
    format(&b"%-8.3hs|%8.2ws|%.2Z|%9wZ|"[..], &mut make(), &mut |byte| bytes.push(byte));
    assert_eq!(bytes, b"nar     |      wi|an|  unicode|");

    let mut units = Vec::new();
    let text: Vec<u16> = "%S,%s,%Z,%lZ".encode_utf16().collect();
    format(&text, &mut make(), &mut |unit| units.push(unit));
    assert_eq!(String::from_utf16(&units).expect("text"), "narrow€,wide€\u{391},ansi,unicode");
}

#[test]
fn a_precision_keeps_from_reading_on() {
    let mut fake = Fake::default();
    fake.string(b"ab");
    let mut bytes = Vec::new();
    format(&b"%.2s"[..], &mut fake, &mut |byte| bytes.push(byte));
    assert_eq!(bytes, b"ab");
}

#[test]
fn doubles() {
    let cases = [
        ("%f", 0.0, "0.000000"),
        ("%f", -0.0, "-0.000000"),
        ("%.0f", 0.5, "0"),
        ("%.0f", 1.5, "2"),
        ("%#.0f", 2.5, "2."),
        ("%.2f", 9.999, "10.00"),
        ("%8.3f|", 3.25159, "   3.252|"),
        ("%-8.1f|", 3.25159, "3.3     |"),
        ("%08.2f", -1.5, "-0001.50"),
        ("%+f", 1.0, "+1.000000"),
        ("%e", 0.0, "0.000000e+00"),
        ("%.2e", 12345.0, "1.23e+04"),
        ("%.0e", 9.5, "1e+01"),
        ("%E", 1e-300, "1.000000E-300"),
        ("%g", 0.0001, "0.0001"),
        ("%g", 0.00001, "1e-05"),
        ("%g", 123456.0, "123456"),
        ("%g", 1234567.0, "1.23457e+06"),
        ("%G", 1e100, "1E+100"),
        ("%#g", 1.0, "1.00000"),
        ("%g", 100.0, "100"),
        ("%.0g", 0.0, "0"),
        ("%g", 999999.5, "1e+06"),
        ("%5f|", f64::INFINITY, "  inf|"),
        ("%F", f64::NEG_INFINITY, "-INF"),
        ("%05g", f64::NAN.abs(), "  nan"),
    ];
    for (text, value, expected) in cases {
        assert_eq!(printed(text, &[f64::to_bits(value)]), expected, "{text} {value}");
    }
    let longest = printed("%.1100f", &[f64::from_bits(1).to_bits()]);
    assert_eq!(longest, std::format!("{:.1100}", f64::from_bits(1)));
    assert_eq!(printed("%f", &[f64::MAX.to_bits()]), std::format!("{:.6}", f64::MAX));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(effort::times(256)))]

    #[test]
    fn doubles_agree_with_rust(bits: u64, precision in 0_usize..30) {
        let value = f64::from_bits(bits);
        prop_assume!(value.is_finite());
        prop_assert_eq!(printed(&std::format!("%.{precision}f"), &[bits]), std::format!("{value:.precision$}"));
        let (mantissa, exponent) = {
            let text = std::format!("{value:.precision$e}");
            let (mantissa, exponent) = text.split_once('e').expect("an exponent");
            (mantissa.to_owned(), exponent.parse::<i32>().expect("a number"))
        };
        let sign = if exponent < 0 { '-' } else { '+' };
        let expected = std::format!("{mantissa}e{sign}{:02}", exponent.abs());
        prop_assert_eq!(printed(&std::format!("%.{precision}e"), &[bits]), expected);
    }

    #[test]
    fn integers_agree_with_rust(value: i32, width in 0_usize..20) {
        let bits = value as u32 as u64;
        prop_assert_eq!(printed(&std::format!("%{width}d"), &[bits]), std::format!("{value:width$}"));
        prop_assert_eq!(printed(&std::format!("%0{width}d"), &[bits]), std::format!("{value:0width$}"));
        prop_assert_eq!(printed(&std::format!("%-{width}x|"), &[bits]), std::format!("{value:<width$x}|"));
        let hex = if value == 0 { "0".to_owned() } else { std::format!("0X{value:X}") };
        prop_assert_eq!(printed(&std::format!("%#{width}X"), &[bits]), std::format!("{hex:>width$}"));
    }

    #[test]
    fn any_format_is_borne(text in "(%?[-+ #0]?[0-9]?[.]?[0-9]?[a-zA-Z%]{0,2}){0,8}") {
        // Pointers are all NULL, so only numbers and formats are of interest.
        let mut fake = Fake { arguments: vec![0; 100], memory: vec![] };
        let mut len = 0_usize;
        format(text.as_bytes(), &mut fake, &mut |_| len += 1);
    }
}
