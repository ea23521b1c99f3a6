//! Functions and frames by address.
#![expect(unsafe_code, reason = "reads images and stacks")]

use core::ptr::{null, with_exposed_provenance};

use nt::types::Context;
use pe::Directory;
use unwind::register::RSP;
use unwind::{Function, Memory, Registers, Unwound};

use super::context::{registers_of, set_registers};
use super::handler::Dispatcher;
use super::tables;
use crate::ldr::image;
use crate::peb::teb;

/// KNONVOLATILE_CONTEXT_POINTERS: where XMM0–XMM15, then RAX–R15 were restored from.
#[repr(C)]
pub struct ContextPointers {
    vector: [u64; 16],
    general: [u64; 16],
}

/// An image and the stack.
pub struct Machine {
    pub base: u64,
    /// Bytes of the image.
    pub size: u32,
    /// What may be read as stack.
    pub stack: core::ops::Range<u64>,
    pub pointers: *mut ContextPointers,
}

impl Memory for Machine {
    fn stack(&self, address: u64) -> Option<u64> {
        let inside = address >= self.stack.start && address.checked_add(8)? <= self.stack.end;
        // SAFETY: the stack is there, as the caller of the unwinder says or the TEB does.
        inside.then(|| unsafe { with_exposed_provenance::<u64>(address as usize).read_unaligned() })
    }

    fn image(&self, rva: u32) -> Option<u8> {
        let address = self.base + u64::from(rva);
        // SAFETY: it lies in the image.
        (rva < self.size).then(|| unsafe { with_exposed_provenance::<u8>(address as usize).read() })
    }

    fn restored(&mut self, register: usize, from: u64) {
        // SAFETY: the caller vouches for the table, if there is one.
        let Some(pointers) = (unsafe { self.pointers.as_mut() }) else {
            return;
        };
        match register {
            0..16 => pointers.general[register] = from,
            _ => pointers.vector[register - 16] = from,
        }
    }
}

/// The calling thread's stack above the caller's frame.
pub fn own_stack() -> core::ops::Range<u64> {
    let here = 0_u64;
    // SAFETY: the TEB is the calling thread's own.
    (&raw const here).expose_provenance() as u64..unsafe { (*teb()).stack_base }
}

/// What is known of an address.
pub struct Place {
    /// The image's base, or what offsets are counted from.
    pub base: u64,
    /// Bytes that may be read from there.
    pub size: u32,
    /// Address of the RUNTIME_FUNCTION and what it says, if there is one.
    pub function: Option<(u64, Function)>,
}

/// The place of an address: in an image, or among functions that the program has made known.
pub fn find(address: u64) -> Option<Place> {
    let Some(module) = image::containing(address) else {
        let tables::Found { base, entry } = tables::find(address)?;
        return Some(Place { base, size: u32::MAX, function: entry });
    };
    let image = image::of(module).ok()?;
    // SAFETY: the module is sound.
    let base = unsafe { (*module).dll_base };
    let size = image.size_of_image();
    let machine = Machine { base, size, stack: 0..0, pointers: core::ptr::null_mut() };
    let directory = image.directory(Directory::Exception).ok().flatten();
    let function = directory
        .and_then(|directory| unwind::find(&machine, directory.rva, directory.size, (address - base) as u32));
    Some(Place { base, size, function: function.map(|found| (base + u64::from(found.entry), found)) })
}

/// Where a walk of the stack has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// At a frame with another one above it.
    Frame,
    /// At the last frame: it returns to 0.
    Last,
    /// Nowhere: unwind data or stack are malformed. The stack grows down, so each frame is above the one before it.
    Lost,
}

/// Takes away the frame that `context` is in, and describes it in the dispatcher context.
pub fn step(
    context: &mut Context,
    dispatcher: &mut Dispatcher,
    kinds: u8,
    stack: &core::ops::Range<u64>,
) -> Step {
    let before = context.rsp;
    let Place { base, size, function } =
        find(context.rip).unwrap_or(Place { base: 0, size: 0, function: None });
    let mut machine = Machine { base, size, stack: stack.clone(), pointers: core::ptr::null_mut() };
    let mut registers = registers_of(context);
    let rva = context.rip.wrapping_sub(base) as u32;
    dispatcher.control_pc = context.rip;
    let (entry, function) = function.unzip();
    let Some(unwound) = take_away(&mut machine, function.as_ref(), rva, kinds, &mut registers) else {
        return Step::Lost;
    };
    dispatcher.set_frame(base, entry, unwound.establisher, unwound.handler);
    set_registers(context, &registers);
    match context.rip {
        _ if context.rsp <= before => Step::Lost,
        // Who calls nothing gets there, too, but is no end.
        0 if !unwound.interrupted => Step::Last,
        _ => Step::Frame,
    }
}

fn take_away(
    machine: &mut Machine,
    function: Option<&Function>,
    rva: u32,
    kinds: u8,
    registers: &mut Registers,
) -> Option<Unwound> {
    let Some(function) = function else {
        // A function without data calls nobody: its frame is the return address.
        let establisher = registers.general[RSP];
        registers.rip = machine.stack(establisher)?;
        registers.general[RSP] = establisher + 8;
        return Some(Unwound { establisher, handler: None, interrupted: false });
    };
    unwind::unwind(machine, function, rva, kinds, registers)
}

/// The RUNTIME_FUNCTION of the function that an address lies in, and the base of its image; NULL when it has none.
///
/// # Safety
/// `base` can be written to.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlLookupFunctionEntry(address: u64, base: *mut u64, _history: u64) -> *const u8 {
    let Some(place) = find(address) else {
        return null();
    };
    // SAFETY: as the caller says.
    unsafe { *base = place.base };
    place.function.map_or(null(), |(entry, _)| with_exposed_provenance(entry as usize))
}

/// Takes the frame of a function away: `context` is as after the call of it. Gives the address of its handler of a kind that is asked
/// for, if it has one; the address of that one's data, and what identifies the frame. Where the data is malformed,
/// RIP is 0.
///
/// # Safety
/// `function` is a RUNTIME_FUNCTION of the image at `base`; `context` is a state of that function, on a stack that can be
/// read. The three results can be written to; `pointers` may be NULL.
#[unsafe(no_mangle)]
unsafe extern "win64" fn RtlVirtualUnwind(
    kinds: u32,
    base: u64,
    control_pc: u64,
    function: *const [u32; 3],
    context: *mut Context,
    handler_data: *mut u64,
    establisher: *mut u64,
    pointers: *mut ContextPointers,
) -> u64 {
    let size = image::containing(base).and_then(|module| image::of(module).ok());
    let size = size.map_or(u32::MAX, |image| image.size_of_image());
    let mut machine = Machine { base, size, stack: 0..u64::MAX, pointers };
    // SAFETY: as the caller says.
    unsafe {
        let [begin, end, unwind] = *function;
        let function = Function { entry: 0, begin, end, unwind };
        let mut registers = registers_of(&*context);
        let rva = control_pc.wrapping_sub(base) as u32;
        let unwound = unwind::unwind(&mut machine, &function, rva, kinds as u8, &mut registers);
        let Some(unwound) = unwound else {
            (*context).rip = 0;
            *establisher = (*context).rsp;
            return 0;
        };
        set_registers(&mut *context, &registers);
        *establisher = unwound.establisher;
        unwound.handler.map_or(0, |handler| {
            *handler_data = base + u64::from(handler.data);
            base + u64::from(handler.routine)
        })
    }
}
