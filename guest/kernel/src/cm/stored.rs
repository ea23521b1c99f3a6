//! Values as the kernel itself reads them.

use alloc::vec::Vec;

use nt::types::Handle;

use super::hive;
use super::open::find;
use super::tree::registry;
use super::walk::Target;
use crate::ob::Captured;

/// The data of a value, if there are such a key and value.
pub fn read_value(key: &[u16], name: &[u16]) -> Option<Vec<u8>> {
    let captured = Captured::of_name(key.into(), Handle::NULL).ok()?;
    let Target::Key(key) = find(&captured, false).ok()? else { return None };
    let tree = registry();
    let value = tree.live(&key).ok()?.value(name).map_err(hive::status).ok()??;
    value.data().ok()?.to_vec().ok()
}
