//! Links the shell as a native program.

#[path = "../rt/link.rs"]
mod link;

fn main() {
    link::native_program();
}
