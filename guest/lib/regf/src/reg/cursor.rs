//! A place in the text.

use super::{RegError, RegFault};

const NEWLINE: u16 = b'\n' as u16;

/// Reads unit by unit and knows the line and the column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    rest: &'a [u16],
    pub(super) line: u32,
    column: u32,
}

impl<'a> Cursor<'a> {
    /// At the end of the first line.
    pub(super) fn new(rest: &'a [u16]) -> Self {
        Self { rest, line: 1, column: 1 }
    }

    pub(super) fn error(&self, fault: RegFault) -> RegError {
        RegError { fault, line: self.line, column: self.column }
    }

    /// What comes next, if it is ASCII; other characters mean nothing outside strings.
    pub(super) fn peek(&self) -> Option<u8> {
        self.rest.first().map(|&unit| u8::try_from(unit).ok().filter(u8::is_ascii).unwrap_or(0x7F))
    }

    pub(super) fn next(&mut self) -> Option<u16> {
        let (&unit, rest) = self.rest.split_first()?;
        self.rest = rest;
        if unit == NEWLINE {
            (self.line, self.column) = (self.line + 1, 1);
        } else {
            self.column += 1;
        }
        Some(unit)
    }

    /// Goes over a character, if it is the next.
    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        if is_next {
            self.next();
        }
        is_next
    }

    /// Goes over a word, if it is next, in any case.
    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        let is_next = self.rest.len() >= word.len()
            && word
                .bytes()
                .zip(self.rest)
                .all(|(byte, &unit)| u8::try_from(unit).is_ok_and(|unit| unit.eq_ignore_ascii_case(&byte)));
        if is_next {
            self.skip(word.len());
        }
        is_next
    }

    /// Goes over blanks, not over the end of the line.
    pub(super) fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r')) {
            self.next();
        }
    }

    /// Goes over blanks and a comment. Says whether that was the end of the line, which it goes over too.
    pub(super) fn end_line(&mut self) -> bool {
        self.skip_blanks();
        if self.peek() == Some(b';') {
            while self.peek().is_some_and(|byte| byte != b'\n') {
                self.next();
            }
        }
        self.peek().is_none() || self.eat(b'\n')
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// What is left of the line, without its end.
    pub(super) fn line_rest(&self) -> &'a [u16] {
        let end = self.rest.iter().position(|&unit| unit == NEWLINE).unwrap_or(self.rest.len());
        self.rest.get(..end).unwrap_or_default()
    }

    /// Goes over some units of the line.
    pub(super) fn skip(&mut self, count: usize) {
        for _ in 0..count {
            self.next();
        }
    }

    /// Reads up to so many hexadecimal digits, at least one.
    pub(super) fn number(&mut self, digits: usize) -> Result<u32, RegError> {
        let start = *self;
        let (mut number, mut count) = (0, 0);
        while let Some(digit) = self.peek().and_then(|byte| char::from(byte).to_digit(16)) {
            count += 1;
            if count > digits {
                return Err(start.error(RegFault::Number));
            }
            number = number << 4 | digit;
            self.next();
        }
        if count == 0 { Err(start.error(RegFault::Number)) } else { Ok(number) }
    }
}
