//! `help`.

use shellcore::Command;

use crate::failure::{Done, Failure};
use crate::out::{Out, say};

/// Every command, how it is used, and what it does.
const COMMANDS: [(&str, &str); 26] = [
    ("cd [FOLDER]", "changes the folder; X: changes the drive"),
    ("cls", "clears the terminal"),
    ("copy FROM [TO]", "copies files; TO may be a folder or a device"),
    ("del FILE...", "deletes files"),
    ("dir [/b] [PATH]", "lists a folder"),
    ("echo TEXT", "says it"),
    ("exit [CODE]", "ends the shell"),
    ("help [COMMAND]", "this list"),
    ("md FOLDER...", "makes folders"),
    ("mem", "memory: there, free, promised"),
    ("objdir [DIRECTORY]", "lists a directory of the object namespace"),
    ("rd FOLDER...", "removes empty folders"),
    ("reg add KEY [/v NAME] [/t TYPE] [/d DATA]", "makes a key, sets a value"),
    ("reg delete KEY [/v NAME]", "deletes a key with all below it, or a value"),
    ("reg query KEY [/v NAME] [/s]", "tells values and subkeys, with /s all below"),
    ("rem TEXT", "does nothing"),
    ("ren OLD NEW", "renames a file or folder"),
    ("set [NAME[=VALUE]]", "tells or sets environment variables"),
    ("shutdown /s | /r", "powers off, or reboots"),
    ("subst [X: FOLDER [/p] | X: /d [/p]]", "drive letters for folders; /p: for good"),
    ("taskkill [/f] ID | NAME ...", "ends processes"),
    ("tasklist", "lists processes"),
    ("type FILE...", "shows files"),
    ("ver", "tells the version"),
    ("PROGRAM [ARGUMENTS]", "runs a program found along Path"),
    ("COMMAND > FILE, >> FILE, < FILE, A & B", "redirects to files and devices; one after the other"),
];

/// `help [COMMAND]`.
pub fn show(command: &Command, out: &mut Out) -> Done {
    let wanted = command.words.first();
    let mut any = false;
    for (usage, what) in COMMANDS {
        let name = usage.split(' ').next().unwrap_or_default();
        if wanted.is_none_or(|wanted| wanted.eq_ignore_ascii_case(name)) {
            any = true;
            say!(out, "{usage:<42} {what}");
        }
    }
    if any { Ok(()) } else { Err(Failure::new("there is no such command")) }
}
