//! A child from its beginning to its end.

use core::sync::atomic::Ordering;

use nt::types::Handle;

use crate::account;
use crate::arena::THREADS;
use crate::call::{self, Result};
use crate::child;
use crate::record::Record;
use crate::report;

/// Time between two looks, in 100 ns.
const LOOK: u32 = 20_000;
/// Looks without a call until a thread counts as blocked, and until it must have ended after it was told to.
const PATIENCE: u32 = 6;
const END: u32 = 400;
/// Stack of a child's first thread.
const STACK: u64 = 0x1_0000;

/// What children are made of.
#[derive(Debug)]
pub struct Mould {
    image: Handle,
    entry: u64,
    section: Handle,
    /// The record that is shared with the child.
    pub record: &'static Record,
    path: &'static [u16],
    line: &'static [u16],
    token: Handle,
}

/// How a child ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It is gone.
    Gone,
    /// A thread or the process could not be ended.
    Immortal,
}

impl Mould {
    /// Of this program.
    pub fn new() -> Result<Self> {
        let path = nt::wide!(r"\SystemRoot\System32\grind.exe");
        let image = call::image_section(path)?;
        let entry = call::image_information(image)?.transfer_address;
        let section = call::section(size_of::<Record>() as u64)?;
        let record = call::record_at(call::map(section, Handle::CURRENT_PROCESS, 0)?);
        Ok(Self {
            image,
            entry,
            section,
            record,
            path,
            line: nt::wide!("grind child"),
            token: account::user_token()?,
        })
    }

    /// Starts a child that makes `limit` calls in each thread, as an ordinary user or as who this process is.
    pub fn start(&self, seed: u64, limit: u64, ordinary: bool) -> Result<Handle> {
        self.record.begin(seed, limit, ordinary);
        let process = call::process(self.image)?;
        let token = if ordinary { account::give_token(process, self.token) } else { Ok(()) };
        let started = token.and_then(|()| self.fill(process));
        if let Err(status) = started {
            call::terminate_process(process);
            rt::close(process);
            return Err(status);
        }
        Ok(process)
    }

    fn fill(&self, process: Handle) -> Result<()> {
        call::map(self.section, process, child::RECORD)?;
        let page = call::allocate(process, 0x1000, 0x1000)?;
        call::parameters(process, page, self.path, self.line)?;
        let stack = call::allocate(process, STACK, STACK)?;
        rt::close(call::thread(process, self.entry, stack, STACK)?);
        Ok(())
    }

    /// Watches a child until it is gone: ends its threads when they block, and the rest of it when they are done.
    pub fn watch(&self, process: Handle) -> End {
        let id = call::process_id(process).unwrap_or(0);
        let (mut before, mut still, mut told) = ([u64::MAX; THREADS], [0; THREADS], [false; THREADS]);
        let mut killed = 0;
        while !call::wait(process, LOOK) {
            let mut busy = false;
            for (index, thread) in self.record.threads.iter().enumerate() {
                let now = thread.calls.load(Ordering::Relaxed);
                still[index] = if now == before[index] { still[index] + 1 } else { 0 };
                before[index] = now;
                let over = told[index] || thread.done.load(Ordering::Relaxed) != 0;
                busy |= !over;
                if !over && still[index] > PATIENCE {
                    told[index] = true;
                    end_thread(id, thread.id.load(Ordering::Relaxed));
                }
            }
            if busy {
                continue;
            }
            // Threads of its own making may keep it alive.
            killed += 1;
            if killed == PATIENCE {
                call::terminate_process(process);
            }
            if killed > END {
                self.record.threads.iter().for_each(report::last_calls);
                return End::Immortal;
            }
        }
        End::Gone
    }
}

/// Ends a thread, if there still is one.
fn end_thread(process: u64, thread: u64) {
    if let Ok(handle) = call::open_thread(process, thread) {
        call::terminate_thread(handle);
        rt::close(handle);
    }
}
