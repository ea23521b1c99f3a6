//! `smvm reg`: the keys of a hive file.

use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use regf::reg::{Encoding, export};
use regf::{Hive, Key, RegType};

use super::result::print;
use crate::error::Error;
use crate::outcome::ExitCode;
use crate::reg::change::{Change, import};
use crate::reg::query::{Listing, Scope};
use crate::reg::{HiveFile, Place, data, find, replace};

/// Query, change, import and export the keys of a hive file.
///
/// KEY is a path in the hive, or a full one such as HKLM\SYSTEM\Select. CurrentControlSet leads to the control set that
/// the hive names. A dirty hive is recovered from the log beside it (HIVE.LOG1, HIVE.LOG2).
#[derive(Debug, Args)]
pub struct RegCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List a key: its values and its subkeys.
    Query(Query),
    /// Make or delete a key, set or delete a value.
    Set(Set),
    /// Merge .reg texts of both versions into a hive: all of them, or none.
    Import(Import),
    /// Write a key with all below it as .reg text of version 5.00.
    Export(Export),
}

/// The hive, and where it is mounted.
#[derive(Debug, Args)]
struct Mounted {
    /// The hive file.
    hive: PathBuf,
    /// Where the hive is mounted, such as HKLM\SYSTEM [default: by the file's name].
    #[arg(long, value_name = "PATH")]
    root: Option<String>,
}

#[derive(Debug, Args)]
struct Query {
    #[command(flatten)]
    mounted: Mounted,
    /// The key [default: the hive's root].
    #[arg(default_value = "", hide_default_value = true)]
    key: String,
    /// Only the value of this name; "" is the default value.
    #[arg(long, value_name = "NAME", conflicts_with = "recursive", allow_hyphen_values = true)]
    value: Option<String>,
    /// Everything below the key as well.
    #[arg(long)]
    recursive: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Set {
    #[command(flatten)]
    mounted: Mounted,
    /// The key; made if it is not there.
    key: String,
    /// The value; "" is the default value. Without it, the key itself is made or deleted.
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    value: Option<String>,
    /// The type of the data.
    #[arg(long = "type", value_name = "TYPE", value_enum, ignore_case = true, requires = "value")]
    kind: Option<Kind>,
    /// The data: text, a number (decimal or 0x…), or hexadecimal bytes. Repeat it for REG_MULTI_SZ.
    #[arg(long, value_name = "DATA", allow_hyphen_values = true, requires = "kind")]
    data: Vec<String>,
    /// Delete the value or, without --value, the key with all below it.
    #[arg(long, conflicts_with_all = ["kind", "data"])]
    delete: bool,
}

#[derive(Debug, Args)]
struct Import {
    #[command(flatten)]
    mounted: Mounted,
    /// .reg texts, merged in order; - is standard input.
    #[arg(required = true, value_name = "FILE.reg")]
    files: Vec<PathBuf>,
    /// Make the hive if there is none.
    #[arg(long)]
    create: bool,
}

#[derive(Debug, Args)]
struct Export {
    #[command(flatten)]
    mounted: Mounted,
    /// The key [default: the hive's root].
    #[arg(default_value = "", hide_default_value = true)]
    key: String,
    /// Where to write the text.
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    /// Write UTF-8, for people, instead of the UTF-16 that Windows' registry editor takes.
    #[arg(long)]
    utf8: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
#[expect(clippy::enum_variant_names, reason = "their names are those of the types")]
enum Kind {
    #[value(name = "REG_SZ")]
    RegSz,
    #[value(name = "REG_EXPAND_SZ")]
    RegExpandSz,
    #[value(name = "REG_MULTI_SZ")]
    RegMultiSz,
    #[value(name = "REG_DWORD")]
    RegDword,
    #[value(name = "REG_QWORD")]
    RegQword,
    #[value(name = "REG_BINARY")]
    RegBinary,
}

impl From<Kind> for RegType {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::RegSz => Self::SZ,
            Kind::RegExpandSz => Self::EXPAND_SZ,
            Kind::RegMultiSz => Self::MULTI_SZ,
            Kind::RegDword => Self::DWORD,
            Kind::RegQword => Self::QWORD,
            Kind::RegBinary => Self::BINARY,
        }
    }
}

impl RegCommand {
    /// Does it.
    pub(super) fn execute(self) -> Result<ExitCode, Error> {
        match self.action {
            Action::Query(query) => query.execute(),
            Action::Set(set) => set.execute(),
            Action::Import(import) => import.execute(),
            Action::Export(export) => export.execute(),
        }?;
        Ok(ExitCode::Success)
    }
}

