//! What one run gave: named numbers. Names end in their unit (`_us`, `_kib`); the others are counts.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use super::child::Finished;
use crate::boot::PAGE;

/// The numbers of one run, in a fixed order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sample(Vec<(String, f64)>);

impl Sample {
    /// What can be seen from outside.
    pub fn of_process(finished: &Finished) -> Self {
        let mut sample = Self::default();
        sample.put("wall_us", finished.wall_us());
        sample.put("cpu_us", finished.cpu_us);
        if let Some(kib) = finished.peak_rss_kib {
            sample.put("peak_rss_kib", kib as f64);
        }
        sample
    }

    /// What a run's JSON on standard output says besides; `None` when it is not all there.
    pub fn of_report(finished: &Finished) -> Option<Self> {
        let report: Value = serde_json::from_str(&finished.stdout).ok()?;
        let monitor = &report["monitor"];
        let start_ns = monitor["start_ns"].as_u64()?;
        let first_run = monitor["first_run_us"].as_f64()?;
        let guest = monitor["guest_us"].as_f64()?;
        let reporting = monitor["report_us"].as_f64()?;
        let life_in_main = finished.end_ns.checked_sub(start_ns)? as f64 / 1000.0;

        let mut sample = Self::default();
        sample.put("wall_us", finished.wall_us());
        sample.put("cpu_us", finished.cpu_us);
        sample.put("monitor_us", finished.wall_us() - guest - reporting);
        sample.put("exec_to_main_us", start_ns.checked_sub(finished.begin_ns)? as f64 / 1000.0);
        sample.put("main_to_first_run_us", first_run);
        for step in report["timeline"].as_array()? {
            let (name, start) = (step["ev"].as_str()?, step["start_us"].as_f64()?);
            match step["duration_us"].as_f64() {
                Some(duration) if name.starts_with("Vmm.") => {
                    sample.put(format!("{name}_us"), duration);
                    sample.put(format!("{name}.begin_us"), start);
                }
                _ if name == "Ke.Entry" => sample.put("first_run_to_instruction_us", start - first_run),
                _ => {}
            }
        }
        sample.put("guest_us", guest);
        sample.put("end_to_exit_us", life_in_main - first_run - guest - reporting);
        sample.put("report_us", reporting);
        sample.put("exits", report["exits"]["total"].as_f64()?);
        for (kind, count) in report["exits"]["kinds"].as_object()? {
            sample.put(format!("exits.{kind}"), count.as_f64()?);
        }
        let pages = report["guest_pages"].as_f64();
        if let (Some(pages), Some(peak)) = (pages, monitor["peak_rss_kib"].as_f64()) {
            sample.put("guest_pages", pages);
            sample.put("monitor_rss_kib", peak - pages * (PAGE >> 10) as f64);
        }
        Some(sample)
    }

    fn put(&mut self, name: impl Into<String>, value: f64) {
        self.0.push((name.into(), value));
    }

    /// One of them.
    pub fn get(&self, name: &str) -> Option<f64> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| *value)
    }

    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }
}

impl Serialize for Sample {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            match name.ends_with("_us") {
                true => map.serialize_entry(name, &((*value * 1000.0).round() / 1000.0))?,
                false => map.serialize_entry(name, &(*value as i64))?,
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    use serde_json::json;

    use super::*;

    fn finished(stdout: &str) -> Finished {
        Finished {
            begin_ns: 1_000_000,
            end_ns: 4_000_000,
            cpu_us: 900.0,
            peak_rss_kib: None,
            status: ExitStatus::from_raw(0),
            timed_out: false,
            stdout: stdout.into(),
            stderr: String::new(),
        }
    }

    #[test]
    fn parts_of_a_life_add_up() {
        let report = json!({
            "timeline": [
                {"ev": "Vmm.VmCreate", "start_us": 100.0, "duration_us": 200.0},
                {"ev": "Vmm.FirstRun", "start_us": 500.0, "duration_us": null},
                {"ev": "Ke.Entry", "start_us": 505.0, "duration_us": null},
            ],
            "monitor": {
                "start_ns": 1_600_000, "first_run_us": 500.0, "guest_us": 1000.0, "report_us": 150.0,
                "peak_rss_kib": 3000,
            },
            "exits": {"total": 3, "kinds": {"port_write": 3}},
            "guest_pages": 100,
        });
        let sample = Sample::of_report(&finished(&report.to_string())).expect("a whole report");
        let get = |name: &str| sample.get(name).expect(name);
        assert_eq!(get("wall_us"), 3000.0);
        assert_eq!(get("exec_to_main_us"), 600.0);
        assert_eq!(get("end_to_exit_us"), 750.0);
        assert_eq!(get("monitor_us"), 1850.0);
        let parts = ["exec_to_main_us", "main_to_first_run_us", "guest_us", "end_to_exit_us", "report_us"];
        assert_eq!(parts.map(get).iter().sum::<f64>(), get("wall_us"));
        assert_eq!((get("Vmm.VmCreate_us"), get("Vmm.VmCreate.begin_us")), (200.0, 100.0));
        assert_eq!(get("first_run_to_instruction_us"), 5.0);
        assert_eq!((get("guest_pages"), get("monitor_rss_kib")), (100.0, 2600.0));
        assert_eq!(get("exits.port_write"), 3.0);
        let json = serde_json::to_value(&sample).expect("JSON");
        assert_eq!((&json["exits"], &json["wall_us"]), (&json!(3), &json!(3000.0)));
    }

    #[test]
    fn what_is_no_report_gives_nothing() {
        for text in ["", "{}", "[]", "not JSON", r#"{"monitor":{"start_ns":1}}"#] {
            assert_eq!(Sample::of_report(&finished(text)), None, "{text}");
        }
    }
}
