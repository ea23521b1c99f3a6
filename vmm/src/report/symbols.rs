//! Names for addresses, from the map of the kernel's functions.

use serde::Serialize;

/// Further away than this, a symbol says nothing about an address.
const NEAR: u64 = 0x1_0000;

/// A symbol and how far behind its start an address is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Symbol {
    /// Name.
    pub name: String,
    /// Bytes from its start.
    pub offset: u64,
}

/// The symbol that `address` lies in, or the nearest one before it, in lines of address, type and name in any
/// order (`System.map`). What is no such line is passed over.
pub fn nearest(map: &str, address: u64) -> Option<Symbol> {
    let symbol = |line: &'_ str| -> Option<(u64, String)> {
        let (start, rest) = line.split_once(' ')?;
        let start = u64::from_str_radix(start, 16).ok()?;
        let near = (start..start.saturating_add(NEAR)).contains(&address);
        near.then(|| Some((start, rest.split_once(' ')?.1.to_owned())))?
    };
    let (start, name) = map.lines().filter_map(symbol).max_by_key(|(start, _)| *start)?;
    Some(Symbol { name, offset: address - start })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_one_before_counts() {
        let map = "0000000000002000 t later\nffff T\n\nx y z\n0000000000001000 t <a as b>::c\n";
        let at = |address| nearest(map, address).map(|symbol| (symbol.name, symbol.offset));
        assert_eq!(at(0x0FFF), None);
        assert_eq!(at(0x1000), Some(("<a as b>::c".into(), 0)));
        assert_eq!(at(0x1FFF), Some(("<a as b>::c".into(), 0xFFF)));
        assert_eq!(at(0x2001), Some(("later".into(), 1)));
        assert_eq!(at(0x1_3000), None);
        assert_eq!(nearest("", 0), None);
    }
}
