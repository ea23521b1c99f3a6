//! The registry as programs find it.

use nt::NtStatus;
use nt::registry::{access, key_class, key_value_class, value_type};
use nt::types::Handle;

use crate::checks::verdict;
use crate::reg::{self, Result, is_text, u32_at};

const SESSION_MANAGER: &str = r"\Registry\Machine\System\CurrentControlSet\Control\Session Manager";
const PARTIAL: u32 = key_value_class::PARTIAL;

fn check<T>(name: &str, result: Result<T>, expected: Result<()>) -> Option<T> {
    let passed = match (&result, &expected) {
        (Ok(_), Ok(())) => true,
        (Err(status), Err(other)) => status == other,
        _ => false,
    };
    verdict(name, passed, result.as_ref().err().and_then(|status| status.name()).unwrap_or("it worked"));
    result.ok()
}

/// What the hive SYSTEM says, by every service that reads.
pub fn reads() {
    let root = Handle::NULL;
    let Some(key) = check("open", reg::open(root, SESSION_MANAGER), Ok(())) else { return };
    let mut buffer = [0; 512];
    let (status, len) = reg::query_value(key, "ProtectionMode", PARTIAL, &mut buffer);
    let good = status == NtStatus::SUCCESS && len == 16 && u32_at(&buffer, 4) == value_type::DWORD;
    verdict("value-dword", good && u32_at(&buffer, 12) == 1, "not DWORD 1");
    let (status, _) = reg::query_value(key, "no such value", PARTIAL, &mut buffer);
    verdict("value-missing", status == NtStatus::OBJECT_NAME_NOT_FOUND, "found");
    let (status, _) = reg::enumerate_value(key, 0, key_value_class::BASIC, &mut buffer);
    verdict("enumerate-value", status == NtStatus::SUCCESS, "none");
    let (status, len) = reg::query_key(key, key_class::NAME, &mut buffer);
    let name = &buffer[4..len.min(512) as usize];
    let expected = r"\REGISTRY\MACHINE\SYSTEM\ControlSet001\Control\Session Manager";
    verdict("key-name", status == NtStatus::SUCCESS && is_text(name, expected), "other name");
    let _ = access::READ;
    rt::close(key);
}
