//! Link arguments.

#[path = "../rt/link.rs"]
mod link;

fn main() {
    link::system_dll();
}
