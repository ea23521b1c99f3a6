//! The client's side of csrss: connecting, calling, capturing arguments. Signatures: as published for NT 5.2 (phnt
//! `ntcsrapi.h`); the protocol is `nt::csr`. A native image is taken for a part of csrss and never connects (spec/smss.md 5.4).

mod call;
mod capture;
mod connect;
mod requests;
