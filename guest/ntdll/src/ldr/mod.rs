//! The image loader: every process begins in it ([`start`]), and it loads DLLs ([`load`]), binds imports
//! ([`bind`]), relocates ([`relocate`]), keeps static thread-local storage ([`tls`]) and tells DLLs of what happens
//! ([`notify`]). All of it is done by the thread that has the loader lock, see [`lock::Loader`].
//!
//! A DLL is looked for among those that are loaded, by base name; then as a section in `\KnownDlls`; then in the
//! folders of the path (the caller's, or `DllPath` of the process parameters); then in the program's own.

mod api;
mod bind;
pub mod data;
mod entries;
mod export;
mod handle;
pub mod image;
mod list;
mod load;
pub mod lock;
mod map;
mod notify;
mod options;
mod relocate;
mod report;
mod search;
pub mod shutdown;
mod start;
mod text;
mod tls;
mod unload;
mod verify;
mod writable;
