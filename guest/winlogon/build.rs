//! Links the logon process as a program with windows.

#[path = "../rt/link.rs"]
mod link;

fn main() {
    link::gui_program();
}
