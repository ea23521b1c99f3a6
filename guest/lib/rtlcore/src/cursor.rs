//! A place in text of either kind. `printf` and `scanf` go through it unit by unit, so that there is one of each of them
//! and not two.

use crate::Unit;

/// Text, unit by unit.
pub(crate) type Get<'a> = &'a dyn Fn(usize) -> Option<u16>;

/// Gives the units of text as UTF-16.
pub(crate) fn wide<U: Unit>(text: &[U]) -> impl Fn(usize) -> Option<u16> {
    |index| text.get(index).map(|unit| unit.to_wide())
}

/// A place in text.
#[derive(Clone, Copy)]
pub(crate) struct Cursor<'a> {
    get: Get<'a>,
    /// Units before it.
    pub at: usize,
}

impl<'a> Cursor<'a> {
    /// The beginning of text.
    pub fn new(get: Get<'a>) -> Self {
        Self { get, at: 0 }
    }

    /// The unit here.
    #[inline(never)]
    pub fn peek(&self) -> Option<u16> {
        (self.get)(self.at)
    }

    /// The unit here, if it is ASCII; otherwise 0.
    pub fn ascii(&self) -> u8 {
        self.peek().and_then(|unit| unit.ascii()).unwrap_or(0)
    }

    /// The unit here; the place is behind it then.
    pub fn take(&mut self) -> Option<u16> {
        let unit = self.peek()?;
        self.at += 1;
        Some(unit)
    }

    /// Goes on if this is here.
    pub fn skip(&mut self, wanted: u8) -> bool {
        let found = self.ascii() == wanted && wanted != 0;
        self.at += usize::from(found);
        found
    }

    /// A place that is farther on.
    pub fn ahead(&self, units: usize) -> Self {
        Self { at: self.at.saturating_add(units), ..*self }
    }

    /// All units from here on.
    pub fn rest(&self) -> impl Iterator<Item = u16> + Clone + use<'a> {
        let Self { get, at } = *self;
        (at..).map_while(get)
    }
}
