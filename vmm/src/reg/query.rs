//! Keys and values, to be shown.

use std::fmt::Write as _;

use regf::{Fault, Hive, HiveError, Key, MAX_DEPTH, RegType, Text, Value};
use serde::Serialize;

/// The version of the JSON.
const SCHEMA: u32 = 1;

/// What was found.
#[derive(Debug, Serialize)]
pub struct Listing {
    schema: u32,
    hive: String,
    keys: Vec<KeyShown>,
}

/// A key.
#[derive(Debug, Serialize)]
struct KeyShown {
    path: String,
    class: Option<String>,
    /// 100 ns units since the start of 1601, UTC.
    last_written: u64,
    subkeys: Vec<String>,
    values: Vec<ValueShown>,
}

/// A value.
#[derive(Debug, Serialize)]
struct ValueShown {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    type_number: u32,
    data: Option<Data>,
    /// All of its bytes, in hexadecimal.
    bytes: String,
}

/// Data that is what its type says.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Data {
    Number(u64),
    String(String),
    Strings(Vec<String>),
}

/// What is to be shown of a key.
#[derive(Clone, Copy, Debug)]
pub enum Scope<'a> {
    /// One of its values.
    Value(&'a str),
    /// The key, with the names of its subkeys.
    Key,
    /// The key and all below it.
    Tree,
}

impl Listing {
    /// Collects what is at a key. `None` if there is no such value.
    ///
    /// # Errors
    /// The hive is damaged; also if keys do not form a tree.
    pub fn collect(
        file: String,
        hive: Hive<'_>,
        size: usize,
        (key, path): (Key<'_>, String),
        scope: Scope<'_>,
    ) -> Result<Option<Self>, HiveError> {
        let mut budget = Budget { keys: size / 80, bytes: size, paths: 64 * size };
        let mut keys = Vec::new();
        if let Scope::Value(name) = scope {
            let Some(value) = key.value(name)? else { return Ok(None) };
            keys.push(shown(&key, path, vec![], vec![value_shown(&key, &value, &mut budget)?])?);
            return Ok(Some(Self { schema: SCHEMA, hive: file, keys }));
        }
        // On the way down: keys that are still to be shown, with their depth.
        let mut left = vec![(key.id(), path, 0)];
        while let Some((id, path, depth)) = left.pop() {
            let key = hive.key(id)?;
            let faulty = |fault| HiveError { fault, offset: id.0.saturating_add(4096) };
            budget.keys = budget.keys.checked_sub(1).ok_or(faulty(Fault::Consistency))?;
            if depth > MAX_DEPTH {
                return Err(faulty(Fault::Depth));
            }
            let (mut names, mut below) = (Vec::new(), Vec::new());
            for child in key.subkeys()? {
                let child = child?;
                let name = child.name().to_string();
                if names.len() >= size / 80 {
                    return Err(faulty(Fault::SubkeyList));
                }
                if matches!(scope, Scope::Tree) {
                    let path = format!(r"{path}\{name}");
                    budget.paths = budget.paths.checked_sub(path.len()).ok_or(faulty(Fault::Depth))?;
                    below.push((child.id(), path, depth + 1));
                }
                names.push(name);
            }
            left.extend(below.into_iter().rev());
            // Keys that wait are in the hive as well.
            if left.len() > budget.keys {
                return Err(faulty(Fault::Consistency));
            }
            let mut values = Vec::new();
            for value in key.values()? {
                values.push(value_shown(&key, &value?, &mut budget)?);
            }
            keys.push(shown(&key, path, names, values)?);
        }
        Ok(Some(Self { schema: SCHEMA, hive: file, keys }))
    }

    /// As lines of text: a key, its values, and, unless they follow themselves, the subkeys.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (index, key) in self.keys.iter().enumerate() {
            if index != 0 {
                text.push('\n');
            }
            let path = plain(&key.path);
            let _ = writeln!(text, "{path}");
            for value in &key.values {
                let name = if value.name.is_empty() { "(Default)".into() } else { plain(&value.name) };
                let _ = writeln!(text, "    {name}    {}    {}", value.kind, value.line());
            }
            if let [only] = &self.keys[..]
                && !only.subkeys.is_empty()
            {
                text.push('\n');
                for name in &only.subkeys {
                    let _ = writeln!(text, "{path}\\{}", plain(name));
                }
            }
        }
        text
    }
}

impl ValueShown {
    fn line(&self) -> String {
        match &self.data {
            Some(Data::Number(number)) => format!("{number:#x}"),
            Some(Data::String(string)) => plain(string),
            Some(Data::Strings(strings)) => {
                strings.iter().map(|string| plain(string)).collect::<Vec<_>>().join(r"\0")
            }
            None => self.bytes.clone(),
        }
    }
}

/// What a hive may still hold, if nothing in it is there twice.
struct Budget {
    keys: usize,
    bytes: usize,
    /// Long names nested deep make paths that together are far larger than the hive.
    paths: usize,
}

fn shown(
    key: &Key<'_>,
    path: String,
    subkeys: Vec<String>,
    values: Vec<ValueShown>,
) -> Result<KeyShown, HiveError> {
    let class = key.class()?.map(|class| class.to_string());
    Ok(KeyShown { path, class, last_written: key.last_written().0, subkeys, values })
}

fn value_shown(key: &Key<'_>, value: &Value<'_>, budget: &mut Budget) -> Result<ValueShown, HiveError> {
    let size = value.name().len() + value.len() + 20;
    let fault = HiveError { fault: Fault::Consistency, offset: key.id().0.saturating_add(4096) };
    budget.bytes = budget.bytes.checked_sub(size).ok_or(fault)?;
    let kind = value.kind();
    let bytes = value.data()?.to_vec()?;
    let name = value.name().to_string();
    let mut hex = String::new();
    for byte in &bytes {
        let _ = write!(hex, "{byte:02X}");
    }
    Ok(ValueShown { name, kind: kind.to_string(), type_number: kind.0, data: data(kind, &bytes), bytes: hex })
}

fn data(kind: RegType, bytes: &[u8]) -> Option<Data> {
    let string = || Text::utf16(bytes).to_string();
    match kind {
        RegType::DWORD => Some(Data::Number(u32::from_le_bytes(bytes.try_into().ok()?).into())),
        RegType::DWORD_BIG_ENDIAN => Some(Data::Number(u32::from_be_bytes(bytes.try_into().ok()?).into())),
        RegType::QWORD => Some(Data::Number(u64::from_le_bytes(bytes.try_into().ok()?))),
        RegType::SZ | RegType::EXPAND_SZ | RegType::LINK => {
            let string = string();
            Some(Data::String(string.strip_suffix('\0').unwrap_or(&string).into()))
        }
        RegType::MULTI_SZ => {
            let string = string();
            let strings =
                string.trim_end_matches('\0').split('\0').filter(|_| string.contains(|c| c != '\0'));
            Some(Data::Strings(strings.map(str::to_owned).collect()))
        }
        _ => None,
    }
}

/// Text that stays in its line and leaves the terminal alone.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_control() { plain.extend(letter.escape_default()) } else { plain.push(letter) }
    }
    plain
}
