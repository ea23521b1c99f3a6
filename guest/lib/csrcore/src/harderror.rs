//! What is said of a hard error, and what is answered when nobody can be asked.

use alloc::string::String;
use core::fmt::Write;

use nt::NtStatus;
use nt::harderror::response;

/// HARDERROR_RESPONSE_OPTION.
mod option {
    pub const ABORT_RETRY_IGNORE: u32 = 0;
    pub const RETRY_CANCEL: u32 = 3;
    pub const YES_NO: u32 = 4;
    pub const YES_NO_CANCEL: u32 = 5;
    pub const SHUTDOWN_SYSTEM: u32 = 6;
    pub const CANCEL_TRY_CONTINUE: u32 = 8;
}

/// A parameter of a hard error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parameter {
    /// A number.
    Number(u64),
    /// A text of the process that raised it.
    Text(String),
}

/// What a status means, in words, with `%1` to `%4` for the parameters.
fn meaning(status: NtStatus) -> &'static str {
    match status {
        NtStatus::DLL_NOT_FOUND => "The library %1 was not found in %2.",
        NtStatus::ENTRYPOINT_NOT_FOUND => "The library %2 has no function %1.",
        NtStatus::ORDINAL_NOT_FOUND => "The library %2 has no function number %1.",
        NtStatus::DLL_INIT_FAILED => "The library %1 could not start. The program ends.",
        NtStatus::INVALID_IMAGE_FORMAT => "%1 is not a program or library that this system can run.",
        NtStatus::UNHANDLED_EXCEPTION => "Exception %1 at %2 was not handled. The program ends.",
        NtStatus::NO_MEMORY => "There is not enough memory for %1.",
        NtStatus::ACCESS_VIOLATION => {
            "The program has used memory at %2 that it may not use; the instruction was at %1."
        }
        _ => "",
    }
}

/// The text that is shown: who, the status, what it means or else the parameters.
pub fn text(program: &str, status: NtStatus, parameters: &[Parameter]) -> String {
    let mut text = String::new();
    text.push_str(program);
    text.push_str(": ");
    hex(&mut text, status.0.into(), 8);
    let meaning = meaning(status);
    if meaning.is_empty() {
        for parameter in parameters {
            text.push(' ');
            say(&mut text, parameter);
        }
    } else {
        text.push(' ');
        fill(&mut text, meaning, parameters);
    }
    text.push('\n');
    text
}

fn fill(text: &mut String, meaning: &str, parameters: &[Parameter]) {
    let mut parts = meaning.split('%');
    text.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let number = part.bytes().next().map_or(0, |digit| usize::from(digit.wrapping_sub(b'1')));
        match parameters.get(number) {
            Some(parameter) => say(text, parameter),
            None => text.push('?'),
        }
        text.push_str(part.get(1..).unwrap_or_default());
    }
}

fn say(text: &mut String, parameter: &Parameter) {
    match parameter {
        Parameter::Number(number) => hex(text, *number, 8),
        Parameter::Text(own) => text.push_str(own),
    }
}

/// A number with at least that many digits.
fn hex(text: &mut String, number: u64, digits: u32) {
    let _ = text.write_str("0x");
    let needed = (u64::BITS - number.leading_zeros()).div_ceil(4).max(digits);
    for place in (0..needed).rev() {
        let digit = (number >> (4 * place)) as u32 & 0xF;
        text.push(char::from_digit(digit, 16).unwrap_or('?'));
    }
}

/// The answer to a question that nobody can be asked: the one with which nothing is tried again. A warning that only
/// has one button gets that.
pub fn answer(options: u32) -> u32 {
    match options {
        option::ABORT_RETRY_IGNORE => response::ABORT,
        option::RETRY_CANCEL | option::YES_NO_CANCEL | option::CANCEL_TRY_CONTINUE => response::CANCEL,
        option::YES_NO => response::NO,
        option::SHUTDOWN_SYSTEM => response::NOT_HANDLED,
        _ => response::OK,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Parameter {
        Parameter::Text(text.into())
    }

    #[test]
    fn known_errors_are_put_into_words() {
        let parameters = [name("x.dll"), name(r"C:\Windows")];
        assert_eq!(
            text("a.exe", NtStatus::DLL_NOT_FOUND, &parameters),
            "a.exe: 0xc0000135 The library x.dll was not found in C:\\Windows.\n"
        );
        assert_eq!(
            text("a.exe", NtStatus::UNHANDLED_EXCEPTION, &[Parameter::Number(0xC000_0005)]),
            "a.exe: 0xc0000144 Exception 0xc0000005 at ? was not handled. The program ends.\n"
        );
    }

    #[test]
    fn others_show_their_parameters() {
        let parameters = [name("paper"), Parameter::Number(42), Parameter::Number(0x1_2345_6789)];
        assert_eq!(
            text("p", NtStatus(0xC000_1234), &parameters),
            "p: 0xc0001234 paper 0x0000002a 0x123456789\n"
        );
        assert_eq!(text("p", NtStatus(0x8000_0001), &[]), "p: 0x80000001\n");
    }

    #[test]
    fn nothing_is_tried_again() {
        let answers: Vec<u32> = (0..=9).map(answer).collect();
        assert_eq!(answers, [2, 6, 6, 3, 5, 3, 1, 6, 3, 6]);
    }
}
