//! Builds the guest's programs and packs them.

use std::process::ExitCode;

use smvm_image_builder::{Image, Program};

/// What the guest is made of. A new program is one more line here.
const IMAGE: Image = Image {
    kernel: "ntoskrnl",
    release: "images/releases/xp",
    programs: &[
        Program { package: "ntdll", path: r"\SystemRoot\System32\ntdll.dll" },
        Program { package: "cmd", path: r"\SystemRoot\System32\cmd.exe" },
        Program { package: "smss", path: r"\SystemRoot\System32\smss.exe" },
        Program { package: "csrss", path: r"\SystemRoot\System32\csrss.exe" },
        Program { package: "csrsrv", path: r"\SystemRoot\System32\csrsrv.dll" },
        Program { package: "basesrv", path: r"\SystemRoot\System32\basesrv.dll" },
        Program { package: "winsrv", path: r"\SystemRoot\System32\winsrv.dll" },
        Program { package: "psxss", path: r"\SystemRoot\System32\psxss.exe" },
        Program { package: "win32k", path: r"\SystemRoot\System32\win32k.sys" },
        Program { package: "winlogon", path: r"\SystemRoot\System32\winlogon.exe" },
    ],
};

fn main() -> ExitCode {
    smvm_image_builder::build_script(&IMAGE)
}
