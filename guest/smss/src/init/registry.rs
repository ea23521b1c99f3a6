//! Steps 2 and 3: the one pass over the registry (spec/smss.md 1.3). The session manager's key is read with its
//! subkeys at once.

use alloc::sync::Arc;
use alloc::vec::Vec;

use nt::NtStatus;
use nt::registry::{access, value_type};
use rt::objects::Name;
use rt::registry::{Key, NamedValue, Section, Value};

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
    /// The values of that as they have been read.
    pub variables: Vec<NamedValue>,
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
    let mut sections = own.values_below()?;
    forget_safe_boot(&mut sections, environment.as_ref());
    // One-shot values go all the same when a later value fails.
    for row in init.release.values {
        let values = values_at(&own, &mut sections, row.place)?;
        one(init, row, &own, values)?;
    }
    let read = sections.into_iter().find(|section| smgrammar::same(&section.name, ENVIRONMENT));
    let variables = read.and_then(|section| section.values).unwrap_or_default();
    init.keys = Some(Arc::new(Keys { control, own, environment, variables }));
    Ok(())
}

/// What an earlier boot was, this one need not be.
fn forget_safe_boot(sections: &mut [Section], environment: Option<&Key>) {
    let Some(key) = environment else { return };
    let read = sections.iter_mut().find(|section| smgrammar::same(&section.name, ENVIRONMENT));
    if let Some(values) = read.and_then(|section| section.values.as_mut()) {
        let Some(at) = values.iter().position(|value| smgrammar::same(&value.name, SAFE_BOOT_OPTION)) else {
            return;
        };
        values.remove(at);
    }
    let _ = key.delete_value(SAFE_BOOT_OPTION);
}

/// The values of a key. One that is not there has none; one that has not been read yet is opened.
fn values_at<'a>(own: &Key, sections: &'a mut [Section], place: Place) -> Result<&'a [NamedValue], NtStatus> {
    let name = match place {
        Place::Below(name) => name,
        Place::Own => &[],
    };
    let Some(section) = sections.iter_mut().find(|section| smgrammar::same(&section.name, name)) else {
        return Ok(&[]);
    };
    match &mut section.values {
        Some(values) => Ok(values),
        none => Ok(none.insert(own.subkey(name)?.values()?)),
    }
}

/// Hands the values of a row over. `values` are those of its key, if they have been read.
fn one(init: &mut Init, row: &Row, own: &Key, values: &[NamedValue]) -> Result<(), NtStatus> {
    let Some(name) = row.name else {
        return values.iter().try_for_each(|value| deliver(init, row, &value.name, &value.value));
    };
    let Some(found) = values.iter().find(|value| smgrammar::same(&value.name, name)) else {
        return by_default(init, row, name);
    };
    let delivered = deliver(init, row, name, &found.value);
    if row.usage.is_deleted() && row.place == Place::Own {
        // That it cannot be deleted is no failure of the pass.
        let _ = own.delete_value(name);
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
