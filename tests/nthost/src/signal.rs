//! Traps as Linux shows them: SIGSYS is a system call, the others are exceptions.

use std::sync::atomic::{AtomicU8, Ordering};

use nt::NtStatus;
use nt::dispatch::{Entry, context_flags};
use nt::types::{Context, ExceptionRecord};
use zerocopy::FromZeros;

use crate::services::Answer;
use crate::world::{CALLS, options};
use crate::{exception, services, user};

/// PR_SET_SYSCALL_USER_DISPATCH and its modes.
const SYSCALL_USER_DISPATCH: i32 = 59;
const DISPATCH_ON: usize = 1;
/// ARCH_SET_GS.
const SET_GS: i32 = 0x1001;
/// Programs lie below this, we above.
const PROGRAMS: u64 = 0x10_0000_0000;
const HANDLER_STACK: usize = 1 << 20;
/// In the FXSAVE area: FP_XSTATE_MAGIC1, and where the features that are restored are listed behind it.
const XSTATE_MAGIC: (usize, u32) = (464, 0x4650_5853);

/// SYSCALL_DISPATCH_FILTER_BLOCK: every system call from outside of our code is handed over.
static SELECTOR: AtomicU8 = AtomicU8::new(1);

/// The registers that CONTEXT has, in the order of `gregs` of Linux.
fn registers(context: &mut Context) -> [&mut u64; 17] {
    let Context { r8, r9, r10, r11, r12, r13, r14, r15, rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, .. } =
        context;
    [r8, r9, r10, r11, r12, r13, r14, r15, rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip]
}

/// What the thread was doing.
fn save(host: &libc::ucontext_t) -> Context {
    let mut context = Context::new_zeroed();
    context.context_flags = context_flags::FULL | context_flags::SEGMENTS;
    for (to, from) in registers(&mut context).into_iter().zip(&host.uc_mcontext.gregs) {
        *to = from.cast_unsigned();
    }
    context.eflags = host.uc_mcontext.gregs[libc::REG_EFL as usize] as u32;
    context.segments = [0x33, 0x2B, 0x2B, 0x53, 0x2B, 0x2B];
    // SAFETY: the kernel has saved an FXSAVE area there.
    context.fp = unsafe { host.uc_mcontext.fpregs.cast::<[u8; 512]>().read() };
    context.mx_csr = u32::from_le_bytes([context.fp[24], context.fp[25], context.fp[26], context.fp[27]]);
    context
}

/// What the thread is to do.
fn restore(host: &mut libc::ucontext_t, mut context: Context) {
    let flags = context.context_flags;
    let has = |part: u32| flags & part == part;
    let eflags = context.eflags;
    let (mut regs, all) = (host.uc_mcontext.gregs, registers(&mut context));
    for (index, from) in all.into_iter().enumerate() {
        let control = index == libc::REG_RSP as usize || index == libc::REG_RIP as usize;
        if has(if control { context_flags::CONTROL } else { context_flags::INTEGER }) {
            regs[index] = from.cast_signed();
        }
    }
    if has(context_flags::CONTROL) {
        regs[libc::REG_EFL as usize] = (eflags & 0x0C_0CD5 | 0x202).into();
    }
    host.uc_mcontext.gregs = regs;
    if has(context_flags::FLOATING_POINT) {
        let area = host.uc_mcontext.fpregs.cast::<u8>();
        // SAFETY: the area is an FXSAVE area; behind it lies what the magic number announces.
        unsafe {
            area.copy_from_nonoverlapping(context.fp.as_ptr(), 416);
            area.add(24).cast::<u32>().write_unaligned(context.mx_csr);
            if area.add(XSTATE_MAGIC.0).cast::<u32>().read_unaligned() == XSTATE_MAGIC.1 {
                *area.add(512) |= 3;
            }
        }
    }
}

extern "C" fn on_signal(number: i32, info: *mut libc::siginfo_t, host: *mut libc::c_void) {
    // SAFETY: the kernel passes both.
    let (info, host) = unsafe { (&*info, &mut *host.cast::<libc::ucontext_t>()) };
    let registers = &mut host.uc_mcontext.gregs;
    let rip = registers[libc::REG_RIP as usize].cast_unsigned();
    if rip >= PROGRAMS {
        if number == libc::SIGSYS {
            // The kernel's own page of code, for us.
            registers[libc::REG_RAX as usize] = host_call(registers);
        } else {
            // SAFETY: the fault is ours; it comes again, and ends all.
            unsafe { libc::signal(number, libc::SIG_DFL) };
        }
        return;
    }
    if number == libc::SIGSYS {
        system_call(host);
    } else {
        trap(number, info, host);
    }
}

fn host_call(registers: &[i64; 23]) -> i64 {
    let get = |index: i32| registers[index as usize];
    let number = get(libc::REG_RAX);
    let (a, b, c) = (get(libc::REG_RDI), get(libc::REG_RSI), get(libc::REG_RDX));
    // SAFETY: it is what would have been called anyway.
    unsafe { libc::syscall(number, a, b, c, get(libc::REG_R10), get(libc::REG_R8), get(libc::REG_R9)) }
}

