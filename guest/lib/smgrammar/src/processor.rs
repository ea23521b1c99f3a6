//! The variables of the processor and of safe boot (spec/smss.md 1.3 step 11).

use alloc::vec::Vec;

use nt::wide;

/// `PROCESSOR_ARCHITECTURE` of a PROCESSOR_ARCHITECTURE_*.
pub fn architecture(number: u16) -> &'static [u16] {
    match number {
        0 => wide!("x86"),
        6 => wide!("IA64"),
        9 => wide!("AMD64"),
        _ => wide!("Unknown"),
    }
}

/// A number in decimal.
pub fn decimal(number: u32) -> Vec<u16> {
    alloc::format!("{number}").bytes().map(u16::from).collect()
}

/// `PROCESSOR_REVISION`: four hexadecimal digits. On x86 a revision whose upper byte is 0xFF is an old one of two
/// digits, in capitals.
pub fn revision(number: u16, architecture: u16) -> Vec<u16> {
    let text = match (architecture, number >> 8) {
        (0, 0xFF) => alloc::format!("{:02X}", number & 0xFF),
        _ => alloc::format!("{number:04x}"),
    };
    text.bytes().map(u16::from).collect()
}

/// `SAFEBOOT_OPTION` of an OptionValue; nothing for a boot that is not safe.
pub fn safe_boot(option: u32) -> Option<&'static [u16]> {
    match option {
        1 => Some(wide!("MINIMAL")),
        2 => Some(wide!("NETWORK")),
        3 => Some(wide!("DSREPAIR")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(units: &[u16]) -> String {
        String::from_utf16_lossy(units)
    }

    #[test]
    fn c24_the_processor_is_named() {
        assert_eq!(
            [0, 6, 9, 5].map(|number| text(architecture(number))),
            ["x86", "IA64", "AMD64", "Unknown"]
        );
        assert_eq!((text(&decimal(6)), text(&decimal(u32::MAX))), ("6".into(), "4294967295".into()));
        assert_eq!(text(&revision(0x0A0B, 9)), "0a0b");
        assert_eq!(text(&revision(0xFFA2, 9)), "ffa2");
        assert_eq!(text(&revision(0xFFA2, 0)), "A2");
        assert_eq!(text(&revision(7, 0)), "0007");
    }

    #[test]
    fn c28_safe_boot_has_three_kinds() {
        let options = [0, 1, 2, 3, 4, u32::MAX].map(|option| safe_boot(option).map(text));
        assert_eq!(
            options,
            [None, Some("MINIMAL".into()), Some("NETWORK".into()), Some("DSREPAIR".into()), None, None]
        );
    }
}
