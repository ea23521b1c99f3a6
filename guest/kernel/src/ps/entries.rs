//! Where the kernel enters a program on its own account, when the program itself says so by exporting the names of
//! `nt::dispatch`.

use nt::dispatch::{ENTRIES, Entry};
use pe::{Export, Image};

/// RVAs, or addresses, in the order of [`Entry`]; 0 for what is not exported.
pub type Entries = [u64; ENTRIES.len()];

/// The dispatchers that a program's image exports, as RVAs. Its threads begin where they begin whatever it exports.
pub fn of_program(image: &Image<'_>) -> Entries {
    let mut entries = Entries::default();
    if !image.is_dll()
        && let Ok(Some(exports)) = image.exports()
    {
        for (entry, name) in entries.iter_mut().zip(ENTRIES).skip(Entry::LdrInitializeThunk as usize + 1) {
            if let Ok(Some(Export::Address(rva))) = exports.by_name(name.as_bytes()) {
                *entry = rva.into();
            }
        }
    }
    entries
}
