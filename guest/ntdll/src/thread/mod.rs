//! Threads: how they begin and end, and what happens when they raise exceptions.

pub mod debug;
pub mod exit;
pub mod raise;
