//! The editor against a terminal of one endless line: what is shown is always what is edited.

use shellcore::{Editor, Event};

/// What a terminal shows, and where its cursor is.
#[derive(Default)]
struct Screen {
    cells: Vec<char>,
    cursor: usize,
}

impl Screen {
    fn show(&mut self, bytes: &[u8]) {
        for character in String::from_utf8_lossy(bytes).chars() {
            match character {
                '\u{8}' => self.cursor -= 1,
                '\r' => self.cursor = 0,
                '\n' => self.cells.clear(),
                character => {
                    if self.cursor == self.cells.len() {
                        self.cells.push(' ');
                    }
                    self.cells[self.cursor] = character;
                    self.cursor += 1;
                }
            }
        }
    }

    fn text(&self) -> String {
        self.cells.iter().collect::<String>().trim_end().to_owned()
    }
}

fn lines(typed: &[u8]) -> Vec<Event> {
    let (mut editor, mut show) = (Editor::new(), Vec::new());
    typed.iter().filter_map(|&byte| editor.feed(byte, &mut show)).collect()
}

fn line(typed: &str) -> String {
    match lines(format!("{typed}\r").as_bytes()).pop() {
        Some(Event::Line(line)) => line,
        other => panic!("{other:?}"),
    }
}

#[test]
fn ends_of_lines() {
    let line = |text: &str| Event::Line(text.into());
    assert_eq!(lines(b"a\rb\nc\r\nd\r\r"), [line("a"), line("b"), line("c"), line("d"), line("")]);
}

#[test]
fn keys() {
    assert_eq!(line("abc\x7f\x08d"), "ad");
    assert_eq!(line("ac\x1b[Db"), "abc");
    assert_eq!(line("bc\x1b[Ha\x1b[Fd"), "abcd");
    assert_eq!(line("bc\x01a\x05d"), "abcd");
    assert_eq!(line("axb\x1b[D\x1b[D\x1b[3~"), "ab");
    assert_eq!(line("abc\x15d"), "d");
    assert_eq!(line("ä€\x1b[D\x7fx"), "x€");
    assert_eq!(lines(b"\xE2a\xFF\x80b\xC3\r"), [Event::Line("ab".into())]);
    assert_eq!(line("a\x1bOD\x1bOCb\x1b[99~\x1bx"), "ab");
    assert_eq!(lines(b"abc\x03"), [Event::Interrupt]);
    assert_eq!(lines(b"\x04"), [Event::End]);
    assert_eq!(lines(b"\x1a"), [Event::End]);
    assert_eq!(lines(b"a\x04\r"), [Event::Line("a".into())]);
}

#[test]
fn history() {
    assert_eq!(line("one\rtwo\r\x1b[A\x1b[A"), "one");
    assert_eq!(line("one\rtwo\rthr\x1b[A\x1b[A\x1b[A\x1b[B\x1b[Bee"), "three");
    assert_eq!(line("one\rone\r\x1b[A\x1b[Ax"), "onex");
}

/// Random keys: the screen shows the line, and nothing panics.
#[test]
fn the_screen_shows_the_line() {
    let keys: [&[u8]; 16] = [
        b"a",
        b"b",
        " ".as_bytes(),
        "ä".as_bytes(),
        "€".as_bytes(),
        b"\x7f",
        b"\x1b[A",
        b"\x1b[B",
        b"\x1b[C",
        b"\x1b[D",
        b"\x1b[H",
        b"\x1b[F",
        b"\x1b[3~",
        b"\x15",
        b"xyz",
        b"q",
    ];
    let mut seed = 0x2545_F491_4F6C_DD1D_u64;
    let (mut editor, mut screen) = (Editor::new(), Screen::default());
    for _ in 0..50_000 {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        let mut show = Vec::new();
        if seed >> 32 & 31 == 0 {
            let shown = screen.text();
            match editor.feed(b'\r', &mut show) {
                Some(Event::Line(line)) => assert_eq!(line.trim_end(), shown),
                other => panic!("{other:?}"),
            }
            screen = Screen::default();
            continue;
        }
        for &byte in keys[(seed as usize) % keys.len()] {
            assert_eq!(editor.feed(byte, &mut show), None);
        }
        screen.show(&show);
    }
}

#[test]
fn a_line_has_an_end() {
    let (mut editor, mut show) = (Editor::new(), Vec::new());
    (0..100_000).for_each(|_| drop(editor.feed(b'x', &mut show)));
    assert_eq!(editor.unfinished().map(|line| line.len()), Some(2048));
    assert_eq!(editor.unfinished(), None);
}
