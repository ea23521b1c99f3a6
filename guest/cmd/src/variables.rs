//! Environment variables, and `set`.

use alloc::string::String;
use alloc::vec::Vec;

use shellcore::Command;

use crate::failure::{Done, Failure};
use crate::out::{Out, say};
use crate::paths::{narrow, wide};
use crate::shell::Shell;

/// Variables in order of their names, whatever their case.
#[derive(Debug, Default)]
pub struct Variables(Vec<(String, String)>);

impl Variables {
    /// Those that the process was given.
    pub fn own() -> Self {
        let mut variables = Self::default();
        let block = rt::own::environment();
        for line in block.split(|&unit| unit == 0).filter(|line| !line.is_empty()) {
            let line = narrow(line);
            // The names of the drives' current directories begin with `=`.
            if let Some(at) = line.char_indices().skip(1).find_map(|(at, sign)| (sign == '=').then_some(at)) {
                variables.set(&line[..at], &line[at + 1..]);
            }
        }
        variables
    }

    /// What a variable says.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// Sets a variable; an empty value takes it away.
    pub fn set(&mut self, name: &str, value: &str) {
        self.0.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        if !value.is_empty() {
            let key = name.to_ascii_uppercase();
            let at = self.0.partition_point(|(other, _)| other.to_ascii_uppercase() < key);
            self.0.insert(at, (name.into(), value.into()));
        }
    }

    /// As a process is given them.
    pub fn block(&self) -> Vec<u16> {
        let mut block = Vec::new();
        for (name, value) in &self.0 {
            block.extend(wide(name));
            block.push(u16::from(b'='));
            block.extend(wide(value));
            block.push(0);
        }
        if block.is_empty() {
            block.push(0);
        }
        block.push(0);
        block
    }
}

/// `set`, `set PREFIX`, `set NAME=VALUE`, `set NAME=`.
pub fn set(shell: &mut Shell, command: &Command, out: &mut Out) -> Done {
    let tail = command.tail.trim().trim_matches('"');
    if let Some((name, value)) = tail.split_once('=') {
        if name.is_empty() {
            return Err(Failure::usage("set [NAME[=VALUE]]"));
        }
        shell.variables.set(name, value);
        return Ok(());
    }
    let mut any = false;
    for (name, value) in &shell.variables.0 {
        let begins = name.get(..tail.len()).is_some_and(|start| start.eq_ignore_ascii_case(tail));
        if begins && !name.starts_with('=') {
            any = true;
            say!(out, "{name}={value}");
        }
    }
    if any || tail.is_empty() { Ok(()) } else { Err(Failure::new("there is no such variable")) }
}
