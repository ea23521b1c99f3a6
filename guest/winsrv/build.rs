//! Link arguments.

#[path = "../rt/link.rs"]
mod link;

fn main() {
    link::server_dll("/base:0x77E50000");
}
