//! The interrupts of the ports. COM1 and COM3 share a line, and so do COM2 and COM4.

use hal::ioapic::Trigger;
use nt::platform::COM_PORTS;

use super::port::Answers;
use super::requests::answer;
use super::{COUNT, PORTS};
use crate::io::interrupt;
use crate::ke::clock;

/// A line has been connected when one of its ports was opened first.
pub fn connect(number: usize) {
    let Some(&(_, line)) = COM_PORTS.get(number) else { return };
    let shares = |other: usize| COM_PORTS.get(other).is_some_and(|&(_, of_other)| of_other == line);
    let is_connected = (0..COUNT).any(|other| shares(other) && PORTS[other].lock().is_connected);
    PORTS[number].lock().is_connected = true;
    if !is_connected {
        interrupt::connect(line, Trigger::Edge, raised, line.into());
    }
}

/// Serves the ports of a line.
fn raised(line: usize) {
    let mut answers = Answers::new();
    let now = clock::interrupt_time();
    // An edge comes only if the line has been low: if several share it, all must want nothing.
    loop {
        let mut open = 0;
        let mut any = false;
        for cell in &PORTS {
            let mut port = cell.lock();
            let is_its =
                COM_PORTS.get(port.number()).is_some_and(|&(_, of_port)| usize::from(of_port) == line);
            if port.is_open && is_its {
                open += 1;
                any |= port.service();
                port.settle(now, &mut answers);
            }
        }
        if open < 2 || !any {
            break;
        }
    }
    answer(answers);
}
