//! Steps 2 and 3: the one pass over the registry (spec/smss.md 1.3). Each key is opened once, and of those that are
//! read whole each value is asked for once.

use alloc::sync::Arc;
use alloc::vec::Vec;

use nt::NtStatus;
use nt::registry::{access, value_type};
use rt::objects::Name;
use rt::registry::{Key, NamedValue, Value};

use super::Init;
use super::values::{Default, Place, Row};

/// What the session manager's keys are below.
const CONTROL: &[u16] = nt::wide!(r"\Registry\Machine\System\CurrentControlSet\Control");
const SESSION_MANAGER: &[u16] = nt::wide!("Session Manager");
/// Its subkey of variables.
pub const ENVIRONMENT: &[u16] = nt::wide!("Environment");
const SAFE_BOOT_OPTION: &[u16] = nt::wide!("SAFEBOOT_OPTION");

/// Keys that later steps use again.
#[derive(Debug)]
pub struct Keys {
    /// `Control`.
    pub control: Key,
    /// `Control\Session Manager`.
    pub own: Key,
    /// Its subkey `Environment`, to be written to; none if there is none.
    pub environment: Option<Key>,
}

/// What a key has, of those that are read whole.
struct Read {
    place: Place,
    key: Option<Key>,
    values: Vec<NamedValue>,
}

/// Reads the registry: lists for later, and some effects at once.
///
/// # Errors
/// A key of the session manager cannot be opened or read, or a value fails (spec/smss.md 1.5).
pub fn pass(init: &mut Init) -> Result<(), NtStatus> {
    let control = Key::open_for(&Name::new(CONTROL), access::READ)?;
    init.mini_nt = control.subkey(nt::wide!("MiniNT")).is_ok();
    let name = Name::new(SESSION_MANAGER).below(control.handle());
    let own = Key::open_for(&name, access::READ | access::SET_VALUE)?;
    let name = Name::new(ENVIRONMENT).below(own.handle());
    let environment = Key::open_for(&name, access::READ | access::SET_VALUE).ok();
    let values = own.values()?;
    let mut last: Option<Read> = None;
    // One-shot values go all the same when a later value fails.
    for row in init.release.values {
        match row.place {
            Place::Own => one(init, row, Some(&own), &values)?,
            place => {
                if last.as_ref().is_none_or(|read| read.place != place) {
                    last = Some(read(&own, environment.as_ref(), place)?);
                }
                if let Some(read) = &last {
                    one(init, row, read.key.as_ref(), &read.values)?;
                }
            }
        }
    }
    init.keys = Some(Arc::new(Keys { control, own, environment }));
    Ok(())
}

/// Opens a subkey, and reads its values if all are wanted. A subkey that is not there has none.
fn read(own: &Key, environment: Option<&Key>, place: Place) -> Result<Read, NtStatus> {
    let (name, whole) = match place {
        Place::All(name) => (name, true),
        Place::Part(name) => (name, false),
        Place::Own => (&[][..], false),
    };
    if name == ENVIRONMENT {
        let mut values = environment.map_or(Ok(Vec::new()), Key::values)?;
        // What an earlier boot was, this one need not be.
        if let Some(at) = values.iter().position(|value| smgrammar::same(&value.name, SAFE_BOOT_OPTION)) {
            values.remove(at);
            if let Some(key) = environment {
                let _ = key.delete_value(SAFE_BOOT_OPTION);
            }
        }
        return Ok(Read { place, key: None, values });
    }
    let key = match own.subkey(name) {
        Ok(key) => key,
        Err(NtStatus::OBJECT_NAME_NOT_FOUND) => return Ok(Read { place, key: None, values: Vec::new() }),
        Err(status) => return Err(status),
    };
    let values = if whole { key.values()? } else { Vec::new() };
    Ok(Read { place, key: Some(key), values })
}

/// Hands the values of a row over. `values` are those of its key, if they have been read.
fn one(init: &mut Init, row: &Row, key: Option<&Key>, values: &[NamedValue]) -> Result<(), NtStatus> {
    let Some(name) = row.name else {
        return values.iter().try_for_each(|value| deliver(init, row, &value.name, &value.value));
    };
    let asked;
    let found = match row.place {
        Place::Part(_) => {
            asked = match key.map(|key| key.value(name)) {
                None | Some(Err(NtStatus::OBJECT_NAME_NOT_FOUND)) => None,
                Some(value) => Some(value?),
            };
            asked.as_ref()
        }
        _ => values.iter().find(|value| smgrammar::same(&value.name, name)).map(|value| &value.value),
    };
    let Some(value) = found else { return by_default(init, row, name) };
    let delivered = deliver(init, row, name, value);
    if let Some(key) = key
        && row.usage.is_deleted()
    {
        // That it cannot be deleted is no failure of the pass.
        let _ = key.delete_value(name);
    }
    delivered
}

/// A value that is not there is what the table says.
fn by_default(init: &mut Init, row: &Row, name: &[u16]) -> Result<(), NtStatus> {
    match row.default {
        Default::Skip => Ok(()),
        Default::Number(number) => init.take(row.usage, name, &[], Some(number)),
        Default::Strings(strings) if row.usage.is_whole() => {
            let mut whole = Vec::new();
            for string in strings {
                whole.extend_from_slice(string);
                whole.push(0);
            }
            whole.push(0);
            init.take(row.usage, name, &whole, None)
        }
        Default::Strings(strings) => {
            strings.iter().try_for_each(|string| init.take(row.usage, name, string, None))
        }
    }
}

/// Hands a value over: a list string by string, text with its variables replaced.
fn deliver(init: &mut Init, row: &Row, name: &[u16], value: &Value) -> Result<(), NtStatus> {
    match value.kind {
        _ if row.usage.is_whole() => init.take(row.usage, name, &value.units(), None),
        value_type::MULTI_SZ => {
            smgrammar::strings(&value.units()).try_for_each(|string| init.take(row.usage, name, string, None))
        }
        value_type::EXPAND_SZ => {
            let text = init.environment.expand(&value.text());
            init.take(row.usage, name, &text, None)
        }
        // Whatever else there is, is taken for text; numbers have four bytes.
        _ => {
            let number = value.data.as_slice().try_into().ok().map(u32::from_le_bytes);
            init.take(row.usage, name, &value.text(), number)
        }
    }
}
