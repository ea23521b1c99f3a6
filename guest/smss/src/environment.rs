//! The default environment: that of every program the session manager starts (spec/smss.md 2.1).

use alloc::vec::Vec;

use nt::NtStatus;
use rtlcore::{Cut, environment};

const PERCENT: u16 = b'%' as u16;

/// An environment block with the empty string that ends it.
#[derive(Clone, Debug)]
pub struct Environment(Vec<u16>);

impl Environment {
    /// A copy of the session manager's own.
    pub fn own() -> Self {
        Self(rt::own::environment())
    }

    /// The block, with its end.
    pub fn block(&self) -> &[u16] {
        &self.0
    }

    /// A variable's value, whatever the case of its name.
    pub fn get(&self, name: &[u16]) -> Option<&[u16]> {
        environment::find(&self.0, name).map(|variable| variable.value)
    }

    /// Sets a variable.
    ///
    /// # Errors
    /// INVALID_PARAMETER: there can be no variable of that name.
    pub fn set(&mut self, name: &[u16], value: &[u16]) -> Result<(), NtStatus> {
        // A value ends at its first NUL, as everywhere.
        let value = value.split(|&unit| unit == 0).next().unwrap_or_default();
        // The last NUL is the end of the block, behind all changes.
        let len = self.0.len() - 1;
        let block = self.0.get(..len).unwrap_or_default();
        let change = environment::plan(block, name, Some(value))?;
        let after = change.len_after(len);
        self.0.resize(after.max(len), 0);
        change.apply(&mut self.0, len, name, Some(value));
        self.0.truncate(after);
        self.0.push(0);
        Ok(())
    }

    /// A text with variables in the place of their names; unknown ones stay.
    pub fn expand(&self, text: &[u16]) -> Vec<u16> {
        if !text.contains(&PERCENT) {
            return text.to_vec();
        }
        let mut expanded = Vec::new();
        loop {
            let mut out = Cut::new(&mut expanded);
            environment::expand(text, |name| self.get(name), &mut out);
            let (len, fits) = (out.len(), out.fits());
            expanded.resize(len, 0);
            if fits {
                return expanded;
            }
        }
    }
}
