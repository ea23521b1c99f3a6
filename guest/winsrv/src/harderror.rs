//! Hard errors are written to the boot screen, COM1. Nobody sits there to press a button.

use alloc::string::String;
use alloc::vec::Vec;

use csrcore::harderror::{self, Parameter};
use csrlib::process;
use nt::NtStatus;
use nt::harderror::HardErrorMessage;
use nt::psinfo::process_class;
use nt::types::{Handle, UnicodeString};

/// Longest image name that is told, in UTF-16 units.
const NAME_MAX: usize = 128;

/// A UNICODE_STRING with its text behind it.
#[repr(C)]
#[derive(zerocopy::FromBytes, zerocopy::IntoBytes)]
struct ImageName {
    string: UnicodeString,
    text: [u16; NAME_MAX],
}

/// Shows a hard error and answers it.
pub extern "win64" fn show(process: Handle, message: &mut HardErrorMessage) {
    let count = (message.number_of_parameters as usize).min(message.parameters.len());
    let parameters: Vec<Parameter> = message.parameters[..count]
        .iter()
        .enumerate()
        .map(|(n, &value)| match message.unicode_string_parameter_mask & 1 << n {
            0 => Parameter::Number(value),
            // What cannot be read is not told.
            _ => Parameter::Text(
                process::read_text(process, value)
                    .map_or(String::new(), |text| String::from_utf16_lossy(&text)),
            ),
        })
        .collect();
    let text = harderror::text(&name_of(process), NtStatus(message.status), &parameters);
    rt::display(&text);
    message.response = harderror::answer(message.valid_response_options);
}

/// The file name of a process's image.
fn name_of(process: Handle) -> String {
    let Ok(name) = process::query::<ImageName>(process, process_class::IMAGE_FILE_NAME) else {
        return "?".into();
    };
    let length = usize::from(name.string.length / 2).min(NAME_MAX);
    let path = &name.text[..length];
    let file = path.rsplit(|&unit| unit == u16::from(b'\\')).next().unwrap_or(path);
    String::from_utf16_lossy(file)
}
