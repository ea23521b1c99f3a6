//! The session manager, the first user program (spec/smss.md 1.3). What it does, in which order, is data: [`release`].
//! A step that must not fail ends in [`fatal`]; after the last one the session manager waits for as long as the
//! system lives.
#![cfg_attr(target_os = "windows", no_std, no_main)]

extern crate alloc;

mod descriptors;
mod environment;
mod fatal;
mod init;
mod initial;
mod programs;
mod release;
mod settings;
mod sm;
mod subsystem;
mod wait;

use nt::{NtStatus, events};

use crate::fatal::Fatal;
use crate::init::Init;
use crate::release::Release;
use crate::sm::csr;

rt::program!(start);

fn start(_peb: usize) -> NtStatus {
    rt::trace(events::SMSS_START, b'I', [0; 2], "");
    rt::session::on_exception(fatal::stop_for_exception);
    rt::display("Session Manager 5.2\n");
    let release = Release::of(rt::own::major_version());
    let mut init = match Init::new(release) {
        Ok(init) => init,
        Err(status) => fatal::stop(Fatal::Initialization, status),
    };
    if let Err(status) = init.run() {
        fatal::stop(Fatal::Initialization, status);
    }
    let others = csr::put_off();
    match initial::start(&init) {
        Ok(initial) => wait::for_ever(&initial, others),
        Err(status) => fatal::stop(Fatal::InitialCommand, status),
    }
}
