//! Where in the registry a hive is.

use regf::reg::Mapping;
use regf::{Hive, HiveError, Key, Text};

use super::HiveFile;

/// Hives by the names of their files, without what follows a dot, and where Windows mounts them.
const KNOWN: [(&str, &str); 10] = [
    ("SYSTEM", r"HKEY_LOCAL_MACHINE\SYSTEM"),
    ("SOFTWARE", r"HKEY_LOCAL_MACHINE\SOFTWARE"),
    ("SAM", r"HKEY_LOCAL_MACHINE\SAM"),
    ("SECURITY", r"HKEY_LOCAL_MACHINE\SECURITY"),
    ("COMPONENTS", r"HKEY_LOCAL_MACHINE\COMPONENTS"),
    ("DRIVERS", r"HKEY_LOCAL_MACHINE\DRIVERS"),
    ("BCD", r"HKEY_LOCAL_MACHINE\BCD00000000"),
    ("DEFAULT", r"HKEY_USERS\.DEFAULT"),
    ("NTUSER", "HKEY_CURRENT_USER"),
    ("USRCLASS", r"HKEY_CURRENT_USER\Software\Classes"),
];

/// What the first name of a full path may be.
const ROOTS: [(&str, &str); 6] = [
    ("HKLM", "HKEY_LOCAL_MACHINE"),
    ("HKCU", "HKEY_CURRENT_USER"),
    ("HKCR", "HKEY_CLASSES_ROOT"),
    ("HKU", "HKEY_USERS"),
    ("HKCC", "HKEY_CURRENT_CONFIG"),
    ("HKEY_PERFORMANCE_DATA", "HKEY_PERFORMANCE_DATA"),
];

/// What stands for the control set that the system runs with.
pub const CURRENT: &str = "CurrentControlSet";

/// Where a hive is mounted, and with that, which paths lead into it.
#[derive(Clone, Debug)]
pub struct Place {
    root: String,
    mapping: Mapping,
}

impl Place {
    /// The place that is given, or the one that follows from the name of the file, or from the name in the hive.
    /// What is unknown is taken to be mounted under its own name in `HKEY_LOCAL_MACHINE`.
    pub fn new(given: Option<&str>, file: &HiveFile, hive: Hive<'_>) -> Self {
        let root = match given.map(|given| given.trim_matches('\\')).filter(|given| !given.is_empty()) {
            Some(given) => in_full(given),
            None => guess(file),
        };
        let mapping = mapping_at(&root, hive);
        Self { root, mapping }
    }

    /// The path of the hive's root key.
    pub fn root(&self) -> &str {
        &self.root
    }

    /// Which paths lead into the hive as it is now: its control set may have been changed.
    pub fn mapping_of(&self, hive: Hive<'_>) -> Mapping {
        mapping_at(&self.root, hive)
    }

    /// Where in the hive a key is that is given by its full path, or its path in the hive. `None`: not in this hive.
    pub fn resolve(&self, key: &str) -> Option<String> {
        let key = key.trim_matches('\\');
        let full = match (key.is_empty(), is_full(key)) {
            (true, _) => self.root.clone(),
            (_, true) => key.to_owned(),
            _ => format!(r"{}\{key}", self.root),
        };
        let units: Vec<u16> = full.encode_utf16().collect();
        Some(String::from_utf16_lossy(&self.mapping.resolve(&units)?))
    }
}

/// The key at a path from the root, and the path as the hive spells it.
///
/// # Errors
/// The hive is damaged.
pub fn find<'a>(hive: Hive<'a>, path: &str) -> Result<Option<(Key<'a>, String)>, HiveError> {
    let (mut key, mut spelled) = (hive.root()?, String::new());
    for name in path.split('\\').filter(|_| !path.is_empty()) {
        let Some(next) = key.subkey(name)? else { return Ok(None) };
        key = next;
        if !spelled.is_empty() {
            spelled.push('\\');
        }
        spelled += &key.name().to_string();
    }
    Ok(Some((key, spelled)))
}

/// Which paths lead into a hive that is mounted at `root`. [`CURRENT`] leads to the control set that it names.
pub fn mapping_at(root: &str, hive: Hive<'_>) -> Mapping {
    let mapping = Mapping::mount(root);
    match control_set(hive, root) {
        Some(set) => mapping.with(&format!(r"{root}\{CURRENT}"), &format!("ControlSet{set:03}")),
        None => mapping,
    }
}

/// A path with the first name in full.
fn in_full(path: &str) -> String {
    let (first, rest) = path.split_once('\\').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let known = ROOTS
        .iter()
        .find(|(short, long)| first.eq_ignore_ascii_case(short) || first.eq_ignore_ascii_case(long));
    let first = known.map_or(first, |(_, long)| long);
    rest.map_or_else(|| first.to_owned(), |rest| format!(r"{first}\{rest}"))
}

fn is_full(path: &str) -> bool {
    let first = path.split('\\').next().unwrap_or_default();
    ROOTS.iter().any(|(short, long)| first.eq_ignore_ascii_case(short) || first.eq_ignore_ascii_case(long))
}

fn guess(file: &HiveFile) -> String {
    let name = file.path().file_name().unwrap_or_default().to_string_lossy();
    let known = |name: &str| {
        let stem = stem(name);
        KNOWN.iter().find(|(known, _)| stem.eq_ignore_ascii_case(known)).map(|(_, root)| (*root).to_owned())
    };
    known(&name).or_else(|| known(&name_in(file.bytes()))).unwrap_or_else(|| {
        let own = stem(&name).to_uppercase();
        let is_odd = own.is_empty() || own.contains(|letter: char| letter.is_control() || letter == '\\');
        format!(r"HKEY_LOCAL_MACHINE\{}", if is_odd { "HIVE" } else { &own })
    })
}

fn stem(name: &str) -> &str {
    name.split('.').next().unwrap_or_default()
}

/// The end of the path that is in the base block ("Base block", "File name").
fn name_in(bytes: &[u8]) -> String {
    let field = Text::utf16(bytes.get(48..112).unwrap_or_default()).to_string();
    let path = field.split('\0').next().unwrap_or_default();
    path.rsplit('\\').next().unwrap_or_default().to_owned()
}

/// The control set that `CurrentControlSet` is in a SYSTEM hive. One that is still empty gets number 1.
fn control_set(hive: Hive<'_>, root: &str) -> Option<u32> {
    let key = hive.root().ok()?;
    // Not Windows' way, but then it is what is meant.
    if key.subkey(CURRENT).ok()?.is_some() {
        return None;
    }
    let current = key.subkey("Select").ok()?.and_then(|select| select.value("Current").ok()?);
    match current.and_then(|current| current.data().ok()?.dword()) {
        Some(set) => (1..=999).contains(&set).then_some(set),
        None => root.eq_ignore_ascii_case(r"HKEY_LOCAL_MACHINE\SYSTEM").then_some(1),
    }
}
