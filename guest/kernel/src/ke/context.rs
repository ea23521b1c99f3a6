//! CONTEXT and trap frame: reading, replacing and continuing with a thread's registers.
//!
//! Of the 1232 bytes of a CONTEXT only the first 768 mean something here: the general part, 32 words,
//! and the FXSAVE area. Debug registers are not for user mode: they read as zero, and are not set.

use alloc::sync::Arc;

use hal::context::FP_SIZE;
use hal::cpu::{USER_CS, USER_SS};
use hal::trap::TrapFrame;
use nt::NtStatus;
use nt::dispatch::context_flags::{AMD64, CONTROL, FLOATING_POINT, INTEGER, SEGMENTS};
use nt::types::{Boolean, Context, Handle, UserPtr};
use zerocopy::IntoBytes;

use super::service::NtResult;
use super::{apc, sched, swap};
use crate::mm::user;
use crate::ob;
use crate::ps::Thread;

/// THREAD_GET_CONTEXT, THREAD_SET_CONTEXT.
const GET_CONTEXT: u32 = 0x08;
const SET_CONTEXT: u32 = 0x10;

/// The general part of a CONTEXT in words. `ContextFlags` and `MxCsr` share word 6; the segment registers and
/// `EFlags` words 7 and 8; the general registers follow in the order of their numbers.
pub type Registers = [u64; 32];

const FLAGS: usize = 6;
const SEGMENT_WORDS: usize = 7;
const RIP: usize = 31;
/// Where RAX is; the others behind it.
const GENERAL: usize = 15;
/// Of RSP among the general registers.
const RSP: usize = 4;
/// Offset of the FXSAVE area in a CONTEXT, and of MXCSR in that.
const FP: u64 = 0x100;
const MXCSR: usize = 24;
/// User mode's selector of its 32-bit TEB, which FS holds.
const TEB_SELECTOR: u64 = 0x53;

const _: () = {
    use core::mem::offset_of;
    assert!(offset_of!(Context, context_flags) == 8 * FLAGS && offset_of!(Context, mx_csr) == 8 * FLAGS + 4);
    assert!(offset_of!(Context, segments) == 8 * SEGMENT_WORDS);
    assert!(offset_of!(Context, rax) == 8 * GENERAL && offset_of!(Context, rsp) == 8 * (GENERAL + RSP));
    assert!(offset_of!(Context, rip) == 8 * RIP && offset_of!(Context, fp) as u64 == FP);
    assert!(size_of::<Registers>() as u64 == FP);
};

/// Registers for a thread to start with.
pub fn to_start(rip: u64, rcx: u64, rsp: u64) -> Registers {
    let mut registers = [0; 32];
    registers[FLAGS] = u64::from(CONTROL | INTEGER);
    registers[GENERAL + 1] = rcx;
    registers[GENERAL + RSP] = rsp;
    registers[RIP] = rip;
    registers
}

/// The registers that a caller wants a thread to start with.
///
/// # Errors
/// ACCESS_VIOLATION.
pub fn read_start(context: UserPtr<Context>) -> Result<Registers, NtStatus> {
    let mut registers: Registers = user::read(UserPtr::new(context.address))?;
    registers[FLAGS] = u64::from(CONTROL | INTEGER);
    Ok(registers)
}

/// Where such a thread starts, and its stack pointer.
pub fn start_of(registers: &Registers) -> (u64, u64) {
    (registers[RIP], registers[GENERAL + RSP])
}

/// The frame of such a thread.
pub fn frame_of(registers: &Registers) -> TrapFrame {
    let mut frame = TrapFrame::default();
    apply(&mut frame, registers);
    frame
}

/// What has to be written of such registers to make a CONTEXT of memory that is zero: offsets and bytes.
pub fn parts(registers: &Registers) -> [(u64, &[u8]); 2] {
    let part = |start: usize, end: usize| (8 * start as u64, registers[start..end].as_bytes());
    [part(FLAGS, SEGMENT_WORDS + 2), part(GENERAL, RIP + 1)]
}

