//! DOS devices: `\??`, device maps, drive letters (spec/smss.md 1.0 K5, 5.8).

use nt::wide;

use crate::attributes::Attributes;
use crate::error::ObError;
use crate::name::component;
use crate::namespace::Namespace;
use crate::object::{Body, Content, Object};
use crate::walk::Query;

/// The bit of a drive letter, if that is what the name is.
pub(crate) fn drive_bit(name: &[u16]) -> u32 {
    match *name {
        [letter, colon] if colon == u16::from(b':') => match (letter | 0x20).wrapping_sub(b'a'.into()) {
            number @ 0..26 => 1 << number,
            _ => 0,
        },
        _ => 0,
    }
}

impl<T: Body> Namespace<T> {
    /// Makes what the object manager has before any driver: `\GLOBAL??`, in it `GLOBALROOT` (to the root) and
    /// `Global` (to itself), and `\DosDevices` (to `\??`), all permanent; `\??` means `\GLOBAL??` from now on.
    /// `security` makes what an object of that type has for the access check.
    ///
    /// # Errors
    /// NameCollision, InsufficientResources.
    pub fn create_dos_devices(&mut self, security: impl Fn(T::Kind) -> T::Security) -> Result<(), ObError> {
        let directory = self.new_directory(Attributes::PERMANENT, security(T::DIRECTORY));
        self.create_at(None, wide!(r"\GLOBAL??"), &directory)?;
        for (root, name, target) in [
            (Some(&directory), wide!("GLOBALROOT"), wide!("")),
            (Some(&directory), wide!("Global"), wide!(r"\GLOBAL??")),
            (None, wide!(r"\DosDevices"), wide!(r"\??")),
        ] {
            let link = Object::new_link(target, Attributes::PERMANENT, security(T::SYMBOLIC_LINK));
            self.create_at(root, name, &link)?;
        }
        self.dos_devices = Some(directory);
        Ok(())
    }

    fn create_at(
        &mut self,
        root: Option<&Object<T>>,
        name: &[u16],
        object: &Object<T>,
    ) -> Result<(), ObError> {
        self.create(&Query { root, ..Query::new(name) }, object, |_| Ok::<_, ObError>(())).map(drop)
    }

    /// The directory `\GLOBAL??`, once there is one.
    pub fn dos_devices(&self) -> Option<&Object<T>> {
        self.dos_devices.as_ref()
    }

    /// Makes a directory of DOS devices of it (a device map of its own): what is not found there is looked for
    /// in `\GLOBAL??`. Creation looks in the directory only.
    ///
    /// # Errors
    /// TypeMismatch when it is not a directory.
    pub fn set_device_map(&mut self, directory: &Object<T>) -> Result<(), ObError> {
        let global = self.dos_devices.clone().filter(|global| !global.is(directory));
        let Content::Directory(number) = directory.content() else { return Err(ObError::TypeMismatch) };
        self.directories.get_mut(*number).ok_or(ObError::TypeMismatch)?.shadow = global;
        Ok(())
    }

    /// The drive letters that a caller with this directory for `\??` has: bit 0 is `A:`
    /// (the DriveMap of ProcessDeviceMap).
    pub fn drives(&self, dos_devices: Option<&Object<T>>) -> u32 {
        let Some(slot) = dos_devices.or(self.dos_devices.as_ref()).and_then(|map| self.slot(map)) else {
            return 0;
        };
        let shadow = slot.shadow.as_ref().and_then(|shadow| self.slot(shadow));
        slot.drives | shadow.map_or(0, |shadow| shadow.drives)
    }

    /// After one of two links that differ in case only has gone, the other one still is a drive.
    pub(crate) fn find_drive_again(&mut self, directory: u32, name: &[u16]) {
        let other = self.entries.find(directory, name, component(name).hash, true);
        if other.is_some_and(|other| other.object.link_target().is_some())
            && let Some(slot) = self.directories.get_mut(directory)
        {
            slot.drives |= drive_bit(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_drive_letters_are_drives() {
        let bit = |name: &str| drive_bit(&name.encode_utf16().collect::<Vec<_>>());
        assert_eq!((bit("A:"), bit("c:"), bit("Z:")), (1, 4, 1 << 25));
        for other in ["", ":", "A", "AA", "1:", "[:", "@:", "AB:", "A:\\", "Ā:"] {
            assert_eq!(bit(other), 0, "{other}");
        }
    }
}
