//! Links the grinder as a native program.

#[path = "../../../guest/rt/link.rs"]
mod link;

fn main() {
    link::native_program();
}
