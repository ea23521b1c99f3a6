//! What each value of the registry does (spec/smss.md 1.3 step 3, 2).

use alloc::string::String;

use nt::{NtStatus, wide};
use smgrammar::{List, Rename, same};

use super::values::Use;
use super::{Init, directories, skipped};
use crate::descriptors::Descriptors;

/// What a directory that everybody may make objects in is called.
const LIBERAL: [&[u16]; 2] = [wide!(r"\Windows"), wide!(r"\RPC Control")];

impl Init {
    /// Takes a value: its text, and its number if it is one of 32 bits.
    ///
    /// # Errors
    /// INVALID_PARAMETER for a variable whose name cannot be one.
    pub fn take(
        &mut self,
        usage: Use,
        name: &[u16],
        text: &[u16],
        number: Option<u32>,
    ) -> Result<(), NtStatus> {
        let settings = &mut self.settings;
        match usage {
            Use::ProtectionMode => {
                settings.protected = number.unwrap_or(1) & 1 != 0;
                self.descriptors = Descriptors::new(settings.protected)?;
            }
            Use::AllowProtectedRenames => {
                settings.allow_protected_renames = number.unwrap_or(0) != 0;
            }
            Use::ObjectDirectory => self.object_directory(text),
            Use::BootExecute => line(&mut settings.boot_execute, text),
            Use::SetupExecute => line(&mut settings.setup_execute, text),
            Use::Execute => line(&mut settings.execute, text),
            Use::PagingFile => line(&mut settings.paging_files, text),
            Use::ExcludedDll => line(&mut settings.excluded_dlls, text),
            Use::Renames => settings.renames.extend(Rename::all(text)),
            Use::DosDevice => {
                settings.dos_devices.save(name, text);
            }
            Use::KnownDll if same(name, wide!("DllDirectory")) => {
                settings.dll_directory = Some(text.to_vec());
            }
            Use::KnownDll => {
                settings.known_dlls.save(name, text);
            }
            Use::Environment => self.variable(name, text)?,
            Use::Subsystem if same(name, wide!("PosixSingleInstance")) => {
                settings.posix_single_instance = true;
            }
            Use::Subsystem if same(name, wide!("Required")) || same(name, wide!("Optional")) => {}
            Use::Subsystem => {
                settings.subsystems.save(name, text);
            }
            Use::Required => transfer(&mut settings.subsystems, &mut settings.required, text),
            Use::Optional => transfer(&mut settings.subsystems, &mut settings.deferred, text),
        }
        Ok(())
    }

    /// Makes an object directory; one that cannot be made is passed over.
    fn object_directory(&self, path: &[u16]) {
        let liberal = LIBERAL.iter().any(|name| same(name, path));
        let descriptor = if liberal { &self.descriptors.liberal } else { &self.descriptors.primary };
        if let Err(status) = directories::permanent(path, descriptor) {
            skipped(&String::from_utf16_lossy(path), status);
        }
    }

    /// Sets a variable. `Path` is where libraries are looked for, too, when it comes a second time.
    fn variable(&mut self, name: &[u16], value: &[u16]) -> Result<(), NtStatus> {
        if same(name, wide!("Path")) {
            if self.path_seen {
                self.library_path = value.to_vec();
            }
            self.path_seen = true;
        }
        self.environment.set(name, value)
    }
}

/// A list whose entries are their own names.
fn line(list: &mut List, text: &[u16]) {
    list.save(text, &[]);
}

/// Moves the named entries from one list to another, in the order of the names; those that are not there are passed
/// over.
fn transfer(from: &mut List, to: &mut List, names: &[u16]) {
    for name in smgrammar::strings(names) {
        match from.take(name) {
            Some(entry) => to.push(entry),
            None => skipped(&String::from_utf16_lossy(name), NtStatus::OBJECT_NAME_NOT_FOUND),
        }
    }
}
