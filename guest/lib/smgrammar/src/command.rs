//! Lines of BootExecute, SetupExecute and Execute (spec/smss.md 2.5).

/// A line: keywords, program, arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Command<'a> {
    /// `autocheck`: another text when the program is missing, and a command line of its own.
    pub autocheck: bool,
    /// `async`: nobody waits for the program.
    pub asynchronous: bool,
    /// `debug`: the program breaks at its start.
    pub debug: bool,
    /// The program, as the line has it.
    pub program: &'a [u16],
    /// What follows it, without the blanks between.
    pub arguments: &'a [u16],
    /// All of the line.
    pub line: &'a [u16],
}

const BLANK: u16 = b' ' as u16;

impl<'a> Command<'a> {
    /// Takes a line apart: tokens end at characters up to the blank, nothing is quoted. Nothing when there is
    /// no program in it.
    pub fn parse(line: &'a [u16]) -> Option<Self> {
        let mut command =
            Self { autocheck: false, asynchronous: false, debug: false, program: &[], arguments: &[], line };
        let mut rest = line;
        loop {
            let (token, behind) = token(rest)?;
            match () {
                () if is(token, "autocheck") => command.autocheck = true,
                () if is(token, "async") => command.asynchronous = true,
                () if is(token, "debug") => command.debug = true,
                () => {
                    command.program = token;
                    command.arguments = skip_blanks(behind);
                    return Some(command);
                }
            }
            rest = behind;
        }
    }
}

fn skip_blanks(text: &[u16]) -> &[u16] {
    let start = text.iter().position(|&unit| unit > BLANK).unwrap_or(text.len());
    text.get(start..).unwrap_or_default()
}

/// The first token and what is behind it.
fn token(text: &[u16]) -> Option<(&[u16], &[u16])> {
    let text = skip_blanks(text);
    let end = text.iter().position(|&unit| unit <= BLANK).unwrap_or(text.len());
    if end == 0 { None } else { text.split_at_checked(end) }
}

/// Whether a token is a keyword, in either case.
fn is(token: &[u16], keyword: &str) -> bool {
    token.len() == keyword.len()
        && token.iter().zip(keyword.bytes()).all(|(&unit, byte)| unit | 0x20 == u16::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    #[track_caller]
    fn check(line: &str, flags: (bool, bool, bool), program: &str, arguments: &str) {
        let line = units(line);
        let command = Command::parse(&line).expect("a program");
        assert_eq!((command.autocheck, command.asynchronous, command.debug), flags);
        assert_eq!(String::from_utf16_lossy(command.program), program);
        assert_eq!(String::from_utf16_lossy(command.arguments), arguments);
        assert_eq!(command.line, line);
    }

    #[test]
    fn keywords_stand_before_the_program() {
        check("autocheck autochk *", (true, false, false), "autochk", "*");
        check("AutoCheck ASYNC debug x", (true, true, true), "x", "");
        check("async  program.exe  one  two ", (false, true, false), "program.exe", "one  two ");
    }

    #[test]
    fn a_keyword_behind_the_program_is_an_argument() {
        check("program async", (false, false, false), "program", "async");
        check("autocheckers", (false, false, false), "autocheckers", "");
    }

    #[test]
    fn every_character_up_to_the_blank_separates_and_quotes_do_not_hold_together() {
        check("\tone\u{1}two", (false, false, false), "one", "two");
        check("\"a b\"", (false, false, false), "\"a", "b\"");
    }

    #[test]
    fn lines_without_a_program_are_none() {
        for line in ["", "  ", "async", "autocheck debug \t"] {
            assert_eq!(Command::parse(&units(line)), None, "{line:?}");
        }
    }
}
