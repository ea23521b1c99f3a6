//! `reg query`, `reg add`, `reg delete`.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use nt::registry::{access, value_type};
use rt::objects::Name;
use rt::registry::{Key, Value};
use rt::tasks;
use shellcore::Command;

use crate::failure::{About, Done, Failure};
use crate::out::{Out, say};
use crate::paths::{narrow, wide};

const USAGE: &str =
    "reg query KEY [/v NAME] [/s] | reg add KEY [/v NAME] [/t TYPE] [/d DATA] | reg delete KEY [/v NAME]";
/// Names of types, and their numbers.
const TYPES: [(&str, u32); 7] = [
    ("REG_NONE", value_type::NONE),
    ("REG_SZ", value_type::SZ),
    ("REG_EXPAND_SZ", value_type::EXPAND_SZ),
    ("REG_BINARY", value_type::BINARY),
    ("REG_DWORD", value_type::DWORD),
    ("REG_MULTI_SZ", value_type::MULTI_SZ),
    ("REG_QWORD", value_type::QWORD),
];
/// What the roots are called in the object namespace.
const ROOTS: [(&str, &str); 4] = [
    ("HKLM", r"\Registry\Machine"),
    ("HKEY_LOCAL_MACHINE", r"\Registry\Machine"),
    ("HKU", r"\Registry\User"),
    ("HKEY_USERS", r"\Registry\User"),
];

/// What stands on the command line.
#[derive(Default)]
struct Options {
    value: Option<String>,
    kind: Option<String>,
    data: String,
    all_below: bool,
}

impl Options {
    fn parse(words: &[String]) -> Result<Self, Failure> {
        let mut options = Self::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut next = || words.next().cloned().ok_or_else(|| Failure::usage(USAGE));
            match word.to_ascii_lowercase().as_str() {
                "/v" => options.value = Some(next()?),
                "/ve" => options.value = Some(String::new()),
                "/t" => options.kind = Some(next()?),
                "/d" => options.data = next()?,
                "/s" => options.all_below = true,
                "/f" => {}
                _ => return Err(Failure::usage(USAGE)),
            }
        }
        Ok(options)
    }
}

/// `reg …`.
pub fn reg(command: &Command, out: &mut Out) -> Done {
    let [action, key, rest @ ..] = &command.words[..] else {
        return Err(Failure::usage(USAGE));
    };
    let options = Options::parse(rest)?;
    let path = path_of(key);
    match action.to_ascii_lowercase().as_str() {
        "query" => query(&path, key, &options, out),
        "add" => add(&path, key, &options),
        "delete" => delete(&path, key, &options),
        _ => Err(Failure::usage(USAGE)),
    }
}

/// The key's path in the object namespace.
fn path_of(key: &str) -> String {
    let (root, rest) = key.split_at(key.find('\\').unwrap_or(key.len()));
    match ROOTS.iter().find(|(name, _)| name.eq_ignore_ascii_case(root)) {
        Some((_, path)) => format!("{path}{rest}"),
        None => key.into(),
    }
}

fn query(path: &str, shown: &str, options: &Options, out: &mut Out) -> Done {
    let key = Key::open(&wide(path)).about(shown)?;
    if let Some(name) = &options.value {
        let value = key.value(&wide(name)).about(name)?;
        say!(out, "{shown}");
        show(name, &value, out);
        return Ok(());
    }
    say!(out, "{shown}");
    for named in key.values().about(shown)? {
        show(&narrow(&named.name), &named.value, out);
    }
    for name in tasks::subkeys(&key).about(shown)? {
        let name = narrow(&name);
        let shown = format!("{shown}\\{name}");
        match options.all_below {
            true => query(&format!("{path}\\{name}"), &shown, options, out)?,
            false => say!(out, "{shown}"),
        }
    }
    Ok(())
}

fn show(name: &str, value: &Value, out: &mut Out) {
    let name = if name.is_empty() { "(Default)" } else { name };
    let kind = match TYPES.iter().find(|(_, kind)| *kind == value.kind) {
        Some((kind, _)) => (*kind).into(),
        None => format!("{:#x}", value.kind),
    };
    say!(out, "    {name}    {kind}    {}", text_of(value));
}

