//! UTF-16 text made by the compiler: the kernel's instructions are counted, so nothing is converted there.

/// The UTF-16 units of an ASCII literal, as a `&'static [u16]`.
///
/// ```
/// assert_eq!(nt::wide!(r"\Device"), r"\Device".encode_utf16().collect::<Vec<_>>());
/// ```
#[macro_export]
macro_rules! wide {
    ($text:expr) => {{
        const UNITS: [u16; $text.len()] = $crate::wide::units($text);
        const { &UNITS as &'static [u16] }
    }};
}

/// The units of an ASCII text.
///
/// # Panics
/// When the length is wrong or the text is not ASCII; in a constant that is an error of the compiler.
pub const fn units<const LEN: usize>(text: &str) -> [u16; LEN] {
    let bytes = text.as_bytes();
    assert!(bytes.len() == LEN && text.is_ascii());
    let mut units = [0; LEN];
    let mut at = 0;
    while at < LEN {
        units[at] = bytes[at] as u16;
        at += 1;
    }
    units
}
