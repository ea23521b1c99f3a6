//! Vectored handlers: they see exceptions before the frames on the stack do, or before execution is continued.
#![expect(unsafe_code, reason = "calls into modules; keeps lists of raw memory")]

use core::cell::UnsafeCell;
use core::ptr::{null_mut, with_exposed_provenance_mut};

use nt::types::{Context, ExceptionRecord};

use crate::heap::blocks::{RtlAllocateHeap, RtlFreeHeap};
use crate::peb::process_heap;
use crate::sync::CriticalSection;

/// EXCEPTION_CONTINUE_EXECUTION.
const CONTINUE_EXECUTION: i32 = -1;

/// EXCEPTION_POINTERS.
#[repr(C)]
pub struct ExceptionPointers {
    pub record: *mut ExceptionRecord,
    pub context: *mut Context,
}

/// A vectored handler.
type Routine = unsafe extern "win64" fn(*mut ExceptionPointers) -> i32;

struct Node {
    next: *mut Self,
    routine: Routine,
    /// How many threads are in it, and one while it is in its list.
    users: u32,
    removed: bool,
}

/// A list of handlers.
pub struct List(UnsafeCell<*mut Node>);

// SAFETY: lists are used under the lock only.
unsafe impl Sync for List {}

/// Those that see exceptions.
pub static EXCEPTION: List = List(UnsafeCell::new(null_mut()));
/// Those that see that execution continues.
pub static CONTINUE: List = List(UnsafeCell::new(null_mut()));
static LOCK: CriticalSection = CriticalSection::new();

impl List {
    /// Shows an exception to each, until one has mended it. Whether one has.
    pub fn call(&self, record: *mut ExceptionRecord, context: *mut Context) -> bool {
        // SAFETY: a list that is just empty needs no lock; the rest is done under it, but the calls.
        unsafe {
            if self.0.get().read_volatile().is_null() {
                return false;
            }
            LOCK.enter();
            let mut node = *self.0.get();
            let mut mended = false;
            while !node.is_null() && !mended {
                if !(*node).removed {
                    (*node).users += 1;
                    LOCK.leave();
                    mended =
                        ((*node).routine)(&mut ExceptionPointers { record, context }) == CONTINUE_EXECUTION;
                    LOCK.enter();
                    let next = (*node).next;
                    self.drop_user(node);
                    node = next;
                } else {
                    node = (*node).next;
                }
            }
            LOCK.leave();
            mended
        }
    }

    fn add(&self, first: bool, routine: Routine) -> u64 {
        // SAFETY: the block is new and long enough; the list is used under the lock.
        unsafe {
            let block = RtlAllocateHeap(process_heap(), 0, size_of::<Node>() as u64);
            if block == 0 {
                return 0;
            }
            LOCK.enter();
            let mut place = self.0.get();
            while !first && !(*place).is_null() {
                place = &raw mut (**place).next;
            }
            let node = with_exposed_provenance_mut::<Node>(block as usize);
            node.write(Node { next: *place, routine, users: 1, removed: false });
            *place = node;
            LOCK.leave();
            block
        }
    }

    fn remove(&self, handle: u64) -> bool {
        LOCK.enter();
        // SAFETY: the list is used under the lock.
        let found = unsafe {
            let mut node = *self.0.get();
            while !node.is_null() && node.addr() as u64 != handle {
                node = (*node).next;
            }
            let found = !node.is_null() && !(*node).removed;
            if found {
                (*node).removed = true;
                self.drop_user(node);
            }
            found
        };
        LOCK.leave();
        found
    }

    /// One user less; with the last one the node goes.
    ///
    /// # Safety
    /// The lock is held, and the node is in the list.
    unsafe fn drop_user(&self, node: *mut Node) {
        // SAFETY: as the caller says.
        unsafe {
            (*node).users -= 1;
            if (*node).users != 0 {
                return;
            }
            let mut place = self.0.get();
            while *place != node {
                place = &raw mut (**place).next;
            }
            *place = (*node).next;
            RtlFreeHeap(process_heap(), 0, node.expose_provenance() as u64);
        }
    }
}

/// Adds a handler that sees exceptions, before or behind those that there are. Gives a handle; 0 when there is no memory.
#[unsafe(no_mangle)]
extern "win64" fn RtlAddVectoredExceptionHandler(first: u32, routine: Routine) -> u64 {
    EXCEPTION.add(first != 0, routine)
}

/// Takes a handler away. Whether there was one of that handle.
#[unsafe(no_mangle)]
extern "win64" fn RtlRemoveVectoredExceptionHandler(handle: u64) -> u32 {
    EXCEPTION.remove(handle).into()
}

/// Adds a handler that sees that execution continues, before or behind those that there are. Gives a handle; 0 when
/// there is no memory.
#[unsafe(no_mangle)]
extern "win64" fn RtlAddVectoredContinueHandler(first: u32, routine: Routine) -> u64 {
    CONTINUE.add(first != 0, routine)
}

/// Takes a handler away. Whether there was one of that handle.
#[unsafe(no_mangle)]
extern "win64" fn RtlRemoveVectoredContinueHandler(handle: u64) -> u32 {
    CONTINUE.remove(handle).into()
}
