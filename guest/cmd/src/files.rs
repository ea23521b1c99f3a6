//! `type`, `copy`, `del`, `ren`.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use nt::NtStatus;
use nt::file::{access, disposition, option};
use rt::handle::Owned;
use rt::{file, transfer};
use shellcore::Command;

use crate::failure::{About, Done, Failure};
use crate::out::{Out, say};
use crate::paths;

const FILE: u32 = option::NON_DIRECTORY_FILE;
/// Bytes copied at once.
const BLOCK: usize = 16 << 10;

fn open_to_read(path: &str) -> Result<Owned, Failure> {
    paths::open(path, access::READ_DATA, disposition::OPEN, FILE)
}

/// Hands a file to `take` block by block.
fn each_block(path: &str, mut take: impl FnMut(&[u8]) -> Done) -> Done {
    let source = open_to_read(path)?;
    let mut block = vec![0; BLOCK];
    loop {
        match transfer::read(&source, &mut block, None) {
            Ok(0) | Err(NtStatus::END_OF_FILE) => return Ok(()),
            Ok(count) => take(block.get(..count).unwrap_or_default())?,
            Err(status) => return Err(status).about(path),
        }
    }
}

/// `type FILE…`; without one, what `<` says.
pub fn show(command: &Command, out: &mut Out) -> Done {
    let mut any = false;
    for path in command.words.iter().chain(&command.input) {
        for path in paths::files(path)? {
            any = true;
            each_block(&path, |block| {
                out.bytes(block);
                Ok(())
            })?;
        }
    }
    if any { Ok(()) } else { Err(Failure::usage("type FILE...")) }
}

/// `copy FROM [TO]`: to a file, into a folder, or to a device.
pub fn copy(command: &Command, out: &mut Out) -> Done {
    let words: Vec<&str> =
        command.words.iter().map(String::as_str).filter(|word| !word.starts_with('/')).collect();
    let (from, to) = match words[..] {
        [from] => (from, "."),
        [from, to] => (from, to),
        _ => return Err(Failure::usage("copy FROM [TO]")),
    };
    let into_folder = paths::is_folder(to);
    let mut count = 0;
    for path in paths::files(from)? {
        let target = if into_folder { paths::join(to, paths::split(&path).1) } else { to.into() };
        if paths::full(&path)?.eq_ignore_ascii_case(&paths::full(&target)?) {
            return Err(Failure::new(format!("{path}: a file cannot be copied onto itself")));
        }
        // Opened first: what cannot be read shall not empty what is there.
        drop(open_to_read(&path)?);
        let file = paths::open(&target, access::WRITE_DATA, disposition::OVERWRITE_IF, FILE)?;
        each_block(&path, |mut block| {
            while !block.is_empty() {
                let written = transfer::write(&file, block, None).about(&target)?;
                if written == 0 {
                    return Err(NtStatus::DISK_FULL).about(&target);
                }
                block = block.get(written..).unwrap_or_default();
            }
            Ok(())
        })?;
        count += 1;
    }
    say!(out, "{count} file(s) copied");
    Ok(())
}

/// `del FILE…`.
pub fn delete(command: &Command) -> Done {
    let mut any = false;
    for word in command.words.iter().filter(|word| !word.starts_with('/')) {
        for path in paths::files(word)? {
            any = true;
            file::delete(&paths::open(&path, access::DELETE, disposition::OPEN, FILE)?).about(&path)?;
        }
    }
    if any { Ok(()) } else { Err(Failure::usage("del FILE...")) }
}

/// `ren OLD NEW`: the new name is one in the same folder.
pub fn rename(command: &Command) -> Done {
    let [old, new] = &command.words[..] else {
        return Err(Failure::usage("ren OLD NEW"));
    };
    if new.contains(['\\', '/', ':']) {
        return Err(Failure::new("the new name is one without a folder"));
    }
    let target = paths::nt(&paths::join(paths::split(old).0, new))?;
    let opened = paths::open(old, access::DELETE, disposition::OPEN, 0)?;
    file::rename(&opened, &target, false).about(new)
}
