//! `KUSER_SHARED_DATA`: one page that every process sees read-only. Offsets: spec/smss.md 7.5.

/// Where user mode sees it.
pub const USER_ADDRESS: u64 = 0x7FFE_0000;

/// Offsets of its fields.
pub mod offset {
    /// `TickCountLowDeprecated`, u32.
    pub const TICK_COUNT_LOW: usize = 0x000;
    /// `TickCountMultiplier`, u32: 0x0FA0_0000 for 15.625 ms.
    pub const TICK_COUNT_MULTIPLIER: usize = 0x004;
    /// `InterruptTime`, KSYSTEM_TIME in 100 ns.
    pub const INTERRUPT_TIME: usize = 0x008;
    /// `SystemTime`, KSYSTEM_TIME in 100 ns since 1601.
    pub const SYSTEM_TIME: usize = 0x014;
    /// `TimeZoneBias`, KSYSTEM_TIME in 100 ns: UTC less local time.
    pub const TIME_ZONE_BIAS: usize = 0x020;
    /// `ImageNumberLow`, `ImageNumberHigh`, u16 each: 0x8664.
    pub const IMAGE_NUMBER: usize = 0x02C;
    /// `NtSystemRoot`, 260 WCHARs.
    pub const NT_SYSTEM_ROOT: usize = 0x030;
    /// `NtProductType`, u32.
    pub const NT_PRODUCT_TYPE: usize = 0x264;
    /// `ProductTypeIsValid`, BOOLEAN.
    pub const PRODUCT_TYPE_IS_VALID: usize = 0x268;
    /// `NtMajorVersion`, u32.
    pub const NT_MAJOR_VERSION: usize = 0x26C;
    /// `NtMinorVersion`, u32.
    pub const NT_MINOR_VERSION: usize = 0x270;
    /// `ProcessorFeatures`, 64 BOOLEANs.
    pub const PROCESSOR_FEATURES: usize = 0x274;
    /// `SuiteMask`, u32.
    pub const SUITE_MASK: usize = 0x2D0;
    /// `NumberOfPhysicalPages`, u32.
    pub const NUMBER_OF_PHYSICAL_PAGES: usize = 0x2E8;
    /// `TickCount`, u64.
    pub const TICK_COUNT: usize = 0x320;
}
