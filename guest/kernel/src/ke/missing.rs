//! Services of the table that no component has yet.

use nt::NtStatus;

use super::service::NtResult;

macro_rules! missing {
    ($($name:ident($($arg:ident)*);)*) => {
        $(
            #[allow(non_snake_case, clippy::too_many_arguments, clippy::allow_attributes, reason = "NT's signatures")]
            pub fn $name<$($arg),*>($(_: $arg),*) -> NtResult {
                Err(NtStatus::NOT_IMPLEMENTED)
            }
        )*
    };
}

missing! {
    NtLoadKey(A B);
    NtUnloadKey(A);
    NtSaveKey(A B);
}
