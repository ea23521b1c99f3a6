//! `cd`, `dir`, `md`, `rd`, and the change of drive.

use alloc::string::String;

use nt::NtStatus;
use nt::file::{access, attribute, disposition, option};
use rt::file;
use shellcore::Command;

use crate::failure::{About, Done, Failure};
use crate::out::{Out, say};
use crate::paths::{self, narrow, wide};
use crate::system::Date;

/// The words that are no switches.
fn plain(command: &Command) -> impl Iterator<Item = &str> {
    command.words.iter().map(String::as_str).filter(|word| !word.starts_with('/'))
}

/// `cd [FOLDER]`.
pub fn change(command: &Command, out: &mut Out) -> Done {
    match plain(command).next() {
        None => {
            let current = narrow(&rt::path::current());
            say!(out, "{}", if current.len() > 3 { current.trim_end_matches('\\') } else { &current });
            Ok(())
        }
        Some(folder) => rt::path::set_current(&wide(folder)).about(folder),
    }
}

/// `D:`.
pub fn drive(letter: &str) -> Done {
    rt::path::set_current(&wide(&paths::join(letter, "\\"))).about(letter)
}

/// `md FOLDER…`.
pub fn make(command: &Command) -> Done {
    if plain(command).next().is_none() {
        return Err(Failure::usage("md FOLDER..."));
    }
    for folder in plain(command) {
        paths::open(folder, access::READ_DATA, disposition::CREATE, option::DIRECTORY_FILE)?;
    }
    Ok(())
}

/// `rd FOLDER…`: empty ones.
pub fn remove(command: &Command) -> Done {
    if plain(command).next().is_none() {
        return Err(Failure::usage("rd FOLDER..."));
    }
    for folder in plain(command) {
        let opened = paths::open(folder, access::DELETE, disposition::OPEN, option::DIRECTORY_FILE)?;
        file::delete(&opened).about(folder)?;
    }
    Ok(())
}

/// `dir [/b] [PATH]`: a folder, or what matches.
pub fn list(command: &Command, out: &mut Out) -> Done {
    let bare = command.words.iter().any(|word| word.eq_ignore_ascii_case("/b"));
    let path = plain(command).next().unwrap_or(".");
    let listed = if paths::is_folder(path) { paths::join(path, "*") } else { path.into() };
    let (folder, entries) = paths::find(&listed)?;
    if entries.is_empty() {
        return Err(NtStatus::NO_SUCH_FILE).about(path);
    }
    if !bare {
        let folder = if folder.is_empty() { "." } else { folder };
        say!(out, " {}\n", paths::full(folder)?);
    }
    let (mut files, mut folders, mut bytes) = (0_u32, 0_u32, 0_u64);
    for entry in &entries {
        let name = narrow(&entry.name);
        let is_folder = entry.attributes & attribute::DIRECTORY != 0;
        if bare {
            if !matches!(name.as_str(), "." | "..") {
                say!(out, "{name}");
            }
            continue;
        }
        let date = Date::of(entry.written);
        match is_folder {
            true => {
                folders += 1;
                say!(out, "{date:16}  {:>14}  {name}", "<DIR>");
            }
            false => {
                files += 1;
                bytes += entry.length;
                say!(out, "{date:16}  {:>14}  {name}", entry.length);
            }
        }
    }
    if !bare {
        say!(out, "{files:>8} file(s) {bytes:>14} bytes, {folders} folder(s)");
    }
    Ok(())
}