fn flags_of(registers: &Registers) -> u32 {
    registers[FLAGS] as u32
}

/// Whether all bits of a part are in the flags.
fn has(flags: u32, part: u32) -> bool {
    flags & part == part
}

/// The general part of a frame's CONTEXT; what the flags do not name is zero.
pub(super) fn capture(frame: &TrapFrame, flags: u32) -> Registers {
    let mut registers = [0; 32];
    registers[FLAGS] = flags.into();
    fill(&mut registers, frame, flags);
    registers
}

/// Puts what the flags name into the general part.
fn fill(registers: &mut Registers, frame: &TrapFrame, flags: u32) {
    let (cs, data) = (u64::from(USER_CS), u64::from(USER_SS));
    if has(flags, SEGMENTS) {
        // SegCs, SegDs, SegEs, SegFs; SegGs, SegSs, EFlags.
        let old = registers[SEGMENT_WORDS] & 0xFFFF;
        registers[SEGMENT_WORDS] = old | data << 16 | data << 32 | TEB_SELECTOR << 48;
        registers[SEGMENT_WORDS + 1] = registers[SEGMENT_WORDS + 1] & !0xFFFF | data;
    }
    if has(flags, CONTROL) {
        registers[SEGMENT_WORDS] = registers[SEGMENT_WORDS] & !0xFFFF | cs;
        registers[SEGMENT_WORDS + 1] =
            registers[SEGMENT_WORDS + 1] & 0xFFFF | data << 16 | frame.rflags << 32;
        registers[GENERAL + RSP] = frame.rsp;
        registers[RIP] = frame.rip;
    }
    if has(flags, INTEGER) {
        let f = frame;
        registers[GENERAL..GENERAL + RSP].copy_from_slice(&[f.rax, f.rcx, f.rdx, f.rbx]);
        registers[GENERAL + RSP + 1..RIP]
            .copy_from_slice(&[f.rbp, f.rsi, f.rdi, f.r8, f.r9, f.r10, f.r11, f.r12, f.r13, f.r14, f.r15]);
    }
}

/// Puts what its flags name of a CONTEXT into a frame.
pub(super) fn apply(frame: &mut TrapFrame, registers: &Registers) {
    let flags = flags_of(registers);
    if has(flags, CONTROL) {
        frame.rflags = registers[SEGMENT_WORDS + 1] >> 32;
        frame.rsp = registers[GENERAL + RSP];
        frame.rip = registers[RIP];
    }
    if has(flags, INTEGER) {
        let f = frame;
        [f.rax, f.rcx, f.rdx, f.rbx, _, f.rbp, f.rsi, f.rdi] =
            registers[GENERAL..][..8].try_into().unwrap_or_default();
        [f.r8, f.r9, f.r10, f.r11, f.r12, f.r13, f.r14, f.r15] =
            registers[GENERAL + 8..][..8].try_into().unwrap_or_default();
    }
}

/// Writes a CONTEXT to the stack of the current thread, with its FP state if the flags name it.
///
/// # Errors
/// ACCESS_VIOLATION.
pub(super) fn push(thread: &Thread, address: u64, registers: &mut Registers) -> Result<(), NtStatus> {
    if has(flags_of(registers), FLOATING_POINT) {
        let fp = thread.task().fp_state();
        set_mxcsr(registers, &fp);
        user::write(address.wrapping_add(FP), &fp)?;
    }
    user::write(address, registers.as_bytes())
}

fn set_mxcsr(registers: &mut Registers, fp: &[u8; FP_SIZE]) {
    let mxcsr = u32::from_le_bytes([fp[MXCSR], fp[MXCSR + 1], fp[MXCSR + 2], fp[MXCSR + 3]]);
    registers[FLAGS] = registers[FLAGS] & 0xFFFF_FFFF | u64::from(mxcsr) << 32;
}

