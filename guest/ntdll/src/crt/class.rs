//! Classes of characters, and their case.
#![expect(unsafe_code, reason = "exports by name")]

use nt::{downcase, upcase};
use rtlcore::number::is_space;

/// What `byte` says of an ASCII character; nothing else is in a class.
fn ascii(char: i32, class: fn(&u8) -> bool) -> i32 {
    u8::try_from(char).is_ok_and(|byte| class(&byte)).into()
}

macro_rules! classes {
    ($($name:ident $class:expr, $summary:literal;)*) => {
        $(
            #[doc = $summary]
            #[unsafe(no_mangle)]
            extern "win64" fn $name(char: i32) -> i32 {
                ascii(char, $class)
            }
        )*
    };
}

classes! {
    isalpha u8::is_ascii_alphabetic, "Whether it is a letter.";
    isalnum u8::is_ascii_alphanumeric, "Whether it is a letter or digit.";
    isdigit u8::is_ascii_digit, "Whether it is a digit.";
    isxdigit u8::is_ascii_hexdigit, "Whether it is a hexadecimal digit.";
    islower u8::is_ascii_lowercase, "Whether it is a small letter.";
    isupper u8::is_ascii_uppercase, "Whether it is a capital.";
    isspace |&byte| is_space(byte), "Whether it is white space.";
    iscntrl u8::is_ascii_control, "Whether it is a control character.";
    ispunct u8::is_ascii_punctuation, "Whether it is printed and neither blank, letter nor digit.";
    isgraph u8::is_ascii_graphic, "Whether it is printed and not blank.";
    isprint |&byte| byte == b' ' || byte.is_ascii_graphic(), "Whether it is printed.";
    __isascii u8::is_ascii, "Whether it is ASCII.";
}

/// The character, if it is ASCII; otherwise nothing's.
fn narrow(char: u16) -> i32 {
    if char < 0x80 { char.into() } else { -1 }
}

/// Whether it is a letter, with or without case.
#[unsafe(no_mangle)]
extern "win64" fn iswalpha(char: u16) -> i32 {
    let cased = upcase(char) != char || downcase(char) != char;
    // Letters of Latin-1 that have no other case in it.
    let latin = matches!(char, 0xAA | 0xB5 | 0xBA | 0xDF);
    (isalpha(narrow(char)) != 0 || cased || latin).into()
}

/// Whether it is a digit.
#[unsafe(no_mangle)]
extern "win64" fn iswdigit(char: u16) -> i32 {
    isdigit(narrow(char))
}

/// Whether it is a hexadecimal digit.
#[unsafe(no_mangle)]
extern "win64" fn iswxdigit(char: u16) -> i32 {
    isxdigit(narrow(char))
}

/// Whether it is a letter or digit.
#[unsafe(no_mangle)]
extern "win64" fn iswalnum(char: u16) -> i32 {
    iswalpha(char) | iswdigit(char)
}

/// Whether it is a small letter.
#[unsafe(no_mangle)]
extern "win64" fn iswlower(char: u16) -> i32 {
    (upcase(char) != char).into()
}

/// Whether it is a capital.
#[unsafe(no_mangle)]
extern "win64" fn iswupper(char: u16) -> i32 {
    (downcase(char) != char).into()
}

/// Whether it is white space.
#[unsafe(no_mangle)]
extern "win64" fn iswspace(char: u16) -> i32 {
    (isspace(narrow(char)) != 0 || char == 0xA0).into()
}

/// Whether it is printed: in Latin-1, what is no control character.
#[unsafe(no_mangle)]
extern "win64" fn iswprint(char: u16) -> i32 {
    (!matches!(char, ..0x20 | 0x7F..0xA0)).into()
}

/// The capital of an ASCII letter.
#[unsafe(no_mangle)]
extern "win64" fn toupper(char: i32) -> i32 {
    u8::try_from(char).map_or(char, |byte| byte.to_ascii_uppercase().into())
}

/// The small letter of an ASCII letter.
#[unsafe(no_mangle)]
extern "win64" fn tolower(char: i32) -> i32 {
    u8::try_from(char).map_or(char, |byte| byte.to_ascii_lowercase().into())
}

/// The capital of any letter.
#[unsafe(no_mangle)]
extern "win64" fn towupper(char: u16) -> u16 {
    upcase(char)
}

/// The small letter of any letter.
#[unsafe(no_mangle)]
extern "win64" fn towlower(char: u16) -> u16 {
    downcase(char)
}
