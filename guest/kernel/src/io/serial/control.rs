//! The control codes of `ntddser.h`.

use hal::cell::KernelCell;
use hal::platform;
use nt::NtStatus;
use nt::serial::{PURGE_RXABORT, PURGE_RXCLEAR, PURGE_TXABORT, control, event, flow};
use serialcore::{LineControl, Timeouts, divisor};

use super::port::{Answers, Port, Stats, Write};
use super::uart::{self, MCR_DTR, MCR_RTS};
use super::{query, requests};
use crate::io::irp::{Completion, Irp, Outcome, Request};
use crate::ke::clock;

/// Largest input buffer that somebody may have, in bytes.
const LARGEST_BUFFER: u32 = 64 << 10;

/// IRP_MJ_DEVICE_CONTROL.
pub fn control(cell: &'static KernelCell<Port>, irp: Irp) -> Outcome {
    let Request::Control { code, input, output_length } = &irp.request else {
        return NtStatus::INVALID_DEVICE_REQUEST.into();
    };
    match *code {
        control::WAIT_ON_MASK => return wait_on_mask(cell, irp),
        control::IMMEDIATE_CHAR => return immediate(cell, irp),
        _ => {}
    }
    let mut answers = Answers::new();
    let mut port = cell.lock();
    let result = match get(&mut port, *code) {
        Some(output) if output.output.as_bytes().len() > *output_length as usize => {
            Err(NtStatus::BUFFER_TOO_SMALL)
        }
        Some(output) => Ok(output),
        None => set(&mut port, *code, input, &mut answers).map(|()| Completion::done(0)),
    };
    port.settle(clock::interrupt_time(), &mut answers);
    drop(port);
    requests::answer(answers);
    result.unwrap_or_else(Completion::from).into()
}

/// Codes that only ask.
fn get(port: &mut Port, code: u32) -> Option<Completion> {
    let LineControl { stop_bits, parity, word_length } = port.line;
    Some(match code {
        control::GET_BAUD_RATE => query::number(port.baud),
        control::GET_LINE_CONTROL => query::bytes([stop_bits, parity, word_length].into()),
        control::GET_TIMEOUTS => query::numbers(&port.timeouts.fields()),
        control::GET_CHARS => query::bytes(port.chars.into()),
        control::GET_HANDFLOW => query::numbers(&port.flow),
        control::GET_WAIT_MASK => query::number(port.wait_mask),
        control::GET_DTRRTS => query::number((port.mcr & (MCR_DTR | MCR_RTS)).into()),
        control::GET_MODEMSTATUS => {
            let status = port.registers().read_u8(uart::MSR);
            port.note_modem(status);
            query::number(status.into())
        }
        control::GET_COMMSTATUS => query::status(port),
        control::GET_PROPERTIES => query::properties(port),
        control::GET_STATS => query::stats(port),
        _ => return None,
    })
}

/// Codes that change something.
fn set(port: &mut Port, code: u32, input: &[u8], answers: &mut Answers) -> Result<(), NtStatus> {
    match code {
        control::SET_BAUD_RATE => {
            let [baud] = words(input)?;
            divisor(baud).ok_or(NtStatus::INVALID_PARAMETER)?;
            port.baud = baud;
            port.program_line();
        }
        control::SET_LINE_CONTROL => {
            let &[stop_bits, parity, word_length] =
                input.first_chunk::<3>().ok_or(NtStatus::BUFFER_TOO_SMALL)?;
            let line = LineControl { stop_bits, parity, word_length };
            line.register().ok_or(NtStatus::INVALID_PARAMETER)?;
            port.line = line;
            port.program_line();
        }
        control::SET_TIMEOUTS => {
            port.timeouts = Timeouts::from_fields(words(input)?).ok_or(NtStatus::INVALID_PARAMETER)?;
        }
        control::SET_QUEUE_SIZE => {
            let [size, _] = words(input)?;
            let has = (port.input.len() + port.input.room()) as u32;
            // As in NT, a smaller buffer than there is changes nothing.
            if size > has {
                port.input.set_limit(size.min(LARGEST_BUFFER) as usize);
            }
        }
        control::SET_CHARS => {
            port.chars = *input.first_chunk().ok_or(NtStatus::BUFFER_TOO_SMALL)?;
        }
        control::SET_HANDFLOW => set_flow(port, words(input)?)?,
        control::SET_BREAK_ON => port.set_break(true),
        control::SET_BREAK_OFF => port.set_break(false),
        control::SET_DTR => port.set_modem_control(port.mcr | MCR_DTR),
        control::CLR_DTR => port.set_modem_control(port.mcr & !MCR_DTR),
        // RTS is not the caller's while it follows the input.
        control::SET_RTS | control::CLR_RTS if port.flow[1] & flow::RTS_HANDSHAKE != 0 => {
            return Err(NtStatus::INVALID_PARAMETER);
        }
        control::SET_RTS => port.set_modem_control(port.mcr | MCR_RTS),
        control::CLR_RTS => port.set_modem_control(port.mcr & !MCR_RTS),
        control::SET_WAIT_MASK => {
            let [mask] = words(input)?;
            if mask & !event::ALL != 0 {
                return Err(NtStatus::INVALID_PARAMETER);
            }
            port.wait_mask = mask;
            port.events = 0;
            if let Some(wait) = port.wait.take() {
                answers.push((wait, query::number(0)));
            }
        }
        control::PURGE => purge(port, words(input)?, answers)?,
        control::CLEAR_STATS => port.stats = Stats::default(),
        control::RESET_DEVICE => port.set_break(false),
        _ => return Err(NtStatus::INVALID_DEVICE_REQUEST),
    }
    Ok(())
}