fn system_call(host: &mut libc::ucontext_t) {
    let context = save(host);
    let stack = |n: u64| user::read::<u64>(context.rsp + 0x28 + 8 * n);
    let mut arguments = [0_u64; 13];
    arguments[..4].copy_from_slice(&[context.r10, context.rdx, context.r8, context.r9]);
    let name = nt::service::name(context.rax as u32).unwrap_or("?");
    let count = nt::service::SERVICES.get(context.rax as usize).map_or(0, |service| service.args.len());
    for (n, argument) in (0..).zip(&mut arguments[4..count.max(4)]) {
        *argument = stack(n);
    }
    CALLS.fetch_add(1, Ordering::Relaxed);
    let answer = services::call(name, &arguments, &context);
    if options().trace {
        let shown: Vec<String> = arguments[..count].iter().map(|value| format!("{value:x}")).collect();
        eprintln!("{name}({}) = {answer}", shown.join(", "));
    }
    match answer {
        Answer::Status(status) => {
            host.uc_mcontext.gregs[libc::REG_RAX as usize] = status.0.into();
            let pending = exception::take_apc(&mut || {
                let mut context = save(host);
                context.rax = status.0.into();
                context
            });
            if let Some(next) = pending {
                restore(host, next);
            }
        }
        Answer::Continue(context) => restore(host, *context),
    }
}

fn trap(number: i32, info: &libc::siginfo_t, host: &mut libc::ucontext_t) {
    let mut context = save(host);
    // SAFETY: faults have an address.
    let address = unsafe { info.si_addr() }.addr() as u64;
    let error = host.uc_mcontext.gregs[libc::REG_ERR as usize].cast_unsigned();
    let page_fault = host.uc_mcontext.gregs[libc::REG_TRAPNO as usize] == 14;
    let mut record = ExceptionRecord::default();
    let code = match number {
        libc::SIGTRAP => {
            // Linux has stepped over the instruction.
            context.rip -= 1;
            NtStatus::BREAKPOINT
        }
        libc::SIGILL => NtStatus::ILLEGAL_INSTRUCTION,
        libc::SIGFPE => NtStatus::INTEGER_DIVIDE_BY_ZERO,
        _ if !page_fault && user::bytes(context.rip, 2) == [0xCD, 0x2D] => {
            exception::debug_service(&mut context);
            restore(host, context);
            return;
        }
        _ => {
            record.parameters = 2;
            let kind = if error & 16 != 0 { 8 } else { error >> 1 & 1 };
            record.information[..2].copy_from_slice(&[kind, if page_fault { address } else { u64::MAX }]);
            NtStatus::ACCESS_VIOLATION
        }
    };
    record.code = code.0;
    record.address = context.rip;
    restore(host, exception::dispatch(Entry::KiUserExceptionDispatcher, &record, &context));
}

/// Takes the signals.
pub fn install() {
    // SAFETY: the handlers are there for ever.
    unsafe {
        for signal in [libc::SIGSYS, libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGFPE, libc::SIGTRAP] {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = on_signal as *const () as usize;
            action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_NODEFER;
            libc::sigaction(signal, &raw const action, std::ptr::null_mut());
        }
    }
}

/// Our own code.
fn own_text() -> (usize, usize) {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
    let here = on_signal as *const () as usize;
    let mut ranges = maps.lines().filter_map(|line| {
        let (start, end) = line.split(' ').next()?.split_once('-')?;
        Some((usize::from_str_radix(start, 16).ok()?, usize::from_str_radix(end, 16).ok()?))
    });
    ranges.find(|(start, end)| (*start..*end).contains(&here)).unwrap_or((0, 0))
}

/// Enters the program on a new stack with RCX and RDX, as the kernel enters ntdll. The calling thread's traps are handed over
/// from now on, and GS is the TEB.
pub fn enter(teb: u64, rip: u64, rsp: u64, arguments: [u64; 2]) -> ! {
    let stack = Box::leak(vec![0_u8; HANDLER_STACK].into_boxed_slice());
    let (start, end) = own_text();
    // SAFETY: the stack for handlers is there for ever; the program has its own.
    unsafe {
        let alternate =
            libc::stack_t { ss_sp: stack.as_mut_ptr().cast(), ss_flags: 0, ss_size: HANDLER_STACK };
        libc::sigaltstack(&raw const alternate, std::ptr::null_mut());
        libc::syscall(libc::SYS_arch_prctl, SET_GS, teb);
        let on = libc::prctl(SYSCALL_USER_DISPATCH, DISPATCH_ON, start, end - start, SELECTOR.as_ptr());
        assert_eq!(on, 0, "Linux 5.11 or newer is needed");
        std::arch::asm!(
            "mov rsp, {rsp}",
            "jmp {rip}",
            rsp = in(reg) rsp,
            rip = in(reg) rip,
            in("rcx") arguments[0],
            in("rdx") arguments[1],
            options(noreturn),
        )
    }
}
