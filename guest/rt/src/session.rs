//! Sessions, images of the kernel, and hard errors: what the session manager alone does.
#![expect(unsafe_code, reason = "calls system services")]

use nt::NtStatus;
use nt::sysinfo::class;
use nt::types::UserPtr;

use crate::ntdll::RtlAddVectoredExceptionHandler;
use crate::services::{pointer_to, syscall};
use crate::text::string_of;

/// Makes a session, and puts the process into it. Takes SeLoadDriverPrivilege.
///
/// # Errors
/// What `NtSetSystemInformation` says.
pub fn create() -> Result<u32, NtStatus> {
    let mut session = 0_u32;
    let place = UserPtr::new(core::ptr::from_mut(&mut session).expose_provenance() as u64);
    // SAFETY: the number outlives the call.
    unsafe { syscall::NtSetSystemInformation(class::SESSION_CREATE, place, 4) }.ok()?;
    Ok(session)
}

/// Takes the process out of a session.
///
/// # Errors
/// What `NtSetSystemInformation` says.
pub fn detach(session: u32) -> Result<(), NtStatus> {
    // SAFETY: the number outlives the call.
    unsafe { syscall::NtSetSystemInformation(class::SESSION_DETACH, pointer_to(&session), 4) }.ok()
}

/// Loads the window manager, an image of the kernel, into the process's session, by its path in the object
/// namespace.
///
/// # Errors
/// What `NtSetSystemInformation` says.
pub fn load_window_manager(path: &[u16]) -> Result<(), NtStatus> {
    let name = string_of(path);
    let size = size_of_val(&name) as u32;
    // SAFETY: name and text outlive the call.
    unsafe { syscall::NtSetSystemInformation(class::EXTEND_SERVICE_TABLE, pointer_to(&name), size) }.ok()
}

/// A parameter of a hard error.
#[derive(Clone, Copy, Debug)]
pub enum Parameter<'a> {
    /// A text.
    Text(&'a [u16]),
    /// A number or an address.
    Value(u64),
}

/// Raises a hard error with up to four parameters and one of [`nt::harderror::option`]. Gives what
/// `NtRaiseHardError` says, and the answer.
pub fn raise_hard_error(status: NtStatus, parameters: &[Parameter<'_>], option: u32) -> (NtStatus, u32) {
    let (mut mask, mut answer) = (0_u32, 0_u32);
    let mut strings = [string_of(&[]); 4];
    let mut values = [0_u64; 4];
    for (index, (parameter, (string, value))) in
        parameters.iter().zip(strings.iter_mut().zip(&mut values)).enumerate()
    {
        *value = match *parameter {
            Parameter::Text(text) => {
                *string = string_of(text);
                mask |= 1 << index;
                pointer_to::<_, u8>(string).address
            }
            Parameter::Value(value) => value,
        };
    }
    let count = parameters.len().min(values.len()) as u32;
    let place = UserPtr::new(core::ptr::from_mut(&mut answer).expose_provenance() as u64);
    // SAFETY: parameters, their texts and the answer outlive the call.
    let result =
        unsafe { syscall::NtRaiseHardError(status, count, mask, pointer_to(&values), option, place) };
    (result, answer)
}

/// Who is told of exceptions: the code, and where record's address and context lie.
pub type ExceptionHandler = fn(code: NtStatus, address: u64, context: u64) -> !;

#[cfg(target_os = "windows")]
static HANDLER: crate::sync::Mutex<Option<ExceptionHandler>> = crate::sync::Mutex::new(None);

/// Ends in `handler` when a thread of the program raises an exception.
pub fn on_exception(handler: ExceptionHandler) {
    #[cfg(target_os = "windows")]
    {
        *HANDLER.lock() = Some(handler);
        // SAFETY: the function is there for as long as the program is.
        unsafe { RtlAddVectoredExceptionHandler(1, exception) };
    }
    #[cfg(not(target_os = "windows"))]
    let _ = (handler, RtlAddVectoredExceptionHandler as unsafe fn(_, _) -> _);
}

/// EXCEPTION_POINTERS: addresses of the record and of the context.
#[cfg(target_os = "windows")]
extern "win64" fn exception(pointers: *const [u64; 2]) -> i32 {
    // SAFETY: ntdll calls it with pointers that live through the call.
    let (record, context) = unsafe {
        let [record, context] = pointers.read();
        let record = core::ptr::with_exposed_provenance::<nt::types::ExceptionRecord>(record as usize);
        (record.read(), context)
    };
    let handler = *HANDLER.lock();
    match handler {
        Some(handler) => handler(NtStatus(record.code), record.address, context),
        // EXCEPTION_CONTINUE_SEARCH.
        None => 0,
    }
}
