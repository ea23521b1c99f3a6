//! REG_MULTI_SZ.

/// The strings of a value's data, by its length: an empty string inside is one too (spec/smss.md 2.6). The
/// NUL that ends the list is none, and neither is an unterminated rest of nothing.
pub fn strings(data: &[u16]) -> impl Iterator<Item = &[u16]> {
    // The list ends with an empty string; what stands before it counts.
    let list = data.strip_suffix(&[0]).unwrap_or(data);
    let list =
        if data.is_empty() || list.is_empty() { None } else { Some(list.strip_suffix(&[0]).unwrap_or(list)) };
    list.into_iter().flat_map(|list| list.split(|&unit| unit == 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<String> {
        let data: Vec<u16> = text.encode_utf16().collect();
        strings(&data).map(String::from_utf16_lossy).collect()
    }

    #[test]
    fn strings_end_at_their_nul_and_the_list_at_an_empty_one() {
        assert_eq!(all("one\0two\0\0"), ["one", "two"]);
        assert_eq!(all("one\0\0"), ["one"]);
    }

    #[test]
    fn an_empty_string_inside_counts() {
        assert_eq!(all("source\0\0other\0target\0\0"), ["source", "", "other", "target"]);
    }

    #[test]
    fn nothing_is_no_string() {
        assert_eq!(all("").len(), 0);
        assert_eq!(all("\0").len(), 0);
    }

    #[test]
    fn missing_terminators_lose_nothing() {
        assert_eq!(all("one\0two"), ["one", "two"]);
        assert_eq!(all("one\0two\0"), ["one", "two"]);
        assert_eq!(all("one"), ["one"]);
    }
}
