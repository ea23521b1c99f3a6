//! Where threads begin: the kernel enters `LdrInitializeThunk` with the context that the thread is to go on with. The
//! first thread loads what the program needs; each one gets its thread-local storage, and DLLs hear of it.
//!
//! A program that needs ntdll only comes to its entry point with two system calls, the process heap and `NtContinue`, and two more
//! if its import address table lies in a section that cannot be written to.
#![expect(unsafe_code, reason = "entered by the kernel; fills the PEB")]

use core::arch::naked_asm;
use core::ptr::with_exposed_provenance_mut;
use core::sync::atomic::{AtomicBool, Ordering};

use nt::NtStatus;
use nt::layout::parameters;
use nt::types::{Boolean, Context, Handle, UserPtr};
use pe::Image;

use super::data::flags;
use super::lock::{LOADER_LOCK, Loader};
use super::search::{Path, parameter, system_root};
use super::text::Text;
use super::{entries, image, notify, relocate, report};
use crate::heap;
use crate::heap::create::RtlCreateHeap;
use crate::peb::{Bitmap, Peb, TLS_SLOTS, peb};
use crate::rtl::process::parameters::RtlNormalizeProcessParams;
use crate::stubs::{NtContinue, NtTerminateProcess};
use crate::sync::CriticalSection;

/// Whether the first thread has been here.
static STARTED: AtomicBool = AtomicBool::new(false);
/// `PEB.FastPebLock`.
static PEB_LOCK: CriticalSection = CriticalSection::new();

/// `PEB.TlsBitmap`.
struct TlsBitmap(core::cell::UnsafeCell<Bitmap>);

// SAFETY: it is written to once, before there is a second thread; who uses its bits takes the PEB lock.
unsafe impl Sync for TlsBitmap {}

static TLS_BITMAP: TlsBitmap =
    TlsBitmap(core::cell::UnsafeCell::new(Bitmap { size: TLS_SLOTS, buffer: core::ptr::null_mut() }));

unsafe extern "C" {
    /// The linker's: where this library lies.
    static __ImageBase: u8;
}

/// First code of every thread. RCX is the CONTEXT that it goes on with. It is not called, and does not return.
///
/// # Safety
/// The kernel enters it.
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "win64" fn LdrInitializeThunk() -> ! {
    naked_asm!("and rsp, -16", "sub rsp, 32", "call {initialise}", "int3", initialise = sym initialise)
}

/// # Safety
/// `context` is that which the kernel has made for this thread.
unsafe extern "win64" fn initialise(context: *mut Context) -> ! {
    let mut loader = Loader::lock();
    let begun = if STARTED.swap(true, Ordering::Relaxed) {
        let begun = loader.begin_thread_tls();
        if begun.is_ok() {
            loader.tell_of_thread(notify::THREAD_ATTACH);
        }
        begun
    } else {
        loader.start_process(context)
    };
    drop(loader);
    let status = match begun {
        // SAFETY: the context is the kernel's.
        Ok(()) => unsafe { NtContinue(UserPtr::new(context.expose_provenance() as u64), Boolean(1)) },
        Err(status) => status,
    };
    loop {
        // SAFETY: it takes no pointers.
        unsafe { NtTerminateProcess(Handle::CURRENT_PROCESS, status) };
    }
}

impl Loader {
    /// Makes the process's heap, locks and modules, and tells the modules of it.
    fn start_process(&mut self, context: *mut Context) -> Result<(), NtStatus> {
        // SAFETY: no memory is given, and no lock.
        let heap = unsafe { RtlCreateHeap(heap::GROWABLE, 0, 0, 0, core::ptr::null(), core::ptr::null()) };
        if heap == 0 {
            return Err(NtStatus::NO_MEMORY);
        }
        let peb = peb();
        fill_peb(peb, heap);
        // SAFETY: whoever made the process has put its parameters there; made by another process, their strings are
        // offsets (spec/smss.md 7.1).
        unsafe { RtlNormalizeProcessParams(with_exposed_provenance_mut((*peb).process_parameters as usize)) };
        self.begin();
        // SAFETY: the kernel has mapped the program, and written where into the PEB.
        let (base, debugged) = unsafe { ((*peb).image_base_address, (*peb).being_debugged != 0) };
        // SAFETY: the kernel has mapped the program there.
        let program = unsafe { image::mapped(base) }?;
        let module = self.add(&program, base, parameter(parameters::IMAGE_PATH_NAME))?;
        self.add_self()?;
        relocate::relocate(&program, base)?;
        follow(&program, base, context);
        let bound = self.bind(module, &program, &Path::Process);
        bound.and_then(|()| self.add_tls(module))?;
        self.pin_all();
        self.begin_thread_tls()?;
        if debugged {
            crate::thread::debug::break_point();
        }
        self.initialise(context.expose_provenance() as u64)?;
        notify::call_tls(module, notify::PROCESS_ATTACH, context.expose_provenance() as u64);
        // SAFETY: the lock is ours.
        unsafe { (*entries::data()).initialized = 1 };
        report::process_started();
        Ok(())
    }

    /// This library is a module like others, but needs nothing and has no entry point.
    fn add_self(&mut self) -> Result<(), NtStatus> {
        let base = (&raw const __ImageBase).expose_provenance() as u64;
        // SAFETY: this library lies there.
        let own = unsafe { image::mapped(base) }?;
        let mut path = Text::new();
        path.push(system_root().take_while(|&unit| unit != 0))?;
        path.push_ascii(br"\System32\ntdll.dll")?;
        let module = self.add(&own, base, path.units())?;
        self.add_to_initialization(module);
        // SAFETY: the module is sound.
        unsafe { (*module).flags |= flags::ENTRY_PROCESSED };
        Ok(())
    }
}

/// Lets the first thread begin where the program's entry point is. Whoever made the thread knew the address that the
/// program was linked for (`SECTION_IMAGE_INFORMATION.TransferAddress`), which need not be the one that it lies at. The
/// kernel's first thread begins there itself, one of `RtlCreateUserThread` gets there through `RtlUserThreadStart`.
fn follow(program: &Image<'_>, base: u64, context: *mut Context) {
    let Some(entry) = program.entry().map(u64::from) else { return };
    let linked = program.image_base().wrapping_add(entry);
    // SAFETY: the context is the kernel's, on this thread's stack.
    let context = unsafe { &mut *context };
    for start in [&mut context.rip, &mut context.rcx] {
        if *start == linked {
            *start = base.wrapping_add(entry);
        }
    }
}

fn fill_peb(peb: *mut Peb, heap: u64) {
    // SAFETY: the PEB lives as long as the process, and there is no second thread yet.
    unsafe {
        (*peb).process_heap = heap;
        (*peb).fast_peb_lock = (&raw const PEB_LOCK).cast_mut();
        (*peb).loader_lock = (&raw const LOADER_LOCK).cast_mut();
        let bitmap = TLS_BITMAP.0.get();
        (*bitmap).buffer = (&raw mut (*peb).tls_bitmap_bits).cast();
        (*peb).tls_bitmap = bitmap;
    }
}
