//! The image loader.

pub mod data;
