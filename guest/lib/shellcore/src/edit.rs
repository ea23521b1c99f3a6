//! Editing a line: bytes of a terminal go in, what the terminal is to show and finished lines come out. The keys are
//! those of an ANSI terminal (ECMA-48), which is also what a serial line's other end usually is.

use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;

/// Lines that are remembered.
const HISTORY: usize = 32;
/// Most bytes of a line.
const LINE_MAX: usize = 2048;

const CTRL_A: u8 = 0x01;
const CTRL_C: u8 = 0x03;
const CTRL_D: u8 = 0x04;
const CTRL_E: u8 = 0x05;
const BACKSPACE: u8 = 0x08;
const LINE_FEED: u8 = 0x0A;
const RETURN: u8 = 0x0D;
const CTRL_U: u8 = 0x15;
const CTRL_Z: u8 = 0x1A;
const ESCAPE: u8 = 0x1B;
const DELETE: u8 = 0x7F;

/// What typing came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A line is complete.
    Line(String),
    /// Ctrl-C: what was typed is given up.
    Interrupt,
    /// Ctrl-D or Ctrl-Z at the start of a line.
    End,
}

/// Where in a key's sequence of bytes we are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Sequence {
    #[default]
    None,
    Escape,
    /// Behind `ESC [` or `ESC O`, with the number so far.
    Bracket(u8),
}

/// A line that is being edited, and those before it.
#[derive(Clone, Debug, Default)]
pub struct Editor {
    line: Vec<u8>,
    /// Byte in `line` that the cursor is on; always the start of a character.
    cursor: usize,
    history: VecDeque<Vec<u8>>,
    /// Which line of the history is shown, counted from the newest, from 1.
    shown: usize,
    /// The line that was typed before the history was gone through.
    kept: Vec<u8>,
    sequence: Sequence,
    after_return: bool,
    /// The first bytes of a character of several.
    character: Vec<u8>,
}

impl Editor {
    /// An empty line, nothing remembered.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a byte. What the terminal is to show is added to `show`.
    pub fn feed(&mut self, byte: u8, show: &mut Vec<u8>) -> Option<Event> {
        let after_return = core::mem::replace(&mut self.after_return, byte == RETURN);
        match (self.sequence, byte) {
            (Sequence::None, ESCAPE) => self.sequence = Sequence::Escape,
            (Sequence::Escape, b'[' | b'O') => self.sequence = Sequence::Bracket(0),
            (Sequence::Escape, _) => self.sequence = Sequence::None,
            (Sequence::Bracket(number), b'0'..=b'9') => {
                self.sequence = Sequence::Bracket(number.wrapping_mul(10).wrapping_add(byte - b'0'));
            }
            (Sequence::Bracket(_), b';') => self.sequence = Sequence::Bracket(0),
            (Sequence::Bracket(number), _) => {
                self.sequence = Sequence::None;
                self.key(byte, number, show);
            }
            (Sequence::None, LINE_FEED) if after_return => {}
            (Sequence::None, RETURN | LINE_FEED) => {
                show.extend_from_slice(b"\r\n");
                return Some(Event::Line(self.finish()));
            }
            (Sequence::None, CTRL_C) => {
                show.extend_from_slice(b"^C\r\n");
                self.forget();
                return Some(Event::Interrupt);
            }
            (Sequence::None, CTRL_D | CTRL_Z) if self.line.is_empty() => return Some(Event::End),
            (Sequence::None, BACKSPACE | DELETE) => self.delete_before(show),
            (Sequence::None, CTRL_A) => self.go_to(0, show),
            (Sequence::None, CTRL_E) => self.go_to(self.line.len(), show),
            (Sequence::None, CTRL_U) => self.replace(Vec::new(), show),
            (Sequence::None, b'\t') => self.insert(b' ', show),
            (Sequence::None, 0..0x20) => {}
            (Sequence::None, byte) => self.insert(byte, show),
        }
        None
    }

    /// A key with a sequence, by its last byte.
    fn key(&mut self, last: u8, number: u8, show: &mut Vec<u8>) {
        match (last, number) {
            (b'A', _) => self.recall(self.shown + 1, show),
            (b'B', _) => self.recall(self.shown.saturating_sub(1), show),
            (b'C', _) => self.go_to(self.next(self.cursor), show),
            (b'D', _) => self.go_to(self.before(self.cursor), show),
            (b'H', _) | (b'~', 1 | 7) => self.go_to(0, show),
            (b'F', _) | (b'~', 4 | 8) => self.go_to(self.line.len(), show),
            (b'~', 3) if self.cursor < self.line.len() => {
                let end = self.next(self.cursor);
                self.line.drain(self.cursor..end);
                self.show_rest(1, show);
            }
            _ => {}
        }
    }

