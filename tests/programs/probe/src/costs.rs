//! What services cost, in instructions of user mode and kernel together: run under `-icount shift=0`, where the
//! time stamp counter counts them.

use nt::file::class;
use nt::types::Handle;

use crate::asm::time_stamp;
use crate::io::{self, READ};

/// Prints the least of several measurements.
pub fn measure(name: &str, mut work: impl FnMut()) {
    let mut least = u64::MAX;
    for _ in 0..5 {
        let start = time_stamp();
        work();
        least = least.min(time_stamp() - start);
    }
    rt::display("COST ");
    rt::display(name);
    number(least);
    rt::display("\n");
}

/// Prints a number, with blanks before it.
pub fn number(mut number: u64) {
    let mut digits = [b' '; 20];
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    rt::display(str::from_utf8(&digits).unwrap_or(""));
}

/// Files.
pub fn files() {
    let path = r"\SystemRoot\System32\probe.exe";
    let mut handle = Handle::NULL;
    measure("nothing", || {
        rt::close(Handle::NULL);
    });
    measure("open and close", || {
        handle = io::open(Handle::NULL, path, READ).unwrap_or(Handle::NULL);
        rt::close(handle);
    });
    let folder = io::open(Handle::NULL, r"\SystemRoot\System32", READ).unwrap_or(Handle::NULL);
    measure("open and close, relative", || {
        handle = io::open(folder, "probe.exe", READ).unwrap_or(Handle::NULL);
        rt::close(handle);
    });
    measure("open nothing", || {
        let _ = io::open(Handle::NULL, r"\SystemRoot\System32\none.exe", READ);
    });
    handle = io::open(Handle::NULL, path, READ).unwrap_or(Handle::NULL);
    let mut buffer = [0; 512];
    measure("read 512 bytes", || {
        io::read(handle, &mut buffer, Some(0));
    });
    measure("read 8 bytes", || {
        io::read(handle, &mut buffer[..8], Some(0));
    });
    measure("query standard", || {
        io::query(handle, class::STANDARD, &mut buffer[..24]);
    });
}
