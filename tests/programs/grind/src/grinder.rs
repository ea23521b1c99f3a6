//! A grinding thread: random calls, one after another.

use core::sync::atomic::Ordering;

use nt::NtStatus;
use nt::psinfo::{process_class, thread_class};
use nt::service::{Service, pointee};

use crate::arena::Arena;
use crate::asm::{self, ARGUMENTS};
use crate::choice::Choice;
use crate::pool;
use crate::random::Random;
use crate::record::{Record, Thread};
use crate::values::{self, Value};
use crate::{call, identity, pointers};

/// Options of NtRaiseHardError that do not stop the system: 6 is OptionShutdownSystem.
const HARMLESS_OPTIONS: u64 = 6;

/// A grinding thread.
#[derive(Debug)]
pub struct Grinder {
    random: Random,
    arena: Arena,
    choice: Choice,
    thread: &'static Thread,
    limit: u64,
}

/// Where a thread with a CONTEXT of ours goes on: it ends itself.
pub extern "win64" fn calm() -> ! {
    rt::exit_thread()
}

impl Grinder {
    /// Stream `stream` of random numbers, and the thread of a process by that number; `here` when it shares the
    /// process with who watches it.
    pub fn new(record: &'static Record, stream: usize, here: bool) -> Self {
        let seed = record.seed.load(Ordering::Relaxed);
        let ordinary = identity::is_ordinary();
        let choice = Choice::new(&mut Random::new(seed, 0), here, ordinary);
        Self {
            random: Random::new(seed, 1 + stream as u64),
            arena: Arena::of(stream),
            choice,
            thread: &record.threads[stream % record.threads.len()],
            limit: record.limit.load(Ordering::Relaxed),
        }
    }

    /// Makes its calls.
    pub fn run(&mut self) {
        self.thread.id.store(call::own_ids().1, Ordering::Relaxed);
        while self.thread.calls.load(Ordering::Relaxed) < self.limit {
            if self.random.one_in(200) {
                self.unknown()
            } else {
                self.known()
            }
            self.thread.calls.fetch_add(1, Ordering::Relaxed);
        }
        self.thread.done.store(1, Ordering::Relaxed);
    }

    /// A number that may be no service's, with any arguments.
    fn unknown(&mut self) {
        let numbers = [0x2000, 0x1_0000, 0x1_0000_0000];
        let limit = self.random.number(&numbers);
        let number = self.random.below(limit).max(nt::service::SERVICES.len() as u64);
        let arguments = core::array::from_fn(|_| pointers::any(&mut self.random, &mut self.arena));
        self.call(number, &arguments);
    }

    fn known(&mut self) {
        let service = self.choice.next(&mut self.random);
        let handles = given(service);
        let mut values = [Value { raw: 0, slot: None }; ARGUMENTS];
        for (value, &(name, kind)) in values.iter_mut().zip(service.args) {
            *value = values::argument(&mut self.random, &mut self.arena, name, kind, handles);
        }
        for value in &mut values[service.args.len().min(ARGUMENTS)..] {
            value.raw = self.random.any();
        }
        let mut arguments = values.map(|value| value.raw);
        if !identity::is_ordinary() {
            self.keep_the_system_up(service.name, &mut arguments);
        }
        let status = self.call(service.number.into(), &arguments);
        if service.number >= nt::win32k::BASE {
            self.keep_returned(status.0);
        } else if status.0 >> 30 == 0 {
            self.keep(service, &values);
        }
    }

    /// Takes the arguments away with which a process that has every privilege stops the system.
    fn keep_the_system_up(&mut self, service: &str, arguments: &mut [u64; ARGUMENTS]) {
        match service {
            "NtRaiseHardError" => arguments[4] = self.random.below(HARMLESS_OPTIONS),
            "NtSetInformationProcess" if arguments[1] as u32 == process_class::BREAK_ON_TERMINATION => {
                arguments[1] = process_class::BASE_PRIORITY.into();
            }
            "NtSetInformationThread" if arguments[1] as u32 == thread_class::BREAK_ON_TERMINATION => {
                arguments[1] = thread_class::BASE_PRIORITY.into();
            }
            _ => {}
        }
    }

    fn call(&mut self, number: u64, arguments: &[u64; ARGUMENTS]) -> NtStatus {
        let last = self.thread.begin(number, arguments);
        let status = match self.random.below(200) {
            0..=5 => asm::by_interrupt(number, arguments),
            6 => {
                let stack = pointers::any(&mut self.random, &mut self.arena);
                asm::on_stack(number, arguments, stack)
            }
            _ => asm::by_syscall(number, arguments),
        };
        last.status.store(status, Ordering::Relaxed);
        NtStatus(status as u32)
    }

    /// Keeps the handle that a service of win32k returned; a BOOL is none.
    fn keep_returned(&mut self, value: u32) {
        if value > 1 && value >> 30 == 0 {
            let object = self.random.below(13) as usize;
            if let Some(old) = pool::keep_handle(&mut self.random, object, value.into()) {
                rt::close(old);
            }
        }
    }

    /// Keeps the handles and addresses that a call gave back.
    fn keep(&mut self, service: &Service, values: &[Value]) {
        for (value, &(name, kind)) in values.iter().zip(service.args) {
            let Some(slot) = value.slot else { continue };
            match (pointee(kind), pool::kind_of(name)) {
                (Some("Handle"), object) => {
                    let object = object.unwrap_or_else(|| self.random.below(13) as usize);
                    if let Some(old) = pool::keep_handle(&mut self.random, object, slot.get(0)) {
                        rt::close(old);
                    }
                }
                (Some("u64"), _) if name == "base" => pool::keep_address(&mut self.random, slot.get(0)),
                _ => {}
            }
        }
    }
}

/// The kind of object that a service is about: that of the first handle it takes or gives.
fn given(service: &Service) -> Option<usize> {
    let handles = service.args.iter().filter(|(_, kind)| kind.contains("Handle"));
    handles.into_iter().find_map(|(name, _)| pool::kind_of(name))
}