    /// Inserts a character when its last byte is there. Bytes that make no character of UTF-8 are passed over.
    fn insert(&mut self, byte: u8, show: &mut Vec<u8>) {
        if !is_inside(byte) {
            self.character.clear();
        }
        self.character.push(byte);
        let length = match self.character.first() {
            Some(0..0x80) => 1,
            Some(0xC2..0xE0) => 2,
            Some(0xE0..0xF0) => 3,
            Some(0xF0..0xF5) => 4,
            _ => return self.character.clear(),
        };
        if self.character.len() < length {
            return;
        }
        let character = core::mem::take(&mut self.character);
        if self.line.len() + length > LINE_MAX || core::str::from_utf8(&character).is_err() {
            return;
        }
        show.extend_from_slice(&character);
        self.line.splice(self.cursor..self.cursor, character);
        self.cursor += length;
        let rest = self.line.get(self.cursor..).unwrap_or_default();
        show.extend_from_slice(rest);
        back(columns(rest), show);
    }

    fn delete_before(&mut self, show: &mut Vec<u8>) {
        if self.cursor == 0 {
            return;
        }
        let start = self.before(self.cursor);
        self.line.drain(start..self.cursor);
        self.cursor = start;
        show.push(BACKSPACE);
        self.show_rest(1, show);
    }

    /// Shows the line again from the cursor on, with `gone` blanks behind it, and returns to the cursor.
    fn show_rest(&self, gone: usize, show: &mut Vec<u8>) {
        let rest = self.line.get(self.cursor..).unwrap_or_default();
        show.extend_from_slice(rest);
        show.resize(show.len() + gone, b' ');
        back(columns(rest) + gone, show);
    }

    /// Moves the cursor.
    fn go_to(&mut self, to: usize, show: &mut Vec<u8>) {
        let between = self.line.get(self.cursor.min(to)..self.cursor.max(to)).unwrap_or_default();
        match to < self.cursor {
            true => back(columns(between), show),
            false => show.extend_from_slice(between),
        }
        self.cursor = to;
    }

    /// Shows another line instead.
    fn replace(&mut self, line: Vec<u8>, show: &mut Vec<u8>) {
        self.go_to(0, show);
        let before = columns(&self.line);
        self.line = line;
        show.extend_from_slice(&self.line);
        let gone = before.saturating_sub(columns(&self.line));
        show.resize(show.len() + gone, b' ');
        back(gone, show);
        self.cursor = self.line.len();
    }

    /// Shows a line of the history; 0 is the one that was being typed.
    fn recall(&mut self, number: usize, show: &mut Vec<u8>) {
        if number > self.history.len() || number == self.shown {
            return;
        }
        if self.shown == 0 {
            self.kept = self.line.clone();
        }
        let line = match number.checked_sub(1) {
            Some(index) => self.history.get(index).cloned().unwrap_or_default(),
            None => core::mem::take(&mut self.kept),
        };
        self.shown = number;
        self.replace(line, show);
    }

    /// The line is complete: it is remembered, unless it is empty or the same as the last one.
    fn finish(&mut self) -> String {
        let line = core::mem::take(&mut self.line);
        let text = String::from_utf8_lossy(&line).into_owned();
        if !line.is_empty() && self.history.front() != Some(&line) {
            self.history.truncate(HISTORY - 1);
            self.history.push_front(line);
        }
        self.forget();
        text
    }

    fn forget(&mut self) {
        self.line.clear();
        self.kept.clear();
        (self.cursor, self.shown) = (0, 0);
    }

    /// What has been typed of a line that nobody has finished.
    pub fn unfinished(&mut self) -> Option<String> {
        (!self.line.is_empty()).then(|| self.finish())
    }

    /// Start of the character before a place.
    fn before(&self, place: usize) -> usize {
        let starts = |index: &usize| self.line.get(*index).is_some_and(|&byte| !is_inside(byte));
        (0..place).rev().find(starts).unwrap_or(0)
    }

    /// Start of the character behind the one at a place.
    fn next(&self, place: usize) -> usize {
        let starts = |index: &usize| self.line.get(*index).is_some_and(|&byte| !is_inside(byte));
        (place + 1..self.line.len()).find(starts).unwrap_or(self.line.len())
    }
}

/// Whether a byte is in a character of UTF-8, but not its first.
fn is_inside(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

/// How many columns text takes: a character each.
fn columns(text: &[u8]) -> usize {
    text.iter().filter(|&&byte| !is_inside(byte)).count()
}

fn back(columns: usize, show: &mut Vec<u8>) {
    show.resize(show.len() + columns, BACKSPACE);
}
