//! Hard errors: the message that the process which shows them gets, x64. Source: phnt's `ntexapi.h`; spec/smss.md 4.2.

use core::mem::offset_of;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::lpc::{PORT_MESSAGE_SIZE, PortMessage};

/// MAXIMUM_HARDERROR_PARAMETERS.
pub const MAXIMUM_PARAMETERS: usize = 5;

/// HARDERROR_RESPONSE_OPTION.
pub mod option {
    /// OptionShutdownSystem, the highest that is taken.
    pub const SHUTDOWN_SYSTEM: u32 = 6;
}

/// HARDERROR_RESPONSE.
pub mod response {
    /// ResponseReturnToCaller: the caller is to go on by itself.
    pub const RETURN_TO_CALLER: u32 = 0;
    /// ResponseNotHandled.
    pub const NOT_HANDLED: u32 = 1;
    /// ResponseAbort.
    pub const ABORT: u32 = 2;
    /// ResponseCancel.
    pub const CANCEL: u32 = 3;
    /// ResponseNo.
    pub const NO: u32 = 5;
    /// ResponseOk.
    pub const OK: u32 = 6;
    /// The highest there is: ResponseContinue.
    pub const MAX: u32 = 10;
}

/// Bit of a status: the process's hard-error mode does not matter (HARDERROR_OVERRIDE_ERRORMODE).
pub const OVERRIDE_ERROR_MODE: u32 = 0x1000_0000;

/// HARDERROR_MSG behind its PORT_MESSAGE.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct HardErrorMessage {
    /// The error.
    pub status: u32,
    /// Padding.
    pub reserved: u32,
    /// When it was raised, in 100 ns since 1601.
    pub error_time: i64,
    /// Which answers make sense.
    pub valid_response_options: u32,
    /// The answer, one of [`response`].
    pub response: u32,
    /// How many of the parameters are in use.
    pub number_of_parameters: u32,
    /// Bit n: parameter n points at a UNICODE_STRING of the process that raised the error.
    pub unicode_string_parameter_mask: u32,
    /// The parameters.
    pub parameters: [u64; MAXIMUM_PARAMETERS],
}

const _: () = {
    assert!(offset_of!(HardErrorMessage, error_time) + PORT_MESSAGE_SIZE == 0x30);
    assert!(offset_of!(HardErrorMessage, response) + PORT_MESSAGE_SIZE == 0x3C);
    assert!(offset_of!(HardErrorMessage, parameters) + PORT_MESSAGE_SIZE == 0x48);
    assert!(size_of::<HardErrorMessage>() + size_of::<PortMessage>() == 0x70);
};
