//! Why a process could not be started: one line on the boot screen, since there may be no subsystem to show it.
#![expect(unsafe_code, reason = "calls a system service")]

use core::sync::atomic::{AtomicBool, Ordering};

use nt::NtStatus;
use nt::types::UserPtr;
use pe::Symbol;

use super::data::Module;
use super::entries::name_of;
use super::text::Text;
use crate::stubs::NtDisplayString;

/// Whether failures end the process: later ones are the program's own business.
static STARTING: AtomicBool = AtomicBool::new(true);

/// From now on failures are not shown.
pub fn process_started() {
    STARTING.store(false, Ordering::Relaxed);
}

/// A module that another one imports from could not be loaded.
pub fn module(importer: *mut Module, name: &[u16], status: NtStatus) {
    show(importer, status, |text| {
        text.push_ascii(b"cannot load ")?;
        text.push(name.iter().copied())
    });
}

/// A module does not export what another one imports from it.
pub fn symbol(importer: *mut Module, exporter: *mut Module, symbol: &Symbol<'_>, status: NtStatus) {
    show(importer, status, |text| {
        text.push(name_of(exporter).units().iter().copied())?;
        match symbol {
            Symbol::Name { name, .. } => {
                text.push_ascii(b" does not export ")?;
                text.push_ascii(name.get(..name.len().min(100)).unwrap_or(name))
            }
            Symbol::Ordinal(number) => {
                text.push_ascii(b" does not export number ")?;
                let digits = decimal(*number);
                let zeros = digits[..4].iter().take_while(|&&digit| digit == b'0').count();
                text.push_ascii(&digits[zeros..])
            }
        }
    });
}

/// A DLL says that it could not initialise itself.
pub fn initialisation(module: *mut Module) {
    show(module, NtStatus::DLL_INIT_FAILED, |text| text.push_ascii(b"initialisation failed"));
}

fn show(who: *mut Module, status: NtStatus, what: impl FnOnce(&mut Text) -> Result<(), NtStatus>) {
    if !STARTING.load(Ordering::Relaxed) {
        return;
    }
    let mut text = name_of(who);
    // A text that is too long ends where there is no more room.
    let _ = text
        .push_ascii(b": ")
        .and_then(|()| what(&mut text))
        .and_then(|()| text.push_ascii(b" ("))
        .and_then(|()| text.push_ascii(&hexadecimal(status.0)))
        .and_then(|()| text.push_ascii(b")\n"));
    let string = text.string();
    // SAFETY: the string and its text live through the call.
    unsafe { NtDisplayString(UserPtr::new((&raw const string).expose_provenance() as u64)) };
}

fn hexadecimal(value: u32) -> [u8; 8] {
    core::array::from_fn(|place| {
        let digit = (value >> (28 - 4 * place) & 0xF) as u8;
        if digit < 10 { b'0' + digit } else { b'A' + digit - 10 }
    })
}

fn decimal(value: u16) -> [u8; 5] {
    let mut rest = value;
    let mut digits = [0; 5];
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    digits
}
