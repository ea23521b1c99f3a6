//! Plain text as PDF: what a line printer would have put on A4, 80 columns and 61 lines a page, in Courier. Bytes from 0x80 on
//! are those of Windows' code page 1252.

use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str};

const COLUMNS: usize = 80;
const LINES: usize = 61;
const TAB: usize = 8;
/// A job with more pages goes on in a file of its own: the monitor's memory is not the guest's to fill.
const PAGES_MAX: usize = 2000;
/// A4, in points of 1/72 inch.
const PAPER: Rect = Rect { x1: 0.0, y1: 0.0, x2: 595.0, y2: 842.0 };
/// Courier's letters are 0.6 of its size wide: 80 of them take 480 points.
const SIZE: f32 = 10.0;
/// From line to line.
const LEADING: f32 = 12.0;
/// The beginning of the first line.
const FIRST: (f32, f32) = (57.5, 782.0);
const FONT: Name = Name(b"F1");

/// A job that is being laid out.
#[derive(Debug, Default)]
pub struct Document {
    pages: Vec<Vec<Vec<u8>>>,
    line: Vec<u8>,
    column: usize,
    /// A form feed came last: the next page is begun by what is printed on it.
    turn: bool,
}

impl Document {
    /// Adds text. Carriage return, line feed (which begins a line), tab, backspace and form feed are obeyed; other control
    /// characters do nothing.
    pub fn print(&mut self, text: &[u8]) {
        for &byte in text {
            match byte {
                b'\n' => self.end_line(),
                b'\r' => self.column = 0,
                0x0C => {
                    // A page that is full, or has lines and no beginning of another one, is left as it is.
                    if !self.line.is_empty() || self.turn || self.pages.is_empty() {
                        self.end_line();
                    }
                    self.column = 0;
                    self.turn = true;
                }
                0x08 => self.column = self.column.saturating_sub(1),
                b'\t' => self.column = ((self.column / TAB + 1) * TAB).min(COLUMNS),
                0x00..=0x1F | 0x7F => {}
                _ => self.put(byte),
            }
        }
    }

    /// Whether what still comes has to be another document.
    pub fn is_full(&self) -> bool {
        self.pages.len() >= PAGES_MAX
    }

    fn put(&mut self, byte: u8) {
        if self.column >= COLUMNS {
            self.end_line();
        }
        if self.line.len() <= self.column {
            self.line.resize(self.column + 1, b' ');
        }
        self.line[self.column] = byte;
        self.column += 1;
    }

    fn end_line(&mut self) {
        let full = self.pages.last().is_none_or(|page| page.len() >= LINES);
        if full || std::mem::take(&mut self.turn) {
            self.turn = false;
            self.pages.push(Vec::new());
        }
        let line = std::mem::take(&mut self.line);
        self.column = 0;
        if let Some(page) = self.pages.last_mut() {
            page.push(line);
        }
    }

    /// The file.
    pub fn finish(mut self) -> Vec<u8> {
        if !self.line.is_empty() || self.pages.is_empty() {
            self.end_line();
        }
        let (catalog, tree, font) = (Ref::new(1), Ref::new(2), Ref::new(3));
        let page_id = |number: usize| Ref::new(4 + 2 * number as i32);
        let mut pdf = Pdf::new();
        pdf.catalog(catalog).pages(tree);
        pdf.pages(tree).kids((0..self.pages.len()).map(page_id)).count(self.pages.len() as i32);
        pdf.type1_font(font).base_font(Name(b"Courier")).encoding_predefined(Name(b"WinAnsiEncoding"));
        for (number, lines) in self.pages.iter().enumerate() {
            let (id, contents) = (page_id(number), page_id(number).next());
            let mut page = pdf.page(id);
            page.media_box(PAPER).parent(tree).contents(contents);
            page.resources().fonts().pair(FONT, font);
            page.finish();
            let mut content = Content::new();
            content.begin_text().set_font(FONT, SIZE).set_leading(LEADING).next_line(FIRST.0, FIRST.1);
            for line in lines {
                content.show(Str(line)).next_line_using_leading();
            }
            content.end_text();
            pdf.stream(contents, &content.finish());
        }
        pdf.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laid_out(text: &[u8]) -> Vec<Vec<String>> {
        let mut document = Document::default();
        document.print(text);
        if !document.line.is_empty() {
            document.end_line();
        }
        let line = |line: &Vec<u8>| String::from_utf8_lossy(line).into_owned();
        document.pages.iter().map(|page| page.iter().map(line).collect()).collect()
    }

    #[test]
    fn control_characters_move_the_head() {
        assert_eq!(laid_out(b"one\r\ntwo\n\nx\ty\rX"), [["one", "two", "", "X       y"]]);
        assert_eq!(laid_out(b"ab\x08c\x1B\x00d"), [["acd"]]);
        assert_eq!(laid_out(b"first\x0Csecond\x0C"), [["first"], ["second"]]);
        let long = laid_out(&[b'x'; 161]);
        assert_eq!(long[0].iter().map(String::len).collect::<Vec<_>>(), [80, 80, 1]);
        let many = laid_out("line\n".repeat(150).as_bytes());
        assert_eq!(many.iter().map(Vec::len).collect::<Vec<_>>(), [61, 61, 28]);
        // Form feeds turn to the next page, whether this one is full, has lines, or is blank.
        let full = ["line\n".repeat(61).as_bytes(), b"\x0Cnext\n\x0C\x0Clast"].concat();
        assert_eq!(laid_out(&full).iter().map(Vec::len).collect::<Vec<_>>(), [61, 1, 1, 1]);
        assert_eq!(laid_out(b"\x0C\x0Cthird"), [[""], [""], ["third"]]);
    }

    #[test]
    fn the_file_has_the_pages_and_the_text() {
        let mut document = Document::default();
        document.print(b"Total (net): 5\\6\x0Cnext\n\x80");
        let file = document.finish();
        let has = |text: &[u8]| file.windows(text.len()).any(|window| window == text);
        assert!(file.starts_with(b"%PDF-1."));
        assert!(has(b"/Count 2") && has(b"/BaseFont /Courier") && has(b"(next)") && has(b"%%EOF"));
        // Brackets and backslashes are escaped, or balanced.
        assert!(has(b"5\\\\6"), "{}", String::from_utf8_lossy(&file));
        assert!(Document::default().finish().starts_with(b"%PDF"));
    }
}
