//! `docs/services.md` is made from the table of services and that of their costs. `UPDATE=1 cargo test -p nt --test docs` writes it anew.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

use nt::service::{SERVICES, Service, pointee};
use nt::win32k;

/// The table's source: its comments say which component the services below them belong to.
const SOURCE: &str = include_str!("../src/service.rs");
/// Least instructions of the kernel of a call, `service = instructions`; a test of the whole counts them.
const COSTS: &str = include_str!("../../../tests/portable/services.toml");

const HEAD: &str = "\
# The system services

Made from `guest/nt/src/service.rs` and `win32k.rs`; `UPDATE=1 cargo test -p nt --test docs` makes it again.

Numbers are this system's own: only ntdll and the kernel have to agree on them. Names, arguments and results are NT's.
`T*` is a pointer that the caller alleges to lead to a `T`. The last column has the least number of the kernel's instructions that
one valid call took (`tests/portable/services.toml`, which a test guards).
";

/// The second table's heading.
const WIN32K: &str = "win32k.sys: window stations and desktops (docs/win32k.md)";

/// Components in order: heading, and the services of each.
fn components() -> Vec<(&'static str, Vec<&'static Service>)> {
    let by_name: BTreeMap<&str, &Service> = SERVICES.iter().map(|service| (service.name, service)).collect();
    let mut components: Vec<(&str, Vec<&Service>)> = Vec::new();
    for line in SOURCE.lines().map(str::trim_start) {
        if let Some(title) = line.strip_prefix("// ")
            && title.split_once(": ").is_some_and(|(names, _)| names.split(", ").all(|name| name.len() == 2))
        {
            components.push((title, Vec::new()));
        } else if line.starts_with("0x")
            && let Some(name) = line.split([' ', '(']).nth(1)
            && let (Some(service), Some((_, services))) = (by_name.get(name), components.last_mut())
        {
            services.push(service);
        }
    }
    components.push((WIN32K, win32k::SERVICES.iter().collect()));
    components
}

fn costs() -> BTreeMap<&'static str, &'static str> {
    let lines = COSTS.lines().filter_map(|line| line.split_once('='));
    lines.map(|(name, number)| (name.trim(), number.trim())).collect()
}

fn page() -> String {
    let costs = costs();
    let mut page = String::from(HEAD);
    for (title, services) in components() {
        let _ = write!(
            page,
            "\n## {title}\n\n| number | service | what it does | instructions |\n|---|---|---|---|\n"
        );
        for service in services {
            let argument = |&(name, kind): &(&str, &str)| match pointee(kind) {
                Some(target) => format!("{name}: {target}*"),
                None => format!("{name}: {kind}"),
            };
            let arguments: Vec<String> = service.args.iter().map(argument).collect();
            let (number, name, summary) = (service.number, service.name, service.summary);
            let cost = costs.get(name).copied().unwrap_or("");
            let arguments = arguments.join(", ");
            let _ = writeln!(page, "| {number:#04x} | `{name}({arguments})` | {summary} | {cost} |");
        }
    }
    page
}

#[test]
fn services_md_is_what_the_table_says() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/services.md");
    let page = page();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &page).expect("docs can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == page, "docs/services.md is stale: UPDATE=1 cargo test -p nt --test docs");
}

#[test]
fn every_service_has_its_cost() {
    let costs = costs();
    let all = SERVICES.iter().chain(win32k::SERVICES).map(|service| service.name);
    let missing: Vec<&str> = all.filter(|name| !costs.contains_key(name)).collect();
    assert!(missing.is_empty(), "tests/portable/services.toml has no {missing:?}");
}

#[test]
fn every_service_has_a_component() {
    let listed: Vec<u32> = components().iter().flat_map(|(_, services)| services).map(|s| s.number).collect();
    let all: Vec<u32> = SERVICES.iter().chain(win32k::SERVICES).map(|service| service.number).collect();
    let mut sorted = listed;
    sorted.sort_unstable();
    assert_eq!(sorted, all);
}
