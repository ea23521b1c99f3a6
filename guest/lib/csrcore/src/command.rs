//! The command line of csrss: `program name=value name=value …`, parted at blanks, nothing quoted, names in any case
//! (spec/smss.md 2.7).

/// `ServerDll=module[:entry],id`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerDll<'a> {
    /// The DLL.
    pub module: &'a [u16],
    /// Its entry; without one `ServerDllInitialization`.
    pub entry: Option<&'a [u16]>,
    /// Which server DLL it is to be.
    pub id: u32,
}

/// What one `name=value` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// Where the ports are; an absolute path.
    ObjectDirectory(&'a [u16]),
    /// KiB of the shared section, of the heap of an interactive desktop, of that of another one. 0: not said.
    SharedSection([u32; 3]),
    /// Whether there are windows.
    Windows(bool),
    /// What the session manager is told.
    SubSystemType(&'a [u16]),
    /// A DLL to be loaded.
    ServerDll(ServerDll<'a>),
    /// Most threads that serve requests.
    MaxRequestThreads(u32),
    /// What is taken and means nothing any more: `ProfileControl`, `RequestThreads`.
    Ignored,
    /// No name that there is. It counts as an error only if it is the last token.
    Unknown(&'a [u16]),
    /// A known name whose value is none.
    Malformed(&'a [u16]),
}

const BLANK: u16 = b' ' as u16;
const EQUALS: u16 = b'=' as u16;
const COMMA: u16 = b',' as u16;
const COLON: u16 = b':' as u16;

/// The tokens behind the program, in order.
pub fn tokens(line: &[u16]) -> impl Iterator<Item = Token<'_>> {
    line.split(|&unit| unit <= BLANK).filter(|token| !token.is_empty()).skip(1).map(token)
}

fn token(token: &[u16]) -> Token<'_> {
    let (name, value) = split(token, EQUALS);
    let value = value.unwrap_or_default();
    let known = match () {
        () if is(name, "ObjectDirectory") => directory(value),
        () if is(name, "SharedSection") => shared_section(value),
        () if is(name, "Windows") => Some(Token::Windows(is(value, "On"))),
        () if is(name, "SubSystemType") => Some(Token::SubSystemType(value)),
        () if is(name, "ServerDll") => server_dll(value),
        () if is(name, "MaxRequestThreads") => number(value).map(Token::MaxRequestThreads),
        () if is(name, "ProfileControl") || is(name, "RequestThreads") => Some(Token::Ignored),
        () => return Token::Unknown(token),
    };
    known.unwrap_or(Token::Malformed(token))
}

fn directory(value: &[u16]) -> Option<Token<'_>> {
    match value {
        [first, _, ..] if *first == u16::from(b'\\') => Some(Token::ObjectDirectory(value)),
        _ => None,
    }
}

fn shared_section(value: &[u16]) -> Option<Token<'_>> {
    let mut sizes = [0; 3];
    let mut parts = value.split(|&unit| unit == COMMA);
    for (size, part) in sizes.iter_mut().zip(&mut parts) {
        *size = number(part)?;
    }
    // The first one is what there must be.
    if sizes[0] == 0 || parts.next().is_some() { None } else { Some(Token::SharedSection(sizes)) }
}

fn server_dll(value: &[u16]) -> Option<Token<'_>> {
    let (module, id) = split(value, COMMA);
    let (module, entry) = split(module, COLON);
    let id = number(id?)?;
    let named = !module.is_empty() && entry.is_none_or(|entry| !entry.is_empty());
    named.then_some(Token::ServerDll(ServerDll { module, entry, id }))
}

/// What stands before the first such unit, and behind it if there is one.
fn split(text: &[u16], at: u16) -> (&[u16], Option<&[u16]>) {
    match text.iter().position(|&unit| unit == at) {
        Some(place) => {
            let (before, behind) = text.split_at(place);
            (before, behind.get(1..))
        }
        None => (text, None),
    }
}

/// A number, decimal or with `0x`, and nothing else.
fn number(text: &[u16]) -> Option<u32> {
    let (digits, radix) = match text {
        [zero, x, digits @ ..] if *zero == u16::from(b'0') && x | 0x20 == u16::from(b'x') => (digits, 16),
        digits => (digits, 10),
    };
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u32, |sum, &unit| {
        let digit = char::from_u32(unit.into())?.to_digit(radix)?;
        sum.checked_mul(radix)?.checked_add(digit)
    })
}

