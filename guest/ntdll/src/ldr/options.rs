//! Image File Execution Options: what the registry says of a program by its file name.
#![expect(unsafe_code, reason = "exports by name; calls system services")]

use nt::NtStatus;
use nt::types::{Handle, UnicodeString, UserPtr};

use super::handle::{Owned, at, into, named};
use super::text::{Text, base_name, units_of, until_nul};
use crate::heap::blocks::{RtlAllocateHeap, RtlFreeHeap};
use crate::peb::process_heap;
use crate::stubs::{NtOpenKey, NtQueryValueKey};

const OPTIONS: &[u8] =
    br"\Registry\Machine\Software\Microsoft\Windows NT\CurrentVersion\Image File Execution Options\";
/// KEY_QUERY_VALUE.
const KEY_QUERY_VALUE: u32 = 1;
/// KeyValuePartialInformation.
const PARTIAL_INFORMATION: u32 = 2;
/// What its fixed part takes: title index, type, length of the data.
const HEAD: usize = 12;
/// Values longer than this take a second call, in bytes.
const USUAL: usize = 520;
const REG_SZ: u32 = 1;
const REG_DWORD: u32 = 4;

/// Reads a value of the options of a program, whose path or name is `program`. With REG_DWORD as `wanted` a text is read
/// as a number. OBJECT_NAME_NOT_FOUND, OBJECT_TYPE_MISMATCH for another type, BUFFER_OVERFLOW when it does not fit,
/// INFO_LENGTH_MISMATCH for a number into a buffer of another length.
///
/// # Safety
/// `program` is a string and `value` ends with a NUL; `buffer` has room for `length` bytes; `returned` is NULL or can be
/// written to.
#[unsafe(no_mangle)]
unsafe extern "win64" fn LdrQueryImageFileExecutionOptions(
    program: *const UnicodeString,
    value: *const u16,
    wanted: u32,
    buffer: *mut u8,
    length: u32,
    returned: *mut u32,
) -> NtStatus {
    // SAFETY: as the caller says.
    let result = unsafe {
        let value = until_nul(value);
        open(units_of(&*program)).and_then(|key| {
            read(&key, value, |kind, data| {
                let buffer = if buffer.is_null() {
                    &mut []
                } else {
                    core::slice::from_raw_parts_mut(buffer, length as usize)
                };
                convert(kind, data, wanted, buffer)
            })
        })
    };
    let (status, size) = match result {
        Ok(Ok(size)) => (NtStatus::SUCCESS, Some(size)),
        Ok(Err((status, size))) => (status, size),
        Err(status) => (status, None),
    };
    // SAFETY: as the caller says.
    if let (Some(size), Some(returned)) = (size, unsafe { returned.as_mut() }) {
        *returned = size as u32;
    }
    status
}

/// Bytes of the value, or why there are none and how many there would be.
type Converted = Result<usize, (NtStatus, Option<usize>)>;

fn convert(kind: u32, data: &[u8], wanted: u32, buffer: &mut [u8]) -> Converted {
    let number;
    let data = match (kind, wanted) {
        (REG_SZ, REG_DWORD) => {
            number = number_in(data).to_le_bytes();
            &number[..]
        }
        _ if kind != wanted => return Err((NtStatus::OBJECT_TYPE_MISMATCH, None)),
        _ => data,
    };
    if wanted == REG_DWORD && buffer.len() != data.len() {
        return Err((NtStatus::INFO_LENGTH_MISMATCH, None));
    }
    match buffer.get_mut(..data.len()) {
        Some(place) => {
            place.copy_from_slice(data);
            Ok(data.len())
        }
        None => Err((NtStatus::BUFFER_OVERFLOW, Some(data.len()))),
    }
}

/// The number that a text of UTF-16 begins with.
fn number_in(data: &[u8]) -> u32 {
    let mut text = [0_u16; 64];
    let mut len = 0;
    for (unit, bytes) in text.iter_mut().zip(data.as_chunks::<2>().0) {
        *unit = u16::from_le_bytes(*bytes);
        if *unit == 0 {
            break;
        }
        len += 1;
    }
    rtlcore::number::parse(&text[..len], 0).unwrap_or(0)
}

fn open(program: &[u16]) -> Result<Owned, NtStatus> {
    let mut name = Text::new();
    name.push_ascii(OPTIONS)?;
    name.push(base_name(program).iter().copied())?;
    let string = name.string();
    let attributes = named(&string, Handle::NULL);
    let mut key = Handle::NULL;
    // SAFETY: name, attributes and the handle's place live through the call.
    unsafe { NtOpenKey(into(&mut key), KEY_QUERY_VALUE, at(&raw const attributes)) }.ok()?;
    Ok(Owned(key))
}

/// Hands type and data of a value to `take`.
fn read<T>(key: &Owned, name: &[u16], take: impl FnOnce(u32, &[u8]) -> T) -> Result<T, NtStatus> {
    let length = u16::try_from(2 * name.len()).map_err(|_| NtStatus::NAME_TOO_LONG)?;
    let buffer = name.as_ptr().expose_provenance() as u64;
    let name = UnicodeString { length, maximum_length: length, reserved: 0, buffer };
    let query = |place: *mut u8, size: usize, needed: &mut u32| {
        let place = UserPtr::new(place.expose_provenance() as u64);
        // SAFETY: name, buffer and the length's place live through the call.
        unsafe {
            NtQueryValueKey(key.0, at(&raw const name), PARTIAL_INFORMATION, place, size as u32, into(needed))
        }
    };
    let (mut usual, mut needed) = ([0_u64; USUAL / 8], 0);
    let place = usual.as_mut_ptr().cast::<u8>();
    match query(place, USUAL, &mut needed) {
        NtStatus::BUFFER_OVERFLOW => {}
        // SAFETY: the service has filled the buffer.
        status => return status.ok().map(|()| unsafe { hand_over(place, USUAL, take) }),
    }
    let size = needed as usize;
    // SAFETY: the process heap is there, and the block is freed once.
    unsafe {
        let block = RtlAllocateHeap(process_heap(), 0, size as u64);
        if block == 0 {
            return Err(NtStatus::NO_MEMORY);
        }
        let place = core::ptr::with_exposed_provenance_mut::<u8>(block as usize);
        let result = query(place, size, &mut needed).ok().map(|()| hand_over(place, size, take));
        RtlFreeHeap(process_heap(), 0, block);
        result
    }
}

/// # Safety
/// The `size` bytes of the buffer, [`HEAD`] at least, hold a KEY_VALUE_PARTIAL_INFORMATION.
unsafe fn hand_over<T>(buffer: *const u8, size: usize, take: impl FnOnce(u32, &[u8]) -> T) -> T {
    // SAFETY: as the caller says.
    unsafe {
        let kind = buffer.add(4).cast::<u32>().read();
        let length = (buffer.add(8).cast::<u32>().read() as usize).min(size.saturating_sub(HEAD));
        take(kind, core::slice::from_raw_parts(buffer.add(HEAD), length))
    }
}
