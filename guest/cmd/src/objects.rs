//! `objdir`: the object namespace. `subst`: drive letters for folders.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use nt::NtStatus;
use rt::objects::{Name, PERMANENT, create_link, link_target, make_temporary, open_directory, open_link};
use rt::registry::Key;
use rt::tasks;
use shellcore::Command;

use crate::failure::{About, Done, Failure};
use crate::out::{Out, say};
use crate::paths::{self, narrow, wide};

/// DIRECTORY_QUERY.
const DIRECTORY_QUERY: u32 = 1;
/// SYMBOLIC_LINK_QUERY.
const LINK_QUERY: u32 = 1;
/// SYMBOLIC_LINK_ALL_ACCESS.
const LINK_ALL: u32 = 0xF_0001;
/// What a link to a folder begins with.
const DOS: &str = r"\??\";
/// Links that last.
const DOS_DEVICES: &[u16] =
    nt::wide!(r"\Registry\Machine\System\CurrentControlSet\Control\Session Manager\DOS Devices");

/// Where a link leads.
fn target_of(path: &str) -> Result<String, NtStatus> {
    open_link(&Name::new(&wide(path)), LINK_QUERY)
        .and_then(|link| link_target(&link))
        .map(|text| narrow(&text))
}

/// `objdir [DIRECTORY]`.
pub fn list(command: &Command, out: &mut Out) -> Done {
    let path = command.words.first().map_or("\\", String::as_str);
    let directory = open_directory(&Name::new(&wide(path)), DIRECTORY_QUERY).about(path)?;
    let mut entries: Vec<tasks::Named> = Vec::new();
    for entry in tasks::directory(&directory).about(path)? {
        // In order, by a way that takes little code.
        entries.insert(entries.partition_point(|other| *other < entry), entry);
    }
    for (name, kind) in entries {
        let (name, kind) = (narrow(&name), narrow(&kind));
        let target = match kind.as_str() {
            "SymbolicLink" => target_of(&format!("{}\\{name}", path.trim_end_matches('\\'))).ok(),
            _ => None,
        };
        match target {
            Some(target) => say!(out, "{kind:<14} {name} -> {target}"),
            None => say!(out, "{kind:<14} {name}"),
        }
    }
    Ok(())
}

/// Whether a word is a drive, `X:`.
fn is_drive(word: &str) -> bool {
    matches!(word.as_bytes(), [letter, b':'] if letter.is_ascii_alphabetic())
}

/// `subst`, `subst X: FOLDER [/p]`, `subst X: /d [/p]`. With `/p` it lasts: the session manager makes it at each boot.
pub fn subst(command: &Command, out: &mut Out) -> Done {
    let has = |letter: &str| command.words.iter().any(|word| word.eq_ignore_ascii_case(letter));
    let is_switch = |word: &&String| word.eq_ignore_ascii_case("/p") || word.eq_ignore_ascii_case("/d");
    let words: Vec<&String> = command.words.iter().filter(|word| !is_switch(word)).collect();
    match words[..] {
        [] => show(out),
        [drive] if is_drive(drive) && has("/d") => remove(drive, has("/p")),
        [drive, folder] if is_drive(drive) && !has("/d") => add(drive, folder, has("/p")),
        _ => Err(Failure::usage("subst [X: FOLDER [/p] | X: /d [/p]]")),
    }
}

/// All drives that stand for folders.
fn show(out: &mut Out) -> Done {
    for letter in 'A'..='Z' {
        if let Some(folder) = target_of(&format!("{DOS}{letter}:")).ok().and_then(folder_of) {
            say!(out, "{letter}: => {folder}");
        }
    }
    Ok(())
}

/// The folder that a link stands for, if it is one to a folder.
fn folder_of(target: String) -> Option<String> {
    target.strip_prefix(DOS).map(Into::into)
}

fn add(drive: &str, folder: &str, lasts: bool) -> Done {
    let full = paths::full(folder)?;
    paths::open_folder(&full)?;
    let full = if full.len() > 3 { full.trim_end_matches('\\') } else { &full };
    let target = format!("{DOS}{full}");
    let name = wide(&format!("{DOS}{drive}"));
    let (_, was_there) = match create_link(&Name::new(&name).with(PERMANENT), LINK_ALL, &wide(&target)) {
        Err(NtStatus::OBJECT_NAME_COLLISION) => return Err(Failure::new(format!("{drive} is in use"))),
        other => other.about(drive)?,
    };
    if was_there {
        return Err(Failure::new(format!("{drive} is in use")));
    }
    if lasts { key()?.set_text(&wide(drive), &wide(&target)).about("DOS Devices") } else { Ok(()) }
}

fn remove(drive: &str, lasts: bool) -> Done {
    let path = format!("{DOS}{drive}");
    if target_of(&path).ok().and_then(folder_of).is_none() {
        return Err(Failure::new(format!("{drive} does not stand for a folder")));
    }
    let link = open_link(&Name::new(&wide(&path)), LINK_ALL).about(drive)?;
    make_temporary(&link).about(drive)?;
    if lasts { key()?.delete_value(&wide(drive)).about("DOS Devices") } else { Ok(()) }
}

fn key() -> Result<Key, Failure> {
    Key::create(&Name::new(DOS_DEVICES), nt::registry::access::ALL).about("DOS Devices")
}
