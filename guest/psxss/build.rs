//! Links the POSIX stand-in as a native program.

#[path = "../rt/link.rs"]
mod link;

fn main() {
    link::native_program();
}
