//! What calls of the registry cost: in instructions where the time stamp counter counts them.

use nt::registry::key_value_class;
use nt::types::Handle;

use super::SESSION_MANAGER;
use crate::asm;
use crate::reg::{self, Wide};

fn number(mut number: u64) {
    let mut text = [b' '; 12];
    for digit in text.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    rt::display(str::from_utf8(&text).unwrap_or(""));
}

/// Twice the same, as what has been done once is often cheaper.
fn cost<R>(name: &str, mut call: impl FnMut() -> R) {
    rt::display(name);
    for _ in 0..2 {
        let before = asm::time_stamp();
        let _ = core::hint::black_box(call());
        number(asm::time_stamp() - before);
    }
    rt::display("\n");
}

/// Prints what calls cost: the first and the second time.
pub fn print() {
    let mut buffer = [0; 256];
    let (names, values) = (Wide::new(SESSION_MANAGER), Wide::new("ProtectionMode"));
    cost("nothing", || ());
    cost("NtClose of nothing", || rt::close(Handle(0x4440)));
    let mut keys = [Handle::NULL; 2];
    let mut next = keys.iter_mut();
    cost("open the session manager's key", || {
        if let Some(key) = next.next() {
            *key = reg::open_wide(Handle::NULL, &names, reg::CASE_INSENSITIVE).unwrap_or(Handle::NULL);
        }
    });
    let [key, other] = keys;
    cost("query a value", || reg::query_wide(key, &values, key_value_class::PARTIAL, &mut buffer));
    cost("enumerate a value", || reg::enumerate_value(key, 3, key_value_class::FULL, &mut buffer));
    cost("query no value", || reg::query_value(key, "none", key_value_class::PARTIAL, &mut buffer));
    let environment = Wide::new("Environment");
    cost("open a subkey", || {
        reg::open_wide(key, &environment, reg::CASE_INSENSITIVE)
            .map(rt::close)
            .unwrap_or(nt::NtStatus::SUCCESS);
    });
    cost("create a subkey", || reg::create(key, "New", "", 0).map(|(key, _)| rt::close(key)));
    cost("set a value", || reg::set_value(key, "New", 1, &[1; 40]));
    cost("change a value", || reg::set_value(key, "New", 1, &[2; 40]));
    cost("delete a value", || reg::delete_value(key, "New"));
    if let Ok(new) = reg::open(key, "New") {
        cost("delete a key", || reg::delete_key(new));
    }
    rt::close(key);
    rt::close(other);
}
