//! Links the Windows subsystem as a native program.

#[path = "../rt/link.rs"]
mod link;

fn main() {
    link::subsystem_program();
}