impl Mounted {
    fn open(&self, open: impl FnOnce(&Path) -> Result<HiveFile, Error>) -> Result<(HiveFile, Place), Error> {
        let file = open(&self.hive)?;
        if file.is_recovered() {
            tell(&format!("{}: was dirty; recovered from its log", self.hive.display()));
        }
        let place = Place::new(self.root.as_deref(), &file, file.hive()?);
        Ok((file, place))
    }

    fn error(&self, why: impl std::fmt::Display) -> Error {
        Error::Usage(format!("{}: {why}", self.hive.display()))
    }

    fn resolve(&self, place: &Place, key: &str) -> Result<String, Error> {
        let elsewhere = || self.error(format_args!("{key} is not at or below {}: see --root", place.root()));
        place.resolve(key).ok_or_else(elsewhere)
    }

    /// The key that is asked for, and its full path.
    fn find<'a>(&self, place: &Place, hive: Hive<'a>, key: &str) -> Result<(Key<'a>, String), Error> {
        let path = self.resolve(place, key)?;
        let found = find(hive, &path).map_err(|error| self.error(error))?;
        let (key, spelled) = found.ok_or_else(|| self.error(format_args!("{path}: no such key")))?;
        let full =
            if spelled.is_empty() { place.root().into() } else { format!(r"{}\{spelled}", place.root()) };
        Ok((key, full))
    }
}

impl Query {
    fn execute(self) -> Result<(), Error> {
        let (file, place) = self.mounted.open(HiveFile::open)?;
        let hive = file.hive()?;
        let found = self.mounted.find(&place, hive, &self.key)?;
        let scope = match (&self.value, self.recursive) {
            (Some(name), _) => Scope::Value(name),
            (None, true) => Scope::Tree,
            (None, false) => Scope::Key,
        };
        let name = self.mounted.hive.display().to_string();
        let path = found.1.clone();
        let listing = Listing::collect(name, hive, file.bytes().len(), found, scope)
            .map_err(|error| self.mounted.error(error))?
            .ok_or_else(|| {
                let name = self.value.as_deref().unwrap_or_default();
                self.mounted.error(format_args!("{path}: no value {name:?}"))
            })?;
        if !self.json {
            return print(listing.text().as_bytes());
        }
        let mut text =
            serde_json::to_vec(&listing).map_err(|_| Error::Internal("a listing that JSON cannot hold"))?;
        text.push(b'\n');
        print(&text)
    }
}

impl Set {
    fn execute(self) -> Result<(), Error> {
        let change = match (self.value, self.kind, self.delete) {
            (None, _, true) => Change::DeleteKey,
            (None, _, false) => Change::MakeKey,
            (Some(name), _, true) => Change::DeleteValue(name),
            (Some(name), Some(kind), false) => {
                let kind = RegType::from(kind);
                let bytes =
                    data::parse(kind, &self.data).map_err(|why| Error::Usage(format!("--data: {why}")))?;
                Change::SetValue(name, kind, bytes)
            }
            (Some(_), None, false) => {
                return Err(Error::Usage("--value needs --type and --data, or --delete".into()));
            }
        };
        let (file, place) = self.mounted.open(HiveFile::open_to_edit)?;
        let key = self.mounted.resolve(&place, &self.key)?;
        change.make(file, &key)
    }
}

impl Import {
    fn execute(self) -> Result<(), Error> {
        let hive = &self.mounted.hive;
        let file = match self.create {
            true => HiveFile::open_or_create(hive)?,
            false if std::fs::metadata(hive).is_err_and(|error| error.kind() == ErrorKind::NotFound) => {
                return Err(self.mounted.error("no such file; --create makes it"));
            }
            false => HiveFile::open_to_edit(hive)?,
        };
        if file.is_recovered() {
            tell(&format!("{}: was dirty; recovered from its log", hive.display()));
        }
        let all = import(file, self.mounted.root.as_deref(), &self.files)?;
        for (path, applied) in self.files.iter().zip(all) {
            if applied.elsewhere != 0 {
                let count = applied.elsewhere;
                tell(&format!("{}: {count} keys are not in this hive and were left out", path.display()));
            }
        }
        Ok(())
    }
}

impl Export {
    fn execute(self) -> Result<(), Error> {
        let (file, place) = self.mounted.open(HiveFile::open)?;
        let (key, path) = self.mounted.find(&place, file.hive()?, &self.key)?;
        let encoding = if self.utf8 { Encoding::Utf8 } else { Encoding::Utf16 };
        let text = export(key, &path, encoding).map_err(|error| self.mounted.error(error))?;
        match self.output == Path::new("-") {
            true => print(&text),
            false => replace(&self.output, &text),
        }
    }
}

fn tell(what: &str) {
    // There is nowhere to tell that standard error is closed.
    let _ = writeln!(std::io::stderr(), "smvm: {what}");
}
