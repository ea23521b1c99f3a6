//! Values that are set, read and deleted.

use nt::NtStatus;
use nt::registry::{key_class, key_value_class, value_type};
use nt::types::Handle;

use super::{ROOT, ends, works};
use crate::checks::verdict;
use crate::reg::{self as calls, enumerate_value, is_text, make, query_key, query_value, u32_at};

const KEY: &str = r"\Registry\Machine\System\ProbeValues";
const PARTIAL: u32 = key_value_class::PARTIAL;
const BIG: usize = 40_000;

pub fn checks() {
    let Some(key) = works("values-key", make(ROOT, KEY, 0)) else { return };
    one(key);
    sizes(key);
    order(key);
    multiple(key);
    ends("values-delete", calls::delete_key(key), NtStatus::SUCCESS);
    rt::close(key);
}

/// The default value, and that names are names whatever their case.
fn one(key: Handle) {
    let mut buffer = [0; 64];
    ends("default-missing", query_value(key, "", PARTIAL, &mut buffer).0, NtStatus::OBJECT_NAME_NOT_FOUND);
    ends("default-unset", calls::delete_value(key, ""), NtStatus::OBJECT_NAME_NOT_FOUND);
    ends("default-set", calls::set_text(key, "", value_type::SZ, "text"), NtStatus::SUCCESS);
    let (status, len) = query_value(key, "", PARTIAL, &mut buffer);
    ends("default-query", status, NtStatus::SUCCESS);
    verdict("default-text", len == 20 && is_text(&buffer[12..20], "text"), "another text");
    ends("value-set", calls::set_value(key, "Größe", 0x1234_5678, &[1, 2, 3]), NtStatus::SUCCESS);
    ends("value-replace", calls::set_value(key, "GRÖSSE", value_type::NONE, &[]), NtStatus::SUCCESS);
    let (status, len) = query_value(key, "grÖße", PARTIAL, &mut buffer);
    ends("value-query", status, NtStatus::SUCCESS);
    verdict(
        "value-any-type",
        len == 15 && u32_at(&buffer, 4) == 0x1234_5678 && buffer[12..15] == [1, 2, 3],
        "other data",
    );
    let (status, len) = query_value(key, "GRÖSSE", key_value_class::FULL, &mut buffer);
    ends("value-empty", status, NtStatus::SUCCESS);
    verdict(
        "value-no-data",
        len == 32 && u32_at(&buffer, 8) == u32::MAX && u32_at(&buffer, 12) == 0,
        "some data",
    );
    for name in ["", "größe", "grösse"] {
        ends("value-delete", calls::delete_value(key, name), NtStatus::SUCCESS);
        ends(
            "value-deleted",
            query_value(key, name, PARTIAL, &mut buffer).0,
            NtStatus::OBJECT_NAME_NOT_FOUND,
        );
    }
}

/// What lies in the value, in a cell, in many cells; each over the one before.
fn sizes(key: Handle) {
    let mut data = [0_u8; BIG];
    for (index, byte) in data.iter_mut().enumerate() {
        *byte = (index * 7 + index / 251) as u8;
    }
    let mut buffer = [0_u8; BIG + 12];
    for size in [0, 1, 4, 5, 100, 4, 16_344, 16_345, BIG, 3, BIG, 0] {
        ends("size-set", calls::set_value(key, "data", value_type::BINARY, &data[..size]), NtStatus::SUCCESS);
        let (status, len) = query_value(key, "data", PARTIAL, &mut buffer);
        ends("size-query", status, NtStatus::SUCCESS);
        verdict(
            "size-data",
            len as usize == 12 + size && buffer[12..12 + size] == data[..size],
            "other data",
        );
        if size > 20_000 {
            let (status, len) = query_value(key, "data", PARTIAL, &mut buffer[..20_000]);
            ends("size-cut", status, NtStatus::BUFFER_OVERFLOW);
            verdict(
                "size-cut-data",
                len as usize == 12 + size && buffer[12..20_000] == data[..20_000 - 12],
                "other data",
            );
        }
    }
    query_key(key, key_class::FULL, &mut buffer);
    verdict("size-longest", u32_at(&buffer, 40) == BIG as u32, "another length");
    ends("size-delete", calls::delete_value(key, "data"), NtStatus::SUCCESS);
}

/// Values come in the order they were made, and stay in it.
fn order(key: Handle) {
    let names = ["zebra", "apple", "mango"];
    for name in names {
        ends("order-set", calls::set_text(key, name, value_type::SZ, name), NtStatus::SUCCESS);
    }
    ends(
        "order-change",
        calls::set_text(key, "apple", value_type::SZ, "a longer text than before"),
        NtStatus::SUCCESS,
    );
    let mut buffer = [0; 128];
    for (index, name) in names.iter().enumerate() {
        let (status, _) = enumerate_value(key, index as u32, key_value_class::BASIC, &mut buffer);
        verdict("order", status == NtStatus::SUCCESS && is_text(&buffer[12..22], name), "another order");
    }
    ends("order-delete", calls::delete_value(key, "zebra"), NtStatus::SUCCESS);
    enumerate_value(key, 0, key_value_class::BASIC, &mut buffer);
    verdict("order-moves-up", is_text(&buffer[12..22], "apple"), "another order");
    ends("order-end", enumerate_value(key, 2, 0, &mut buffer).0, NtStatus::NO_MORE_ENTRIES);
}

fn multiple(key: Handle) {
    ends(
        "multiple-set",
        calls::set_value(key, "number", value_type::DWORD, &[1, 2, 3, 4]),
        NtStatus::SUCCESS,
    );
    ends("multiple-set", calls::set_value(key, "odd", value_type::BINARY, &[9]), NtStatus::SUCCESS);
    let names = ["odd", "NUMBER", "mango"];
    let mut buffer = [0xCC; 32];
    let (status, entries, used, needed) = calls::query_multiple(key, names, &mut buffer);
    ends("multiple", status, NtStatus::SUCCESS);
    let [odd, number, mango] = entries;
    let good = (odd.data_offset, odd.data_length, number.data_offset, mango.data_offset, mango.data_length)
        == (0, 1, 4, 8, 10)
        && (odd.value_type, number.value_type, mango.value_type)
            == (value_type::BINARY, value_type::DWORD, value_type::SZ)
        && (used, needed) == (18, 18);
    verdict("multiple-entries", good, "other places");
    let good = buffer[0] == 9
        && buffer[4..8] == [1, 2, 3, 4]
        && is_text(&buffer[8..18], "mango")
        && buffer[18] == 0xCC;
    verdict("multiple-data", good, "other data");
    let (status, _, used, needed) = calls::query_multiple(key, names, &mut buffer[..8]);
    ends("multiple-small", status, NtStatus::BUFFER_OVERFLOW);
    verdict("multiple-lengths", (used, needed) == (8, 18), "other lengths");
    let (status, ..) = calls::query_multiple(key, ["odd", "none", "mango"], &mut buffer);
    ends("multiple-missing", status, NtStatus::OBJECT_NAME_NOT_FOUND);
}
