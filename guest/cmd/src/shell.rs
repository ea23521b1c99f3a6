//! Lines become actions.

use alloc::format;
use alloc::rc::Rc;
use alloc::string::String;

use nt::file::{access, disposition, option};
use shellcore::{Command, Output, SyntaxError, expand, parse};

use crate::console::Console;
use crate::failure::{About, Done};
use crate::out::{Out, say};
use crate::variables::Variables;
use crate::{files, folders, help, objects, paths, power, registry, run, system, tasks, variables};

/// The shell's state.
pub struct Shell {
    pub console: Console,
    pub variables: Variables,
    /// Exit code of the last command.
    pub code: u32,
    /// `exit` was said.
    pub is_over: bool,
}

impl Shell {
    /// A shell with its process's environment.
    pub fn new(console: Console) -> Self {
        Self { console, variables: Variables::own(), code: 0, is_over: false }
    }

    /// What stands before the line that is typed: the current directory.
    pub fn prompt(&self) -> String {
        let current = paths::narrow(&rt::path::current());
        let shown = if current.len() > 3 { current.trim_end_matches('\\') } else { &current };
        format!("{shown}>")
    }

    /// Does what a line says.
    pub fn line(&mut self, line: &str) {
        let line = expand(line, |name| self.variable(name));
        match parse(&line) {
            Ok(commands) => {
                for command in commands {
                    if self.is_over {
                        break;
                    }
                    self.command(&command);
                }
            }
            Err(error) => {
                self.code = 1;
                self.complain(&syntax(error));
            }
        }
    }

    fn variable(&self, name: &str) -> Option<String> {
        match name {
            _ if name.eq_ignore_ascii_case("errorlevel") => Some(format!("{}", self.code)),
            _ if name.eq_ignore_ascii_case("cd") => {
                Some(paths::narrow(&rt::path::current()).trim_end_matches('\\').into())
            }
            _ => self.variables.get(name).map(Into::into),
        }
    }

    fn command(&mut self, command: &Command) {
        let result = self.redirected(command);
        self.code = match result {
            Ok(()) => 0,
            Err(failure) => {
                self.complain(&format!("{}: {}", command.name, failure.text));
                failure.code
            }
        };
    }

    /// Runs a command with its output where it is to go.
    fn redirected(&mut self, command: &Command) -> Done {
        let (mut out, place) = match &command.output {
            None => (Out::new(self.console.port(), false), "COM1"),
            Some(Output { path, append }) => {
                let (right, how) = match append {
                    true => (access::APPEND_DATA, disposition::OPEN_IF),
                    false => (access::WRITE_DATA, disposition::OVERWRITE_IF),
                };
                let file = paths::open(path, right, how, option::NON_DIRECTORY_FILE)?;
                (Out::new(Rc::new(file), *append), path.as_str())
            }
        };
        let result = self.dispatch(command, &mut out);
        out.finish().about(place)?;
        result
    }

    fn dispatch(&mut self, command: &Command, out: &mut Out) -> Done {
        let name = command.name.to_ascii_lowercase();
        match name.as_str() {
            "cd" | "chdir" => folders::change(command, out),
            "cls" => {
                out.bytes(b"\x1b[2J\x1b[H");
                Ok(())
            }
            "copy" => files::copy(command, out),
            "del" | "erase" => files::delete(command),
            "dir" => folders::list(command, out),
            "echo" => {
                say!(out, "{}", command.tail);
                Ok(())
            }
            "exit" => power::exit(self, command),
            "help" => help::show(command, out),
            "md" | "mkdir" => folders::make(command),
            "mem" => system::memory(out),
            "more" | "type" => files::show(command, out),
            "objdir" => objects::list(command, out),
            "rd" | "rmdir" => folders::remove(command),
            "reg" => registry::reg(command, out),
            "rem" => Ok(()),
            "ren" | "rename" => files::rename(command),
            "set" => variables::set(self, command, out),
            "shutdown" => power::shutdown(self, command),
            "subst" => objects::subst(command, out),
            "taskkill" => tasks::kill(command, out),
            "tasklist" => tasks::list(out),
            "ver" => system::version(out),
            _ => match name.as_bytes() {
                [letter, b':'] if letter.is_ascii_alphabetic() => folders::drive(&command.name),
                _ => run::program(self, command),
            },
        }
    }

    /// Says what went wrong.
    fn complain(&self, text: &str) {
        self.console.show(format!("{text}\r\n").as_bytes());
    }
}

fn syntax(error: SyntaxError) -> String {
    match error {
        SyntaxError::Missing(sign) => format!("nothing stands behind {sign}"),
        SyntaxError::Twice(sign) => format!("{sign} stands twice"),
    }
}