/// Whether a name is a keyword, in either case.
fn is(name: &[u16], keyword: &str) -> bool {
    name.len() == keyword.len()
        && name
            .iter()
            .zip(keyword.bytes())
            .all(|(&unit, byte)| u8::try_from(unit).is_ok_and(|own| own.eq_ignore_ascii_case(&byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(text: &str) -> Vec<u16> {
        text.encode_utf16().collect()
    }

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let line = units(&format!("csrss.exe {text}"));
        let said: Vec<String> = tokens(&line).map(say).collect();
        assert_eq!(said, expected, "{text}");
    }

    fn say(token: Token<'_>) -> String {
        let text = String::from_utf16_lossy;
        match token {
            Token::ObjectDirectory(name) => format!("directory {}", text(name)),
            Token::SharedSection(sizes) => format!("section {sizes:?}"),
            Token::Windows(on) => format!("windows {on}"),
            Token::SubSystemType(name) => format!("type {}", text(name)),
            Token::ServerDll(dll) => {
                format!("dll {} {:?} {}", text(dll.module), dll.entry.map(text), dll.id)
            }
            Token::MaxRequestThreads(count) => format!("threads {count}"),
            Token::Ignored => "ignored".into(),
            Token::Unknown(token) => format!("unknown {}", text(token)),
            Token::Malformed(token) => format!("malformed {}", text(token)),
        }
    }

    #[test]
    fn the_line_of_xp() {
        check(
            r"ObjectDirectory=\Windows SharedSection=1024,3072,512 Windows=On SubSystemType=Windows ServerDll=basesrv,1 ServerDll=winsrv:UserServerDllInitialization,3 ProfileControl=Off MaxRequestThreads=16",
            &[
                r"directory \Windows",
                "section [1024, 3072, 512]",
                "windows true",
                "type Windows",
                "dll basesrv None 1",
                r#"dll winsrv Some("UserServerDllInitialization") 3"#,
                "ignored",
                "threads 16",
            ],
        );
    }

    #[test]
    fn names_have_no_case_and_sizes_may_be_missing() {
        check(
            "WINDOWS=on windows=off sharedsection=0x400",
            &["windows true", "windows false", "section [1024, 0, 0]"],
        );
        check("RequestThreads=4", &["ignored"]);
    }

    #[test]
    fn values_that_are_none_are_told() {
        for text in [
            "ServerDll=basesrv",
            "ServerDll=basesrv,",
            "ServerDll=,1",
            "ServerDll=winsrv:,1",
            "ServerDll=basesrv,one",
            "ServerDll=basesrv,1,2",
            "ServerDll=basesrv,99999999999",
            "ServerDll",
            "SharedSection=",
            "SharedSection=0",
            "SharedSection=1,2,3,4",
            "SharedSection=1,,3",
            "MaxRequestThreads=",
            "MaxRequestThreads=-1",
            "ObjectDirectory=",
            r"ObjectDirectory=\",
            "ObjectDirectory=Windows",
        ] {
            check(text, &[&format!("malformed {text}")]);
        }
    }

    #[test]
    fn other_names_are_told_apart() {
        for text in ["Nonsense=1", "=1", "Window=On", "WindowsWindows=On", "\u{17F}erverDll=a,1"] {
            check(text, &[&format!("unknown {text}")]);
        }
    }

    #[test]
    fn everything_up_to_the_blank_parts_tokens() {
        check("\t\u{1}Windows=On\r\n", &["windows true"]);
        check("", &[]);
        assert_eq!(tokens(&[]).count(), 0);
        assert_eq!(tokens(&units("Windows=On")).count(), 0, "the program");
    }

    #[test]
    fn any_units_come_apart() {
        let mut state = 88_172_645_463_325_252_u64;
        for _ in 0..20_000 {
            let mut line = units("c ServerDll=winsrv:User,3 SharedSection=1024,3072");
            for _ in 0..3 {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                let at = (state >> 32) as usize % line.len();
                line[at] = match state & 3 {
                    0 => state as u16,
                    1 => EQUALS,
                    2 => COMMA,
                    _ => BLANK,
                };
            }
            let _ = tokens(&line).count();
        }
    }
}
