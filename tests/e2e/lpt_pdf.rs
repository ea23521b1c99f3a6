//! What the guest prints as PDF, read by other people's programs: poppler's and qpdf.

use std::fs;
use std::path::{Path, PathBuf};

use crate::lpt::WAYS;
use crate::shell::script;

/// Prints files of these contents one after the other; gives the PDFs in order.
fn print(contents: &[&[u8]], way: &str, folder: &Path) -> Vec<PathBuf> {
    let jobs = folder.join("jobs");
    let mut options: Vec<String> = vec!["--lpt".into(), format!("1=pdf:{}", jobs.display())];
    options.extend(["--cmdline".into(), way.into()]);
    let mut lines = String::new();
    for (number, content) in contents.iter().enumerate() {
        let file = folder.join(format!("{number}.txt"));
        fs::write(&file, content).expect("room");
        options.extend(["--file".into(), format!(r"\SystemRoot\{number}.txt={}", file.display())]);
        lines += &format!("copy C:\\Windows\\{number}.txt LPT1\n");
    }
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    let transcript = script(&lines, &options);
    let mut found: Vec<PathBuf> =
        fs::read_dir(&jobs).expect("the folder").map(|entry| entry.expect("an entry").path()).collect();
    found.sort();
    assert_eq!(found.len(), contents.len(), "{found:?}\n{}", transcript.text);
    assert!(
        found.iter().all(|path| path.extension().is_some_and(|extension| extension == "pdf")),
        "{found:?}"
    );
    found
}

/// How many pages and what text, as far as one sees without a reader of PDFs.
#[test]
fn a_job_is_a_file_of_pages() {
    for way in WAYS {
        let folder = tempfile::tempdir().expect("a folder");
        let jobs = print(&[b"one\x0Ctwo\x0C", b"(three)"], way, folder.path());
        for (job, texts) in jobs.iter().zip([&["(one)", "(two)"][..], &["((three))"]]) {
            let bytes = fs::read(job).expect("a PDF");
            assert!(bytes.starts_with(b"%PDF-1.") && bytes.trim_ascii_end().ends_with(b"%%EOF"));
            let file = String::from_utf8_lossy(&bytes);
            assert_eq!(file.matches("/Type /Page\n").count(), texts.len(), "{way:?}: {file}");
            assert!(texts.iter().all(|text| file.contains(text)), "{way:?}: {file}");
        }
    }
}

/// Tests that need programs of other people; the box does not have them.
mod with_other_programs {
    use super::*;
    use smvm_tests::other;

    /// What a program of poppler's or qpdf says of a file.
    fn told(program: &str, arguments: &[&str]) -> String {
        let output = other(program, arguments).expect("a program of tests/setup");
        assert!(output.status.success(), "{program} {arguments:?}: {output:?}");
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// The pages' texts. They must be so many, and the file one that is valid to the letter.
    fn pages(pdf: &Path, count: usize) -> Vec<String> {
        let name = pdf.to_str().expect("a path");
        let bytes = fs::read(pdf).expect("a PDF");
        assert!(bytes.starts_with(b"%PDF-1.") && bytes.trim_ascii_end().ends_with(b"%%EOF"));
        told("qpdf", &["--check", name]);
        let information = told("pdfinfo", &[name]);
        let has = |line: &str| information.lines().any(|other| other.split_whitespace().eq(line.split(' ')));
        assert!(has(&format!("Pages: {count}")), "{information}");
        assert!(has("Page size: 595 x 842 pts (A4)"), "{information}");
        let text = told("pdftotext", &["-layout", "-enc", "UTF-8", name, "-"]);
        let mut pages: Vec<String> = text.split('\x0C').map(String::from).collect();
        assert_eq!(pages.pop().as_deref(), Some(""), "a form feed behind each page: {text:?}");
        assert_eq!(pages.len(), count, "{text:?}");
        pages
    }

    /// A page's lines, with one blank between words: how many fit between them is the reader's guess.
    fn lines(page: &str) -> Vec<String> {
        let words = page.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
        words.filter(|line| !line.is_empty()).collect()
    }

    #[test]
    fn pages_and_jobs_come_out_as_they_were_printed() {
        for way in WAYS {
            let folder = tempfile::tempdir().expect("a folder");
            let jobs = print(
                &[
                    b"Invoice (No. 1)\r\n\r\nTotal:\t5\\6\r\n\x0Cpage two\x0C\r\npage three",
                    b"another job\r\n",
                ],
                way,
                folder.path(),
            );
            let first = pages(&jobs[0], 3);
            assert_eq!(lines(&first[0]), ["Invoice (No. 1)", r"Total: 5\6"], "{first:?}");
            assert_eq!(
                (lines(&first[1]).concat(), lines(&first[2]).concat()),
                ("page two".into(), "page three".into())
            );
            let second = pages(&jobs[1], 1);
            assert_eq!(lines(&second[0]), ["another job"]);
        }
    }

    #[test]
    fn long_lines_and_long_pages_are_broken() {
        let folder = tempfile::tempdir().expect("a folder");
        let long: String = ('a'..='z').cycle().take(200).collect();
        let many: String = (0..130).map(|line| format!("line {line}\r\n")).collect();
        let jobs = print(&[long.as_bytes(), many.as_bytes()], "", folder.path());
        let page = pages(&jobs[0], 1);
        assert_eq!(lines(&page[0]), [&long[..80], &long[80..160], &long[160..]]);
        let pages = pages(&jobs[1], 3);
        let counts: Vec<usize> = pages.iter().map(|page| lines(page).len()).collect();
        assert_eq!(counts, [61, 61, 8]);
        let all: Vec<String> = pages.iter().flat_map(|page| lines(page)).collect();
        assert!(all.iter().enumerate().all(|(number, line)| *line == format!("line {number}")), "{all:?}");
    }

    #[test]
    fn letters_of_code_page_1252_and_control_bytes() {
        let folder = tempfile::tempdir().expect("a folder");
        let letters = b"Gr\xFC\xDFe: 5 \x80, na\xEFve \x93caf\xE9\x94 \xA7";
        let controls = b"\x00\x01b\x07\x1Bo\x7Ft\x0Bh\r\noverstr\x08\x08trike\r\nabc\rX\r\n(((\\)\r\n";
        // Any byte there is, and a job of nothing but form feeds.
        let any: Vec<u8> = (0..=255).filter(|byte| *byte != 0x0C).collect();
        let jobs = print(&[letters, controls, &any, b"\x0C\x0C"], "", folder.path());
        let page = pages(&jobs[0], 1);
        assert_eq!(
            lines(&page[0]),
            ["Gr\u{FC}\u{DF}e: 5 \u{20AC}, na\u{EF}ve \u{201C}caf\u{E9}\u{201D} \u{A7}"]
        );
        let page = pages(&jobs[1], 1);
        assert_eq!(lines(&page[0]), ["both", "overstrike", "Xbc", r"(((\)"]);
        let page = pages(&jobs[2], 1);
        assert!(page[0].contains("!\"#$%&'()*+,-./0123456789"), "{page:?}");
        pages(&jobs[3], 2);
    }
}
