//! Names for addresses, from the kernel's own symbol table.

use object::{Object, ObjectSymbol, SymbolKind};
use serde::Serialize;

/// Further away than this, a symbol says nothing about an address without a size.
const NEAR: u64 = 0x1_0000;

/// A symbol and how far behind its start an address is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Symbol {
    /// Name, demangled as far as it goes without a demangler.
    pub name: String,
    /// Bytes from its start.
    pub offset: u64,
}

/// The symbol that `address` lies in, or the nearest one before it. A damaged file has no symbols.
pub fn nearest(kernel: &[u8], address: u64) -> Option<Symbol> {
    let file = object::File::parse(kernel).ok()?;
    let best = file
        .symbols()
        .filter(|symbol| matches!(symbol.kind(), SymbolKind::Text | SymbolKind::Label | SymbolKind::Unknown))
        .filter(|symbol| symbol.is_definition() && symbol.address() <= address)
        .filter(|symbol| {
            let end = symbol.address().saturating_add(symbol.size().max(NEAR));
            address < end
        })
        .max_by_key(|symbol| (symbol.address(), symbol.size()))?;
    Some(Symbol { name: readable(best.name().ok()?), offset: address - best.address() })
}

/// The path in a mangled Rust name (the legacy scheme): `_ZN4core3fmt5write17h0123456789abcdefE` is `core::fmt::write`.
fn readable(name: &str) -> String {
    let Some(mut rest) = name.strip_prefix("_ZN").and_then(|rest| rest.strip_suffix('E')) else {
        return name.to_owned();
    };
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|digit: char| digit.is_ascii_digit()).len();
        let part = rest[..digits].parse().ok().and_then(|len: usize| rest[digits..].get(..len));
        let Some(part) = part else {
            return name.to_owned();
        };
        parts.push(part);
        rest = &rest[digits + part.len()..];
    }
    if parts.last().is_some_and(|last| last.len() == 17 && last.starts_with('h')) {
        parts.pop();
    }
    parts.join("::").replace("..", "::").replace("$LT$", "<").replace("$GT$", ">").replace("$u20$", " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn legacy_names_become_paths() {
        assert_eq!(readable("_ZN4core3fmt5write17h0123456789abcdefE"), "core::fmt::write");
        assert_eq!(readable("KiPageFault"), "KiPageFault");
        assert_eq!(readable("_ZN99xE"), "_ZN99xE");
        assert_eq!(readable("_ZNE"), "");
    }

    #[test]
    fn garbage_has_no_symbols() {
        assert_eq!(nearest(b"", 0), None);
        assert_eq!(nearest(b"\x7FELF", 0), None);
    }
}
