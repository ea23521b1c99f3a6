//! What recording one boot event costs the guest: the kernel records many in a row when it is told to
//! (`smvm.calibrate`), and neighbouring stamps are one event apart.

use serde::Serialize;
use serde_json::Value;

use super::stats::Summary;

/// The cost in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct EventCost {
    /// From stamp to stamp.
    pub ns: Summary,
    /// How many distances were measured.
    pub distances: usize,
}

impl EventCost {
    /// From all distances of all runs.
    pub fn of(distances: &[f64]) -> Option<Self> {
        Some(Self { ns: Summary::of(distances.iter().copied())?, distances: distances.len() })
    }
}

/// The distances in one run's JSON, in nanoseconds. Empty when the guest recorded no such events; pairs
/// with a gap between them do not count.
pub fn distances_ns(report: &Value) -> Vec<f64> {
    let steps = report["timeline"].as_array().map(Vec::as_slice).unwrap_or_default();
    let stamps: Vec<(u64, f64)> = steps
        .iter()
        .filter(|step| step["ev"] == "Kd.Calibrate")
        .filter_map(|step| Some((step["args"]["n"].as_u64()?, step["start_us"].as_f64()?)))
        .collect();
    stamps
        .windows(2)
        .filter(|pair| pair[1].0 == pair[0].0 + 1)
        .map(|pair| (pair[1].1 - pair[0].1) * 1000.0)
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_neighbours_count() {
        let event = |n: u64, us: f64| json!({"ev": "Kd.Calibrate", "start_us": us, "args": {"n": n}});
        let report = json!({"timeline": [
            {"ev": "Ke.Entry", "start_us": 0.5, "args": {}},
            event(0, 1.0), event(1, 1.5), event(2, 3.0), event(5, 10.0), event(6, 10.25),
        ]});
        let distances = distances_ns(&report);
        assert_eq!(distances, [500.0, 1500.0, 250.0]);
        let cost = EventCost::of(&distances).expect("a cost");
        assert_eq!((cost.ns.median, cost.distances), (500.0, 3));
        assert!(distances_ns(&json!({})).is_empty() && EventCost::of(&[]).is_none());
    }
}