fn text_of(value: &Value) -> String {
    match (value.kind, &value.data[..]) {
        (value_type::SZ | value_type::EXPAND_SZ, _) => narrow(&value.text()),
        (value_type::MULTI_SZ, _) => {
            let units = value.units();
            let texts = units.split(|&unit| unit == 0).filter(|text| !text.is_empty()).map(narrow);
            texts.collect::<Vec<_>>().join("\\0")
        }
        (value_type::DWORD, &[a, b, c, d]) => format!("{:#x}", u32::from_le_bytes([a, b, c, d])),
        (_, bytes) => bytes.iter().map(|byte| format!("{byte:02X}")).collect(),
    }
}

fn number(text: &str) -> Result<u64, Failure> {
    let parsed = match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    parsed.map_err(|_| Failure::new(format!("{text} is not a number")))
}

fn bytes_of(units: Vec<u16>) -> Vec<u8> {
    units.into_iter().flat_map(u16::to_le_bytes).collect()
}

fn add(path: &str, shown: &str, options: &Options) -> Done {
    // Those above it first, as far as they can be made; the last one says what is wrong.
    for (at, _) in path.match_indices('\\').skip(1) {
        let _ = Key::create(&Name::new(&wide(path.get(..at).unwrap_or_default())), access::ALL);
    }
    let key = Key::create(&Name::new(&wide(path)), access::ALL).about(shown)?;
    let Some(name) = &options.value else { return Ok(()) };
    let wanted = options.kind.as_deref().unwrap_or("REG_SZ");
    let known = TYPES.iter().find(|(kind, _)| kind.eq_ignore_ascii_case(wanted));
    let &(_, kind) = known.ok_or_else(|| Failure::new(format!("{wanted} is not a type")))?;
    let data = match kind {
        value_type::DWORD => {
            let number = number(&options.data)?;
            let number = u32::try_from(number).map_err(|_| Failure::new("a REG_DWORD has 32 bits"))?;
            number.to_le_bytes().into()
        }
        value_type::QWORD => number(&options.data)?.to_le_bytes().into(),
        value_type::MULTI_SZ => {
            let mut units: Vec<u16> = Vec::new();
            for text in options.data.split("\\0").filter(|text| !text.is_empty()) {
                units.extend(wide(text));
                units.push(0);
            }
            units.push(0);
            bytes_of(units)
        }
        value_type::SZ | value_type::EXPAND_SZ => {
            bytes_of(wide(&options.data).into_iter().chain([0]).collect())
        }
        _ => hexadecimal(&options.data)?,
    };
    key.set(&wide(name), kind, &data).about(name)
}

fn hexadecimal(text: &str) -> Result<Vec<u8>, Failure> {
    let digit = |pair: &[u8]| u8::from_str_radix(core::str::from_utf8(pair).ok()?, 16).ok();
    let bytes: Option<Vec<u8>> = text.as_bytes().chunks(2).map(digit).collect();
    bytes.ok_or_else(|| Failure::new("binary data is pairs of hexadecimal digits"))
}

fn delete(path: &str, shown: &str, options: &Options) -> Done {
    let key = Key::open_for(&Name::new(&wide(path)), access::ALL).about(shown)?;
    match &options.value {
        Some(name) => key.delete_value(&wide(name)).about(name),
        None => delete_tree(path, &key, shown),
    }
}

/// A key goes when its subkeys have gone.
fn delete_tree(path: &str, key: &Key, shown: &str) -> Done {
    for name in tasks::subkeys(key).about(shown)? {
        let (path, shown) = (format!("{path}\\{}", narrow(&name)), format!("{shown}\\{}", narrow(&name)));
        let below = Key::open_for(&Name::new(&wide(&path)), access::ALL).about(&shown)?;
        delete_tree(&path, &below, &shown)?;
    }
    tasks::delete_key(key).about(shown)
}
