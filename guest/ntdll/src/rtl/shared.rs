//! What the kernel tells all processes: `KUSER_SHARED_DATA` (spec/smss.md 7.5).
#![expect(unsafe_code, reason = "a page that the kernel maps and writes")]

use core::ptr::with_exposed_provenance;

use nt::kuser::USER_ADDRESS;
use nt::kuser::offset::{NT_PRODUCT_TYPE, PRODUCT_TYPE_IS_VALID, SUITE_MASK, TIME_ZONE_BIAS};

/// Reads a field.
///
/// # Safety
/// Every value of its bytes is one.
unsafe fn field<T>(offset: usize) -> T {
    // SAFETY: the page is there as long as the process is; volatile, because the kernel writes it meanwhile.
    unsafe { with_exposed_provenance::<T>(USER_ADDRESS as usize + offset).read_volatile() }
}

/// UTC less the time zone's time, in 100 ns.
pub fn time_zone_bias() -> i64 {
    loop {
        // SAFETY: numbers. The upper half is written before and after the lower.
        let [low, high, high_2] =
            unsafe { [field::<u32>(TIME_ZONE_BIAS), field(TIME_ZONE_BIAS + 4), field(TIME_ZONE_BIAS + 8)] };
        if high == high_2 {
            return i64::from(low) | (high as i32 as i64) << 32;
        }
    }
}

/// 1 workstation, 2 domain controller, 3 server, if the kernel knows it.
pub fn product_type() -> Option<u32> {
    // SAFETY: numbers.
    unsafe { (field::<u8>(PRODUCT_TYPE_IS_VALID) != 0).then(|| field(NT_PRODUCT_TYPE)) }
}

/// VER_SUITE_*.
pub fn suite_mask() -> u32 {
    // SAFETY: a number.
    unsafe { field(SUITE_MASK) }
}
