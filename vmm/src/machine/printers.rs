//! LPT1–LPT3 on the board: their registers, and the printers behind them.

use std::sync::Arc;

use super::Machine;
use crate::backends::PrintQueue;
use crate::devices::parallel::Parallel;
use crate::kvm::{Error, Vm};

/// First port and interrupt line of LPT1–LPT3, as on every PC.
pub(super) const LPTS: [(u16, usize); 3] = [(0x378, 7), (0x278, 5), (0x3BC, 7)];
/// Registers of a parallel port.
pub(super) const LPT_PORTS: u64 = 3;

/// A parallel port and its printer.
#[derive(Debug)]
pub(super) struct LptPort {
    pub(super) parallel: Parallel,
    pub(super) queue: Arc<PrintQueue>,
}

impl Machine {
    pub(super) fn lpt_write(&mut self, vm: &Vm, number: usize, offset: u8, value: u8) -> Result<(), Error> {
        let Some(lpt) = &mut self.lpts[number] else {
            return Ok(());
        };
        let effect = lpt.parallel.write(offset, value, lpt.queue.condition());
        if let Some(byte) = effect.print {
            self.stats.printed_bytes += 1;
            lpt.queue.push(byte);
        }
        if effect.end_of_job {
            lpt.queue.end_job();
        }
        if effect.interrupt { self.acknowledge(vm, number) } else { Ok(()) }
    }

    /// A printer acknowledges, and its port's interrupt is wanted.
    pub(super) fn acknowledge(&mut self, vm: &Vm, number: usize) -> Result<(), Error> {
        let (_, line) = LPTS[number];
        let msi = self.ioapic.set_line(line, true);
        // The line ACK is a pulse.
        let _ = self.ioapic.set_line(line, false);
        msi.map_or(Ok(()), |msi| vm.signal_msi(msi))
    }

    /// Printers that were busy, and are not any more, acknowledge the byte that they were busy with.
    pub(super) fn look_at_printers(&mut self, vm: &Vm) -> Result<(), Error> {
        for number in 0..self.lpts.len() {
            let done = self.lpts[number].as_ref().is_some_and(|lpt| {
                // A port that wants no interrupt stays as it is, until its driver looks or wants one.
                lpt.parallel.wants_interrupt() && lpt.queue.acknowledges()
            });
            if done {
                self.acknowledge(vm, number)?;
            }
        }
        Ok(())
    }
}
