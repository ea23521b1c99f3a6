//! The most memory that this process ever had.

/// The high-water mark of the resident size in KiB. `getrusage` does not know it: it also counts what the
/// process that started this one had before `exec`.
pub fn peak_rss_kib() -> Option<u64> {
    parse(&std::fs::read_to_string("/proc/self/status").ok()?)
}

fn parse(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_found() {
        assert_eq!(parse("Name:\tx\nVmPeak:\t  99 kB\nVmHWM:\t    1234 kB\n"), Some(1234));
        assert_eq!(parse("VmPeak: 1 kB\n"), None);
        assert!(peak_rss_kib() > Some(0));
    }
}
