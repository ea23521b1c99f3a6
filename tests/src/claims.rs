//! Keeps `docs/claims.md` true: every claim has a row, and every test that it names is there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The specification's claims for all families and for that of 2000, XP and 2003.
const CLAIMS: [u32; 63] = [
    1, 2, 3, 5, 6, 7, 11, 12, 13, 15, 16, 18, 21, 22, 23, 24, 26, 28, 29, 30, 31, 32, 34, 35, 36, 37, 38, 39,
    41, 43, 45, 46, 48, 49, 51, 52, 53, 56, 58, 60, 61, 63, 65, 67, 68, 70, 71, 73, 76, 80, 81, 83, 84, 85,
    87, 88, 91, 92, 93, 100, 101, 103, 106,
];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn table() -> String {
    std::fs::read_to_string(repository().join("docs/claims.md")).expect("docs/claims.md")
}

/// What stands between backticks and names a test.
fn tests(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split('`').skip(1).step_by(2).filter_map(|name| name.split_once("::"))
}

/// The source of a module of the end-to-end tests, or of a path.
fn source(place: &str) -> PathBuf {
    match place.ends_with(".rs") {
        true => repository().join(place),
        false => repository().join(format!("tests/e2e/{place}.rs")),
    }
}

/// Whether a source has a function of that name right behind `#[test]`.
fn has_test(source: &str, name: &str) -> bool {
    source.split("#[test]").skip(1).any(|rest| {
        let mut behind =
            rest.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        behind.next().is_some_and(|line| line.starts_with(&format!("fn {name}()")))
    })
}

#[test]
fn every_claim_has_a_row_with_a_test() {
    let text = table();
    let mut rows = BTreeSet::new();
    for line in text.lines() {
        let mut cells = line.split('|').map(str::trim).skip(1);
        let number = cells.next().and_then(|cell| cell.strip_prefix('C')).and_then(|cell| cell.parse().ok());
        let Some(number) = number else { continue };
        assert!(rows.insert(number), "C{number} is there twice");
        assert!(tests(line).next().is_some(), "C{number} names no test");
    }
    assert_eq!(rows, CLAIMS.into_iter().collect::<BTreeSet<u32>>());
}

#[test]
fn every_test_of_the_table_is_there() {
    let text = table();
    for (place, name) in tests(&text) {
        let path = source(place);
        // What the head of the table explains.
        if (place, name) == ("module", "test") || (place, name) == ("path", "test") {
            continue;
        }
        let source =
            std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(has_test(&source, name), "{place} has no test {name}");
    }
}

#[test]
fn a_test_that_is_not_there_is_noticed() {
    let source = "#[test]\n#[ignore]\nfn there() {}\nfn helper() {}\n";
    assert!(has_test(source, "there"));
    assert!(!has_test(source, "helper") && !has_test(source, "the") && !has_test("fn there() {}", "there"));
}