/// DTR and RTS may be up, down, or, RTS, follow the input; nothing else is known.
fn set_flow(port: &mut Port, wanted: [u32; 4]) -> Result<(), NtStatus> {
    let [control, replace, ..] = wanted;
    let known =
        control & !flow::DTR_CONTROL == 0 && matches!(replace, 0 | flow::RTS_CONTROL | flow::RTS_HANDSHAKE);
    if !known {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    port.flow = wanted;
    let dtr = if control & flow::DTR_CONTROL != 0 { MCR_DTR } else { 0 };
    let is_held = replace == flow::RTS_HANDSHAKE && port.input.room() == 0;
    let rts = if replace != 0 && !is_held { MCR_RTS } else { 0 };
    port.set_modem_control(port.mcr & !(MCR_DTR | MCR_RTS) | dtr | rts);
    Ok(())
}

/// IOCTL_SERIAL_PURGE. Nothing waits in the driver to be sent but writes, so forgetting it is ending them.
fn purge(port: &mut Port, [what]: [u32; 1], answers: &mut Answers) -> Result<(), NtStatus> {
    if what == 0 || what > 0xF {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    if what & PURGE_RXABORT != 0 {
        answers.extend(port.reads.drain(..).map(|read| (read.request, NtStatus::CANCELLED.into())));
    }
    if what & PURGE_TXABORT != 0 {
        answers.extend(port.writes.drain(..).map(|write| (write.request, NtStatus::CANCELLED.into())));
    }
    if what & PURGE_RXCLEAR != 0 {
        port.input.clear();
    }
    Ok(())
}

/// IOCTL_SERIAL_WAIT_ON_MASK: one at a time, and only for a mask.
fn wait_on_mask(cell: &'static KernelCell<Port>, irp: Irp) -> Outcome {
    let Request::Control { output_length, .. } = irp.request else {
        return NtStatus::INVALID_DEVICE_REQUEST.into();
    };
    if output_length < 4 {
        return NtStatus::BUFFER_TOO_SMALL.into();
    }
    let port = cell.lock();
    let refused = port.wait.is_some() || port.wait_mask == 0;
    drop(port);
    if refused {
        return NtStatus::INVALID_PARAMETER.into();
    }
    let (wait, ticket) = irp.pend();
    cell.lock().wait = Some(wait);
    requests::look(cell);
    Outcome::Pending(ticket)
}

/// IOCTL_SERIAL_IMMEDIATE_CHAR.
fn immediate(cell: &'static KernelCell<Port>, irp: Irp) -> Outcome {
    let Request::Control { input, .. } = &irp.request else {
        return NtStatus::INVALID_DEVICE_REQUEST.into();
    };
    let [byte] = input[..] else {
        return NtStatus::INVALID_PARAMETER.into();
    };
    let port = cell.lock();
    let (has_bulk, target) = (port.has_bulk, port.number() as u16);
    drop(port);
    if has_bulk {
        platform::bulk_transmit(target, &[byte]);
        return Completion::done(0).into();
    }
    let (request, ticket) = irp.pend();
    let mut port = cell.lock();
    port.writes.push_front(Write { request, sent: 0, end: None });
    port.want_transmitter();
    Outcome::Pending(ticket)
}

/// Numbers of 32 bits.
fn words<const N: usize>(input: &[u8]) -> Result<[u32; N], NtStatus> {
    let (chunks, _) = input.as_chunks::<4>();
    let chunks = chunks.first_chunk::<N>().ok_or(NtStatus::BUFFER_TOO_SMALL)?;
    Ok(chunks.map(u32::from_le_bytes))
}
