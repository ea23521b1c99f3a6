//! What `RtlQueryRegistryValues` does with a value's data.

/// The strings of a REG_MULTI_SZ, each with its NUL, up to the NUL that ends the list: where they are, in units. Empty
/// strings are strings as well (spec/smss.md 2.6). The last one may lack its NUL.
pub fn strings(data: &[u16]) -> impl Iterator<Item = &[u16]> {
    let end = data.len() - usize::from(data.last() == Some(&0));
    let mut start = 0;
    core::iter::from_fn(move || {
        if start >= end {
            return None;
        }
        let rest = data.get(start..)?;
        let len = rest.iter().position(|&unit| unit == 0).map_or(rest.len(), |at| at + 1);
        start += len;
        rest.get(..len)
    })
}

/// Units of a REG_MULTI_SZ up to the NUL that ends the list and with it: for defaults that do not say their length.
/// `unit` gives one.
pub fn list_length(unit: impl Fn(usize) -> u16) -> usize {
    let mut len = 0;
    while unit(len) != 0 {
        while unit(len) != 0 {
            len += 1;
        }
        len += 1;
    }
    len + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(data: &str) -> Vec<String> {
        let data: Vec<u16> = data.encode_utf16().collect();
        strings(&data).map(|string| String::from_utf16(string).unwrap().replace('\0', "|")).collect()
    }

    #[test]
    fn lists_may_have_empty_strings() {
        assert_eq!(split("a\0bc\0\0"), ["a|", "bc|"]);
        // A file to be deleted, and one to be renamed.
        assert_eq!(split("x\0\0y\0z\0\0"), ["x|", "|", "y|", "z|"]);
        assert_eq!(split("x\0\0\0"), ["x|", "|"]);
        assert_eq!((split(""), split("\0")), (vec![], vec![]));
        assert_eq!(split("\0\0"), ["|"]);
    }

    #[test]
    fn lists_may_lack_nuls() {
        assert_eq!(split("a\0"), ["a|"]);
        assert_eq!(split("a"), ["a"]);
        assert_eq!(split("a\0b"), ["a|", "b"]);
    }

    #[test]
    fn lengths_count_the_last_nul() {
        for (data, len) in [("\0x", 1), ("a\0\0x", 3), ("a\0bc\0\0x", 6)] {
            let data: Vec<u16> = data.encode_utf16().collect();
            assert_eq!(list_length(|at| data[at]), len);
        }
    }
}
