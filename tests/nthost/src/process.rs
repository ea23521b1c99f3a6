//! The process: PEB, parameters, images, first thread.

use std::convert::Infallible;
use std::sync::atomic::Ordering;

use nt::layout::{parameters, peb};
use nt::memory::{MEM_PRIVATE, PAGE_READONLY, PAGE_READWRITE};
use nt::types::{Context, InitialTeb};
use nt::{NtStatus, dispatch, kuser};
use pe::{Export, Image};
use zerocopy::FromZeros;

use crate::args::Options;
use crate::world::{ENTRIES, NTDLL, World, options, set_options, world};
use crate::{signal, thread, user};

const STACK_TOP: u64 = 0x7FFB_0000;
const STACK_SIZE: u64 = 0x4_0000;
const PARAMETERS: u64 = 0x7FFB_0000;
/// RSP at an entry point: as after a call.
const ENTRY_FRAME: u64 = 0x28;

fn status(what: &str) -> impl Fn(NtStatus) -> String {
    move |status| format!("{what}: {:08x}", status.0)
}

/// Runs a program until it ends.
pub fn run(options: Options) -> Result<Infallible, String> {
    set_options(options);
    let mut world = world();
    let ntdll = read("ntdll.dll")?;
    let program = read(&self::options().program)?;
    let image = Image::parse(&program).map_err(|error| error.to_string())?;
    let base = world.map_image(&ntdll).map_err(status("ntdll.dll"))?;
    NTDLL.store(base, Ordering::Relaxed);
    find_entries(&ntdll, base)?;
    let program_base = world.map_image(&program).map_err(status("the program"))?;
    let entry = image.entry().ok_or("the program has no entry point")?;
    world.make_blocks(program_base).map_err(status("PEB"))?;
    let stack = world.make_stack().map_err(status("stack"))?;
    world.next_teb = peb::ADDRESS;
    let (teb, _) = world.make_teb(&stack).map_err(status("TEB"))?;
    drop(world);
    signal::install();
    let mut context = Context::new_zeroed();
    context.context_flags = dispatch::context_flags::FULL;
    context.rip = program_base + u64::from(entry);
    context.rsp = stack.stack_base - ENTRY_FRAME;
    context.rcx = peb::ADDRESS;
    context.eflags = 0x202;
    context.mx_csr = 0x1F80;
    context.fp[..2].copy_from_slice(&0x27F_u16.to_le_bytes());
    context.fp[24..28].copy_from_slice(&0x1F80_u32.to_le_bytes());
    thread::begin(teb, context)
}

fn read(name: &str) -> Result<Vec<u8>, String> {
    let path = options().folder.join(name);
    std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))
}

fn find_entries(ntdll: &[u8], base: u64) -> Result<(), String> {
    let image = Image::parse(ntdll).map_err(|error| error.to_string())?;
    let exports = image.exports().map_err(|error| error.to_string())?.ok_or("ntdll.dll exports nothing")?;
    for (name, entry) in dispatch::ENTRIES.iter().zip(&ENTRIES) {
        if let Ok(Some(Export::Address(rva))) = exports.by_name(name.as_bytes()) {
            entry.store(base + u64::from(rva), Ordering::Relaxed);
        }
    }
    Ok(())
}

impl World {
    /// KUSER_SHARED_DATA, PEB and parameters.
    fn make_blocks(&mut self, image: u64) -> Result<(), NtStatus> {
        let mut page = |address: u64, protect: u32, fill: &dyn Fn()| {
            self.space.reserve(address, 4096, MEM_PRIVATE)?;
            self.space.set(address, 4096, PAGE_READWRITE)?;
            fill();
            self.space.set(address, 4096, protect)
        };
        page(kuser::USER_ADDRESS, PAGE_READONLY, &|| {
            let root: Vec<u8> = r"C:\Windows".encode_utf16().flat_map(u16::to_le_bytes).collect();
            user::write_bytes(kuser::USER_ADDRESS + kuser::offset::NT_SYSTEM_ROOT as u64, &root);
        })?;
        page(peb::ADDRESS, PAGE_READWRITE, &|| {
            user::write(peb::ADDRESS + peb::MUTANT, u64::MAX);
            user::write(peb::ADDRESS + peb::IMAGE_BASE_ADDRESS, image);
            user::write(peb::ADDRESS + peb::PROCESS_PARAMETERS, PARAMETERS);
            user::write(peb::ADDRESS + peb::NUMBER_OF_PROCESSORS, 1_u32);
            user::write(peb::ADDRESS + peb::OS_MAJOR_VERSION, [5_u32, 2]);
        })?;
        page(PARAMETERS, PAGE_READWRITE, &|| {
            let mut at = PARAMETERS + parameters::SIZE as u64;
            let mut string = |offset: usize, text: &str| {
                let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
                let len = bytes.len() as u16;
                user::write(PARAMETERS + offset as u64, len);
                user::write(PARAMETERS + offset as u64 + 2, len + 2);
                user::write(PARAMETERS + offset as u64 + 8, at);
                user::write_bytes(at, &bytes);
                at += bytes.len() as u64 + 2;
            };
            string(parameters::CURRENT_DIRECTORY, r"C:\Windows");
            string(parameters::DLL_PATH, r"C:\Windows\System32");
            string(parameters::IMAGE_PATH_NAME, &format!(r"\SystemRoot\System32\{}", options().program));
            string(parameters::COMMAND_LINE, &options().command_line);
            user::write(PARAMETERS + parameters::ENVIRONMENT as u64, at);
            user::write(PARAMETERS + parameters::FLAGS as u64, parameters::FLAG_NORMALISED);
        })?;
        Ok(())
    }

    fn make_stack(&mut self) -> Result<InitialTeb, NtStatus> {
        let limit = STACK_TOP - STACK_SIZE;
        self.space.reserve(limit, STACK_SIZE, MEM_PRIVATE)?;
        // All but the guard page, which stands for the end of a stack that cannot grow.
        self.space.set(limit + 0x1000, STACK_SIZE - 0x1000, PAGE_READWRITE)?;
        Ok(InitialTeb {
            stack_base: STACK_TOP,
            stack_limit: limit + 0x1000,
            allocated_stack_base: limit,
            ..InitialTeb::default()
        })
    }
}
