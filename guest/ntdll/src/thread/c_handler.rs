//! The handler of C code with `__try`, `__except` and `__finally`. Its data is a count and that many scopes, innermost
//! first, as compilers for x64 make them: begin and end of the code in it; filter or termination handler; for `__except` where it goes
//! on. All are RVAs.
#![expect(unsafe_code, reason = "reads scope tables; calls into modules")]

use core::ptr::with_exposed_provenance;

use nt::types::{Context, ExceptionRecord};

use super::handler::{Dispatcher, disposition, flag};
use super::unwinding::RtlUnwindEx;
use super::vectored::ExceptionPointers;

/// Instead of a filter: `__except (EXCEPTION_EXECUTE_HANDLER)`.
const ALWAYS: u32 = 1;

/// SCOPE_TABLE's records.
#[repr(C)]
#[derive(Clone, Copy)]
struct Scope {
    begin: u32,
    end: u32,
    /// The filter, or what `__finally` does.
    handler: u32,
    /// Where `__except` goes on; 0 for `__finally`.
    target: u32,
}

/// What is asked whether an exception is its own: above 0 yes, below 0 it is mended.
type Filter = unsafe extern "win64" fn(*mut ExceptionPointers, frame: u64) -> i32;
/// What `__finally` does; `abnormal` says that it is left by an exception.
type Termination = unsafe extern "win64" fn(abnormal: u8, frame: u64);

fn routine(base: u64, rva: u32) -> *const () {
    with_exposed_provenance((base + u64::from(rva)) as usize)
}

/// Handles exceptions and unwinding for frames of C code.
///
/// # Safety
/// It is called as a language handler.
#[unsafe(no_mangle)]
unsafe extern "win64" fn __C_specific_handler(
    record: *mut ExceptionRecord,
    frame: u64,
    context: *mut Context,
    dispatcher: *mut Dispatcher,
) -> u32 {
    // SAFETY: as the caller says; the table is the function's.
    unsafe {
        let base = (*dispatcher).image_base;
        let at = ((*dispatcher).control_pc - base) as u32;
        let table = with_exposed_provenance::<u32>((*dispatcher).handler_data as usize);
        let scopes = core::slice::from_raw_parts(table.add(1).cast::<Scope>(), table.read() as usize);
        let flags = (*record).flags;
        let first = (*dispatcher).scope_index;
        for (index, scope) in (0..).zip(scopes).skip(first as usize) {
            if !(scope.begin..scope.end).contains(&at) {
                continue;
            }
            if flags & flag::UNWIND == 0 {
                if scope.target == 0 {
                    continue;
                }
                let answer = match scope.handler {
                    ALWAYS => 1,
                    filter => {
                        let mut pointers = ExceptionPointers { record, context };
                        let filter: Filter = core::mem::transmute(routine(base, filter));
                        filter(&raw mut pointers, frame)
                    }
                };
                if answer < 0 {
                    return disposition::CONTINUE_EXECUTION;
                }
                if answer > 0 {
                    let target = base + u64::from(scope.target);
                    let code = u64::from((*record).code);
                    let (room, history) = ((*dispatcher).context_record, (*dispatcher).history_table);
                    RtlUnwindEx(frame, target, record, code, room, history);
                }
                continue;
            }
            let target = (*dispatcher).target_ip.wrapping_sub(base) as u32;
            let to_this_frame = flags & flag::TARGET_UNWIND != 0;
            // Scopes that it goes on in are not left, and those around them neither.
            if to_this_frame && (scope.begin..scope.end).contains(&target) {
                break;
            }
            if scope.target != 0 {
                if to_this_frame && scope.target == target {
                    break;
                }
                continue;
            }
            // If it raises an exception or unwinds itself, it is not called again.
            (*dispatcher).scope_index = index + 1;
            let termination: Termination = core::mem::transmute(routine(base, scope.handler));
            termination(1, frame);
        }
    }
    disposition::CONTINUE_SEARCH
}
