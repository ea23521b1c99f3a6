//! Builds ntdll.dll, and the programs and DLLs that try it (`programs/*.c`) with a compiler that knows nothing of this
//! project: Debian's cross compiler for Windows, package gcc-mingw-w64-x86-64.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const COMPILER: &str = "x86_64-w64-mingw32-gcc";
const LIBRARIAN: &str = "x86_64-w64-mingw32-dlltool";

/// Programs that other tests have, too.
const SHARED: &str = "../native";

/// Each image, after those that it imports from. What it exports besides is in `<name>.def`.
const IMAGES: &[(&str, &[&str])] = &[
    ("inner.dll", &[]),
    ("middle.dll", &["inner"]),
    ("ring_a.dll", &["ring_b"]),
    ("ring_b.dll", &["ring_a"]),
    ("refuses.dll", &["inner"]),
    ("storage.dll", &[]),
    ("lacks_dll.dll", &["inner", "absent"]),
    ("lacks_name.exe", &["inner"]),
    ("lacks_number.exe", &["inner"]),
    ("lacks_both.exe", &["absent"]),
    ("begins_badly.exe", &["refuses"]),
    ("chain.exe", &["middle"]),
    ("dynamic.exe", &[]),
    ("threads.exe", &["inner", "storage"]),
    ("heaps.exe", &[]),
    ("verify.exe", &[]),
    ("hello.exe", &[]),
    ("exceptions.exe", &["exceptions"]),
    ("debug.exe", &["exceptions"]),
    ("unhandled.exe", &["exceptions"]),
    ("crt.exe", &["ntdllcrt"]),
    ("rtltext.exe", &["ntdllcrt"]),
    ("unwinding.exe", &["jumps", "ntdllcrt"]),
];

/// Import libraries: name, DLL, what it exports. Those of ntdll have what the compiler's own lacks.
const LIBRARIES: &[(&str, &str, &str)] = &[
    ("absent", "absent.dll", "absent_function"),
    (
        "inner",
        "inner.dll",
        "inner_add\ninner_calls\nmissing_function\nmissing_number @99 NONAME\ninner_seven @7 NONAME",
    ),
    ("middle", "middle.dll", "middle_twice\nforwarded\nnumbered\nclose"),
    ("ring_a", "ring_a.dll", "ring_a"),
    ("ring_b", "ring_b.dll", "ring_b"),
    ("refuses", "refuses.dll", "refuses"),
    ("storage", "storage.dll", "storage_next"),
    (
        "exceptions",
        "ntdll.dll",
        "RtlRaiseStatus\nRtlRaiseException\nRtlCaptureContext\nRtlLookupFunctionEntry\nRtlVirtualUnwind\nRtlUnwind\n\
         RtlAddVectoredExceptionHandler\nRtlRemoveVectoredExceptionHandler\nRtlAddVectoredContinueHandler\n\
         RtlRemoveVectoredContinueHandler\n__C_specific_handler\nDbgPrint\nDbgPrintEx",
    ),
    (
        "jumps",
        "ntdll.dll",
        "_setjmp\n_setjmpex\nlongjmp\nRtlLookupFunctionEntry\nRtlAddFunctionTable\nRtlDeleteFunctionTable\n\
         RtlInstallFunctionTableCallback\nRtlAddGrowableFunctionTable\nRtlGrowFunctionTable\n\
         RtlDeleteGrowableFunctionTable",
    ),
];

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=programs");
    println!("cargo::rerun-if-changed={SHARED}");
    let out_dir = PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default());
    if let Err(error) = programs(&out_dir) {
        println!("cargo::error={error}");
        return ExitCode::SUCCESS;
    }
    smvm_image_builder::libraries_script(&["ntdll"])
}

fn programs(out_dir: &Path) -> Result<(), String> {
    for (name, module, exports) in LIBRARIES {
        let definition = out_dir.join(format!("{name}.stub"));
        let text = format!("LIBRARY {module}\nEXPORTS\n{exports}\n");
        std::fs::write(&definition, text).map_err(|error| format!("{}: {error}", definition.display()))?;
        let mut command = Command::new(LIBRARIAN);
        command.arg("-d").arg(&definition).arg("-l").arg(out_dir.join(format!("lib{name}.a")));
        run(&mut command)?;
    }
    let no_image = out_dir.join("text.dll");
    std::fs::write(&no_image, "no image").map_err(|error| format!("{}: {error}", no_image.display()))?;
    IMAGES.iter().try_for_each(|(image, needs)| compile(image, needs, out_dir))
}

fn compile(image: &str, needs: &[&str], out_dir: &Path) -> Result<(), String> {
    let (stem, kind) = image.split_once('.').unwrap_or((image, ""));
    let mut command = Command::new(COMPILER);
    command.args(["-std=gnu17", "-O1", "-Wall", "-Wextra", "-Wno-unused-parameter", "-Wno-unused-function"]);
    command.args(["-Werror", "-ffreestanding", "-fno-stack-protector", "-mno-stack-arg-probe", "-nostdlib"]);
    command.arg("-Wl,--subsystem,native,--no-insert-timestamp");
    match kind {
        "dll" => command.args(["-shared", "-Wl,--entry,DllMain"]),
        _ => command.arg("-Wl,--entry,NtProcessStartup"),
    };
    // Some are the same as those that run in the guest.
    let own = format!("programs/{stem}.c");
    let source = if Path::new(&own).exists() { own } else { format!("{SHARED}/{stem}.c") };
    command.arg("-o").arg(out_dir.join(image)).arg(source);
    let definition = format!("programs/{stem}.def");
    if Path::new(&definition).exists() {
        command.arg(definition);
    }
    command.arg("-L").arg(out_dir).args(needs.iter().map(|need| format!("-l{need}"))).arg("-lntdll");
    run(&mut command)
}

fn run(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    match command.output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(String::from_utf8_lossy(&output.stderr).replace('\n', " ")),
        Err(error) => Err(format!("{name}: {error}; install it: apt-get install gcc-mingw-w64-x86-64")),
    }
}
