//! Step 8: sections of DLLs that programs get without a search (spec/smss.md 1.3, 2.8).

use alloc::string::String;
use alloc::vec::Vec;

use nt::file::{access, option, share};
use nt::memory::{PAGE_EXECUTE, SEC_IMAGE};
use nt::security::{SECTION_ALL_ACCESS, SYMBOLIC_LINK_ALL_ACCESS};
use nt::types::Handle;
use nt::{NtStatus, events, wide};
use rt::handle::Owned;
use rt::objects::{self, Name, OPEN_IF, PERMANENT};
use rt::{file, image};
use smgrammar::{List, same};

use super::{Init, directories, skipped};
use crate::fatal::{self, BadDll};

/// IMAGE_FILE_DLL.
const DLL: u16 = 0x2000;
const DOT: u16 = b'.' as u16;

/// Makes `\KnownDlls`, its link to where the files are, and the sections.
///
/// # Errors
/// OBJECT_NAME_INVALID: there is no `DllDirectory`; what making directory and link, and opening the folder say.
pub fn all(init: &Init) -> Result<(), NtStatus> {
    let directory = directories::permanent(wide!(r"\KnownDlls"), &init.descriptors.known_dlls)?;
    let path = init.settings.dll_directory.as_deref().unwrap_or_default();
    let path = path.split(|&unit| unit == 0).next().filter(|path| !path.is_empty());
    let path = path.ok_or(NtStatus::OBJECT_NAME_INVALID)?;
    let folder = rt::process::nt_path(path).ok_or(NtStatus::OBJECT_NAME_INVALID)?;
    let folder = file::open(
        &Name::new(&folder),
        access::READ_DATA | access::EXECUTE,
        share::ALL,
        option::DIRECTORY_FILE,
    )?;
    let link = Name::new(wide!("KnownDllPath")).below(directory.get());
    let link = link.with(PERMANENT | OPEN_IF).described(&init.descriptors.primary);
    objects::create_link(&link, SYMBOLIC_LINK_ALL_ACCESS, path)?;
    let mut dlls = init.settings.known_dlls.clone();
    let excluded = &init.settings.excluded_dlls;
    let mut at = 0;
    // What a DLL imports from comes behind it, and so on.
    while let Some(entry) = dlls.entries().get(at).cloned() {
        at += 1;
        if excluded.find(&entry.name).is_some() || excluded.find(&entry.value).is_some() {
            continue;
        }
        if let Err(status) = one(init, directory.get(), &folder, &entry.value, &mut dlls) {
            let name = String::from_utf16_lossy(&entry.value);
            skipped(&name, status);
        }
    }
    Ok(())
}

/// Makes the section of a DLL, once it is known to be one.
fn one(
    init: &Init,
    directory: Handle,
    folder: &Owned,
    name: &[u16],
    dlls: &mut List,
) -> Result<(), NtStatus> {
    let place = Name::new(name).below(folder.get());
    let options = option::NON_DIRECTORY_FILE;
    let rights = access::EXECUTE | access::READ_DATA;
    let file = file::open(&place, rights, share::READ | share::DELETE, options)?;
    let checked = image::verify(&file, |import| add(dlls, import));
    match checked {
        Ok(characteristics) if characteristics & DLL != 0 => {}
        Ok(_) => fatal::stop_for_dll(BadDll::NotDll, NtStatus::INVALID_IMAGE_FORMAT, name),
        Err(status) => fatal::stop_for_dll(BadDll::Checksum, status, name),
    }
    let section = Name::new(name).below(directory).with(PERMANENT).described(&init.descriptors.liberal);
    objects::create_section(&section, SECTION_ALL_ACCESS, PAGE_EXECUTE, SEC_IMAGE, &file)?;
    rt::trace(events::SMSS_KNOWN_DLL, b'I', [0; 2], &String::from_utf16_lossy(name));
    Ok(())
}

/// Lists a DLL that is imported from, but for ntdll, under its name without extension.
fn add(dlls: &mut List, import: &[u8]) {
    let file: Vec<u16> = import.iter().map(|&byte| byte.into()).collect();
    if same(&file, wide!("ntdll.dll")) || dlls.entries().iter().any(|entry| same(&entry.value, &file)) {
        return;
    }
    let end = file.iter().rposition(|&unit| unit == DOT).unwrap_or(file.len());
    dlls.save(file.get(..end).unwrap_or_default(), &file);
}
