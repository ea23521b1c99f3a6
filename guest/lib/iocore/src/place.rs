//! Where in a file a transfer begins. Source: Microsoft's documentation of `NtReadFile` and `NtWriteFile`.

use nt::NtStatus;

/// `FILE_WRITE_TO_END_OF_FILE`, `FILE_USE_FILE_POINTER_POSITION`.
const END_OF_FILE: i64 = -1;
const CURRENT: i64 = -2;
/// Where a transfer begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// At that byte.
    At(u64),
    /// Behind the last byte.
    End,
}

/// Reads a transfer's offset: nothing given, or -2, means where a synchronous file's last transfer ended.
///
/// # Errors
/// INVALID_PARAMETER for what is negative, ends beyond 2^63, or has no meaning for that file.
pub fn place(
    offset: Option<i64>,
    length: u32,
    position: Option<u64>,
    writes: bool,
) -> Result<Place, NtStatus> {
    let at = match offset {
        None | Some(CURRENT) => position.ok_or(NtStatus::INVALID_PARAMETER)?,
        Some(END_OF_FILE) if writes => return Ok(Place::End),
        Some(offset) => u64::try_from(offset).map_err(|_| NtStatus::INVALID_PARAMETER)?,
    };
    match at.checked_add(length.into()) {
        Some(end) if i64::try_from(end).is_ok() => Ok(Place::At(at)),
        _ => Err(NtStatus::INVALID_PARAMETER),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_places_or_refused() {
        let refused = Err(NtStatus::INVALID_PARAMETER);
        for writes in [false, true] {
            assert_eq!(place(Some(7), 1, Some(3), writes), Ok(Place::At(7)));
            assert_eq!(place(Some(7), 1, None, writes), Ok(Place::At(7)));
            assert_eq!(place(None, 1, Some(3), writes), Ok(Place::At(3)));
            assert_eq!(place(Some(-2), 1, Some(3), writes), Ok(Place::At(3)));
            assert_eq!(place(None, 1, None, writes), refused);
            assert_eq!(place(Some(-2), 1, None, writes), refused);
            assert_eq!(place(Some(-3), 1, Some(3), writes), refused);
            assert_eq!(place(Some(i64::MIN), 1, Some(3), writes), refused);
            assert_eq!(place(Some(i64::MAX), 0, None, writes), Ok(Place::At(i64::MAX as u64)));
            assert_eq!(place(Some(i64::MAX), 1, None, writes), refused);
        }
        assert_eq!(place(Some(-1), 1, None, true), Ok(Place::End));
        assert_eq!(place(Some(-1), 1, None, false), refused);
    }
}