/// Writes the machine frame that unwinders look for.
///
/// # Errors
/// ACCESS_VIOLATION.
pub(super) fn push_machine_frame(address: u64, frame: &TrapFrame) -> Result<(), NtStatus> {
    let words = [frame.rip, USER_CS.into(), frame.rflags, frame.rsp, USER_SS.into()];
    user::write(address, words.as_bytes())
}

/// Captures a CONTEXT: the general part, and the FP state if its flags name it.
pub(super) struct CapturedContext {
    pub registers: Registers,
    fp: Option<[u8; FP_SIZE]>,
}

impl CapturedContext {
    /// # Errors
    /// ACCESS_VIOLATION; INVALID_PARAMETER for a CONTEXT of another processor.
    pub fn new(context: UserPtr<Context>) -> Result<Self, NtStatus> {
        let mut registers: Registers = user::read(UserPtr::new(context.address))?;
        let flags = flags_of(&registers);
        if !has(flags, AMD64) {
            return Err(NtStatus::INVALID_PARAMETER);
        }
        let mut fp = None;
        if has(flags, FLOATING_POINT) {
            let mut state: [u8; FP_SIZE] = user::read(UserPtr::new(context.address.wrapping_add(FP)))?;
            // MxCsr counts, not its copy in the FXSAVE area.
            state[MXCSR..MXCSR + 4].copy_from_slice(&((registers[FLAGS] >> 32) as u32).to_le_bytes());
            fp = Some(state);
        }
        registers[FLAGS] &= 0xFFFF_FFFF;
        Ok(Self { registers, fp })
    }

    /// Makes it what a thread goes on with. What it does not name stays as it is.
    pub fn set(&self, thread: &Thread) {
        let place = thread.task().user_frame();
        let mut frame = place.load();
        apply(&mut frame, &self.registers);
        place.store(&frame);
        if let Some(fp) = &self.fp {
            thread.task().set_fp_state(fp);
        }
        thread.call_for_attention();
    }
}

/// `NtContinue`: does not return to its caller.
pub fn r#continue(context: UserPtr<Context>, test_alert: Boolean) -> NtResult {
    let captured = CapturedContext::new(context)?;
    let thread = sched::current();
    captured.set(&thread);
    if test_alert.0 != 0 {
        apc::test_alert(&thread);
    }
    Ok(NtStatus::SUCCESS)
}

fn living(thread: Handle, access: u32) -> Result<Arc<Thread>, NtStatus> {
    let thread = ob::handle::thread(thread, access)?;
    if !thread.has_user_mode() {
        return Err(NtStatus::INVALID_HANDLE);
    }
    if thread.must_end() {
        return Err(NtStatus::THREAD_IS_TERMINATING);
    }
    Ok(thread)
}

/// `NtGetContextThread`: the parts that the caller's `ContextFlags` name.
pub fn get_context_thread(thread: Handle, context: UserPtr<Context>) -> NtResult {
    let mut registers: Registers = user::read(UserPtr::new(context.address))?;
    let flags = flags_of(&registers);
    if !has(flags, AMD64) {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    let thread = living(thread, GET_CONTEXT)?;
    swap::bring_in(&thread);
    fill(&mut registers, &thread.task().user_frame().load(), flags);
    if has(flags, FLOATING_POINT) {
        let fp = thread.task().fp_state();
        set_mxcsr(&mut registers, &fp);
        user::write(context.address.wrapping_add(FP), &fp)?;
    }
    user::write(context.address, registers.as_bytes())?;
    Ok(NtStatus::SUCCESS)
}

/// `NtSetContextThread`: a thread that is in a system service goes on with the registers when that is over.
pub fn set_context_thread(thread: Handle, context: UserPtr<Context>) -> NtResult {
    let captured = CapturedContext::new(context)?;
    let thread = living(thread, SET_CONTEXT)?;
    swap::bring_in(&thread);
    captured.set(&thread);
    Ok(NtStatus::SUCCESS)
}
