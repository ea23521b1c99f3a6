//! Names that mean a device in every folder.

use super::{Kind, SPACE, is_separator, kind};
use crate::Unit;

/// Where the name of a device is in a path, in units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceName {
    /// First unit.
    pub start: usize,
    /// Units of the name alone.
    pub len: usize,
}

impl DeviceName {
    /// As `RtlIsDosDeviceName_U` tells it: start above, length below, both in bytes.
    pub fn packed(self) -> u32 {
        (self.start as u32 * 2) << 16 | (self.len as u32 * 2) & 0xFFFF
    }
}

/// The device that a path means: `NUL`, `CON`, `COM1` and their like as last part, whatever extension or colon comes
/// after it. As NT has it up to XP, the console's buffers are devices too.
pub fn device_name(path: &[u16]) -> Option<DeviceName> {
    let start = match kind(path) {
        Kind::Unc | Kind::RootLocalDevice => return None,
        Kind::LocalDevice => {
            let is_console = path.get(2)?.ascii() == Some(b'.') && is(path.get(4..)?, b"CON");
            return is_console.then_some(DeviceName { start: 4, len: 3 });
        }
        kind => {
            let drive = if matches!(kind, Kind::DriveAbsolute | Kind::DriveRelative) { 2 } else { 0 };
            path.iter().rposition(is_separator).map_or(drive, |at| at + 1)
        }
    };
    let name = path.get(start..)?;
    let len = name.iter().position(|unit| matches!(unit.ascii(), Some(b'.' | b':'))).unwrap_or(name.len());
    let name = name.get(..len)?;
    let len = name.iter().rposition(|&unit| unit != SPACE)? + 1;
    is_device(name.get(..len)?).then_some(DeviceName { start, len })
}

fn is(name: &[u16], device: &[u8]) -> bool {
    name.iter().map(|unit| unit.ascii_upper().ascii()).eq(device.iter().map(|&byte| Some(byte)))
}

fn is_device(name: &[u16]) -> bool {
    match name {
        [port @ .., digit] if port.len() == 3 => {
            matches!(digit.ascii(), Some(b'1'..=b'9')) && (is(port, b"COM") || is(port, b"LPT"))
        }
        _ => {
            [&b"CON"[..], b"NUL", b"PRN", b"AUX", b"CONIN$", b"CONOUT$"].iter().any(|device| is(name, device))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::wide;
    use super::*;

    #[test]
    fn devices() {
        let cases = [
            ("NUL", Some((0, 3))),
            ("con:", Some((0, 3))),
            ("lpt1", Some((0, 4))),
            ("C:Com9.txt", Some((2, 4))),
            (r"C:\dir\aux  . .:x", Some((7, 3))),
            ("dir/prn", Some((4, 3))),
            ("CONOUT$", Some((0, 7))),
            (r"\\.\con", Some((4, 3))),
            (r"\??\NUL", Some((4, 3))),
            ("", None),
            ("C:", None),
            (" . :", None),
            ("nulx", None),
            ("com0", None),
            ("com10", None),
            ("x.nul", None),
            (r"nul\", None),
            (r"\\server\nul", None),
            (r"\\.\nul", None),
            (r"\\?\con", None),
            ("PIPE", None),
        ];
        for (path, expected) in cases {
            let found = device_name(&wide(path)).map(|device| (device.start, device.len));
            assert_eq!(found, expected, "{path}");
        }
        assert_eq!(DeviceName { start: 4, len: 3 }.packed(), 0x0008_0006);
    }
}
