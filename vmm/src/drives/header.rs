//! The header of a qcow2 image, looked at before the image is used: what it asks for beyond its own contents is refused, and
//! so is what is cut off. Source: "The QCOW2 image format" in QEMU's documentation (docs/interop/qcow2.txt).

use std::fs::File;
use std::os::unix::fs::FileExt as _;

/// Bytes of the header that both versions have.
const LEN: usize = 72;
const MAGIC: u32 = u32::from_be_bytes(*b"QFI\xFB");
/// Incompatible feature of version 3: the data are in another file.
const EXTERNAL_DATA: u64 = 1 << 2;
/// And where these features are.
const FEATURES: u64 = 72;

/// Why an image cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// It does not begin as one.
    #[error("it does not begin as a qcow2 image does; for another kind of file say format=raw")]
    Magic,
    /// The file ends before what its header speaks of.
    #[error("it is cut off: its {0} is not all there")]
    Short(&'static str),
    /// A number that makes no sense.
    #[error("its {0} makes no sense")]
    Number(&'static str),
    /// It is more than one file. The other one could be any file of this machine.
    #[error(
        "it has {0}, and images made of several files are not used; make it one with: qemu-img convert -O qcow2 IMAGE NEW.qcow2"
    )]
    Other(&'static str),
    /// Its contents are encrypted.
    #[error("it is encrypted; decrypt it with qemu-img convert")]
    Encrypted,
}

/// Looks at the header of an image.
///
/// # Errors
/// [`HeaderError`].
pub fn check(file: &File) -> Result<(), HeaderError> {
    let length = file.metadata().map_or(0, |file| file.len());
    let mut header = [0; LEN];
    file.read_exact_at(&mut header, 0)
        .map_err(|_| if length < 4 { HeaderError::Magic } else { HeaderError::Short("header") })?;
    let word = |at: usize| u32::from_be_bytes(std::array::from_fn(|n| header[at + n]));
    let long = |at: usize| u64::from(word(at)) << 32 | u64::from(word(at + 4));
    if word(0) != MAGIC {
        return Err(HeaderError::Magic);
    }
    let version = word(4);
    if !(2..=3).contains(&version) {
        return Err(HeaderError::Number("version"));
    }
    if long(8) != 0 {
        return Err(HeaderError::Other("a backing file"));
    }
    if word(32) != 0 {
        return Err(HeaderError::Encrypted);
    }
    if version == 3 {
        let mut features = [0; 8];
        file.read_exact_at(&mut features, FEATURES).map_err(|_| HeaderError::Short("header"))?;
        if u64::from_be_bytes(features) & EXTERNAL_DATA != 0 {
            return Err(HeaderError::Other("a data file"));
        }
    }
    let bits = word(20);
    if !(9..=21).contains(&bits) {
        return Err(HeaderError::Number("cluster size"));
    }
    // An entry of the first table is a cluster of entries, each of which is a cluster.
    let entries = u64::from(word(36));
    if long(24).div_ceil(1 << (2 * bits - 3)) > entries {
        return Err(HeaderError::Number("size"));
    }
    let inside = |start: u64, len: u64| start.checked_add(len).is_some_and(|end| end <= length);
    if entries > 0 && !inside(long(40), 8 * entries) {
        return Err(HeaderError::Short("table of clusters"));
    }
    if !tables(file, long(40), entries, |start| inside(start, 1 << bits)) {
        return Err(HeaderError::Short("table of clusters"));
    }
    if !inside(long(48), u64::from(word(56)) << bits) {
        return Err(HeaderError::Short("table of reference counts"));
    }
    Ok(())
}

/// Where a table is, in an entry that leads there; 0 for none.
const PLACE: u64 = 0x00FF_FFFF_FFFF_FE00;
/// Entries that are read at once.
const AT_ONCE: u64 = 4096;

/// Whether every table that the first one leads to is as it should be. Without a table all it had would read as zeros.
fn tables(file: &File, start: u64, entries: u64, is_there: impl Fn(u64) -> bool) -> bool {
    let mut bytes = [0; 8 * AT_ONCE as usize];
    (0..entries).step_by(AT_ONCE as usize).all(|first| {
        let now = &mut bytes[..8 * AT_ONCE.min(entries - first) as usize];
        let is_read = file.read_exact_at(now, start + 8 * first).is_ok();
        let places = now.as_chunks().0.iter().map(|entry| u64::from_be_bytes(*entry) & PLACE);
        is_read && places.filter(|&place| place != 0).all(&is_there)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The header of an image of 1 MiB with clusters of 64 KiB, whose tables are in its second and third cluster.
    fn image() -> Vec<u8> {
        let mut bytes = vec![0; 4 << 16];
        bytes[..8].copy_from_slice(b"QFI\xFB\0\0\0\x03");
        bytes[23] = 16;
        bytes[24..32].copy_from_slice(&(1_u64 << 20).to_be_bytes());
        bytes[39] = 1;
        bytes[40..48].copy_from_slice(&(1_u64 << 16).to_be_bytes());
        bytes[48..56].copy_from_slice(&(2_u64 << 16).to_be_bytes());
        bytes[59] = 1;
        bytes[103] = 104;
        bytes
    }

    fn checked(bytes: &[u8]) -> Result<(), HeaderError> {
        let file = tempfile::tempfile().expect("a file");
        file.write_all_at(bytes, 0).expect("room");
        check(&file)
    }

    #[test]
    fn what_an_image_asks_for_is_named() {
        use HeaderError::{Encrypted, Magic, Number, Other, Short};
        assert_eq!(checked(&image()), Ok(()));
        let with = |at: usize, byte: u8| {
            let mut bytes = image();
            bytes[at] = byte;
            checked(&bytes)
        };
        assert_eq!(with(3, 0), Err(Magic));
        assert_eq!(with(7, 4), Err(Number("version")));
        assert_eq!(with(15, 112), Err(Other("a backing file")));
        assert_eq!(with(35, 2), Err(Encrypted));
        assert_eq!(with(79, 4), Err(Other("a data file")));
        for bits in [8, 22] {
            assert_eq!(with(23, bits), Err(Number("cluster size")));
        }
        assert_eq!(with(24, 0xFF), Err(Number("size")));
        assert_eq!(with(40, 0xFF), Err(Short("table of clusters")));
        assert_eq!(with(48, 0x7F), Err(Short("table of reference counts")));
        assert_eq!(with(59, 3), Err(Short("table of reference counts")));
        // The last cluster may be a table, but not one behind it.
        let leads = |cluster: u8| {
            let mut bytes = image();
            bytes[1 << 16..][..8].copy_from_slice(&[0x80, 0, 0, 0, 0, cluster, 0, 0]);
            bytes
        };
        assert_eq!(checked(&leads(3)), Ok(()));
        assert_eq!(checked(&leads(4)), Err(Short("table of clusters")));
        assert_eq!(checked(&leads(3)[..(4 << 16) - 1]), Err(Short("table of clusters")));
        assert_eq!(checked(&image()[..60]), Err(Short("header")));
        assert_eq!(checked(&image()[..76]), Err(Short("header")));
        assert_eq!(checked(&image()[..1000]), Err(Short("table of clusters")));
        assert_eq!(checked(b""), Err(Magic));
        // Every byte of the header may be anything.
        for at in 0..104 {
            for byte in [0, 1, 0x7F, 0x80, 0xFF] {
                let _ = with(at, byte);
            }
        }
    }
}
