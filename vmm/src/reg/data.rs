//! Data as it is written on a command line.

use regf::RegType;

/// The bytes of data of a type, given as words.
///
/// # Errors
/// What is wrong with them.
pub fn parse(kind: RegType, words: &[String]) -> Result<Vec<u8>, String> {
    if kind == RegType::MULTI_SZ {
        if words.iter().any(String::is_empty) {
            return Err("REG_MULTI_SZ cannot hold an empty string".into());
        }
        return Ok(words.iter().flat_map(|word| string(word)).chain([0, 0]).collect());
    }
    match (kind, words) {
        (RegType::BINARY, []) => Ok(Vec::new()),
        (_, [word]) => one(kind, word),
        (_, []) => Err(format!("{kind} needs --data")),
        _ => Err(format!("{kind} takes one --data; only REG_MULTI_SZ takes several")),
    }
}

fn one(kind: RegType, word: &str) -> Result<Vec<u8>, String> {
    match kind {
        RegType::BINARY => hex(word),
        RegType::DWORD => {
            let number =
                u32::try_from(number(word)?).map_err(|_| format!("{word:?} is more than 32 bits"))?;
            Ok(number.to_le_bytes().into())
        }
        RegType::QWORD => Ok(number(word)?.to_le_bytes().into()),
        _ => Ok(string(word).collect()),
    }
}

/// UTF-16LE with a zero at its end.
fn string(word: &str) -> impl Iterator<Item = u8> {
    word.encode_utf16().chain([0]).flat_map(u16::to_le_bytes)
}

fn number(word: &str) -> Result<u64, String> {
    let parsed = match word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
        // `from_str_radix` takes a sign.
        Some(digits) if !digits.starts_with('+') => u64::from_str_radix(digits, 16),
        _ => word.parse(),
    };
    parsed.map_err(|_| format!("{word:?} is no number (decimal, or hexadecimal after 0x) of up to 64 bits"))
}

/// Pairs of hexadecimal digits. Commas and spaces between pairs do no harm.
fn hex(word: &str) -> Result<Vec<u8>, String> {
    let (mut bytes, mut high) = (Vec::new(), None);
    for (column, letter) in word.chars().enumerate() {
        match (letter.to_digit(16), high) {
            (Some(digit), None) => high = Some(digit),
            (Some(digit), Some(first)) => {
                bytes.push((first << 4 | digit) as u8);
                high = None;
            }
            (None, None) if letter == ',' || letter == ' ' => {}
            (None, _) => {
                return Err(format!("column {}: {letter:?} is not half of a hexadecimal byte", column + 1));
            }
        }
    }
    if high.is_some() {
        return Err("the last hexadecimal byte has one digit".into());
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(kind: RegType, words: &[&str]) -> Result<Vec<u8>, String> {
        parse(kind, &words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn data_has_the_bytes_that_windows_gives_it() {
        assert_eq!(data(RegType::SZ, &["a"]), Ok(b"a\0\0\0".to_vec()));
        assert_eq!(data(RegType::MULTI_SZ, &["a", "b"]), Ok(b"a\0\0\0b\0\0\0\0\0".to_vec()));
        assert_eq!(data(RegType::MULTI_SZ, &[]), Ok(vec![0, 0]));
        assert_eq!(data(RegType::DWORD, &["0x1ff"]), Ok(vec![0xFF, 1, 0, 0]));
        assert_eq!(data(RegType::QWORD, &["18446744073709551615"]), Ok(vec![0xFF; 8]));
        assert_eq!(data(RegType::BINARY, &["dead,BE ef"]), Ok(vec![0xDE, 0xAD, 0xBE, 0xEF]));
        assert_eq!(data(RegType::BINARY, &[]), Ok(Vec::new()));
    }

    #[test]
    fn wrong_data_is_refused() {
        for (kind, words) in [
            (RegType::SZ, &[][..]),
            (RegType::SZ, &["a", "b"]),
            (RegType::MULTI_SZ, &["a", ""]),
            (RegType::DWORD, &["0x100000000"]),
            (RegType::DWORD, &["-1"]),
            (RegType::DWORD, &["0x+1"]),
            (RegType::QWORD, &[""]),
            (RegType::BINARY, &["abc"]),
            (RegType::BINARY, &["a,b"]),
            (RegType::BINARY, &["0xab"]),
        ] {
            assert!(data(kind, words).is_err(), "{kind} {words:?}");
        }
    }
}
