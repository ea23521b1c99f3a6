//! The memory manager: address spaces, faults, images.

pub mod fault;
pub mod image;
pub mod space;
pub mod system_image;
pub mod user;

use hal::address_space::write_shared_user_data;
use nt::kuser::offset;

/// Size of a page in bytes.
pub const PAGE: u64 = 4096;
/// Where Windows is, as the processes see it.
pub const SYSTEM_ROOT: &str = r"C:\Windows";

/// Rounds up to whole pages.
pub const fn pages_up(bytes: u64) -> u64 {
    bytes.next_multiple_of(PAGE)
}

/// Fills the fixed part of `KUSER_SHARED_DATA`: this is Windows 5.2 on x64.
pub fn init_shared_data(pages: u32) {
    write_shared_user_data(offset::TICK_COUNT_MULTIPLIER, &0x0FA0_0000u32.to_le_bytes());
    write_shared_user_data(offset::IMAGE_NUMBER, &0x8664_8664u32.to_le_bytes());
    write_shared_user_data(offset::NT_PRODUCT_TYPE, &[1, 0, 0, 0, 1]);
    write_shared_user_data(offset::NT_MAJOR_VERSION, &[5, 0, 0, 0, 2, 0, 0, 0]);
    write_shared_user_data(offset::NUMBER_OF_PHYSICAL_PAGES, &pages.to_le_bytes());
    let mut root = [0u8; 2 * SYSTEM_ROOT.len()];
    for (unit, byte) in root.chunks_exact_mut(2).zip(SYSTEM_ROOT.bytes()) {
        unit[0] = byte;
    }
    write_shared_user_data(offset::NT_SYSTEM_ROOT, &root);
}
