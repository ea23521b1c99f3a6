//! What a table says about a series of numbers.

use serde::Serialize;

/// Four figures of a series.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// The least.
    pub min: f64,
    /// The middle one; between the two middle ones when their number is even.
    pub median: f64,
    /// The least one that nine in ten do not exceed (nearest rank).
    pub p90: f64,
    /// The greatest.
    pub max: f64,
}

impl Summary {
    /// Of `values` in any order; `None` when there are none.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let (min, max) = (*values.first()?, *values.last()?);
        let middle = values.len() / 2;
        let median = match values.len() % 2 {
            0 => f64::midpoint(values[middle - 1], values[middle]),
            _ => values[middle],
        };
        let p90 = values[(values.len() * 9).div_ceil(10) - 1];
        Some(Self { min, median, p90, max })
    }
}

/// How far the median of such a series is to be believed, up and down: about 95 % of medians of as many runs lie
/// within it (the notch of McGill, Tukey and Larsen: 1.57 times the distance of the quartiles over √n).
pub fn notch(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let quartile = |quarters: usize| values.get((values.len() * quarters).div_ceil(4).saturating_sub(1));
    let distance = quartile(3).zip(quartile(1)).map_or(0.0, |(high, low)| high - low);
    1.57 * distance / (values.len().max(1) as f64).sqrt()
}

/// How far two medians are apart, in percent of the smaller; 0 when either is not positive.
pub fn apart_percent(a: f64, b: f64) -> f64 {
    let (small, large) = (a.min(b), a.max(b));
    if small > 0.0 { (large / small - 1.0) * 100.0 } else { 0.0 }
}

/// The orders in which the members of a round take their turns: each drawn anew, so that nobody always
/// follows the same neighbour, and the same in every benchmark, so that it can be repeated.
#[derive(Clone, Debug)]
pub struct Orders {
    state: u64,
}

impl Default for Orders {
    fn default() -> Self {
        Self { state: 0x9E37_79B9_7F4A_7C15 }
    }
}

impl Orders {
    /// The numbers below `count`, shuffled.
    pub fn draw(&mut self, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        for last in (1..count).rev() {
            // The bias of the remainder is far below what a benchmark can see.
            order.swap(last, (self.next() % (last as u64 + 1)) as usize);
        }
        order
    }

    /// Marsaglia's xorshift.
    fn next(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_of_small_series() {
        let summary = |values: &[f64]| Summary::of(values.iter().copied());
        assert_eq!(summary(&[]), None);
        assert_eq!(summary(&[7.0]), Some(Summary { min: 7.0, median: 7.0, p90: 7.0, max: 7.0 }));
        assert_eq!(summary(&[4.0, 1.0]), Some(Summary { min: 1.0, median: 2.5, p90: 4.0, max: 4.0 }));
        assert_eq!(summary(&[3.0, 9.0, 1.0]), Some(Summary { min: 1.0, median: 3.0, p90: 9.0, max: 9.0 }));
        let ten = [10.0, 9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0];
        assert_eq!(summary(&ten), Some(Summary { min: 1.0, median: 5.5, p90: 9.0, max: 10.0 }));
        let eleven = Summary::of((1..=11).map(f64::from)).expect("values");
        assert_eq!((eleven.median, eleven.p90), (6.0, 10.0));
        let twenty = Summary::of((1..=20).map(f64::from)).expect("values");
        assert_eq!((twenty.median, twenty.p90), (10.5, 18.0));
    }

    #[test]
    fn notches_of_small_series() {
        assert_eq!(notch([]), 0.0);
        assert_eq!(notch([5.0]), 0.0);
        // Quartiles 1 and 3 of four values, 4 and 12 of sixteen.
        assert!((notch([4.0, 1.0, 3.0, 2.0]) - 1.57 * 2.0 / 2.0).abs() < 1e-9);
        assert!((notch((1..=16).map(f64::from)) - 1.57 * 8.0 / 4.0).abs() < 1e-9);
    }

    #[test]
    fn distance_is_symmetric() {
        assert!((apart_percent(2.0, 2.5) - 25.0).abs() < 1e-9);
        assert_eq!(apart_percent(2.0, 2.5), apart_percent(2.5, 2.0));
        assert_eq!(apart_percent(3.0, 3.0), 0.0);
        assert_eq!(apart_percent(0.0, 3.0), 0.0);
    }

    #[test]
    fn every_order_holds_everyone_once_and_neighbours_change() {
        let mut orders = Orders::default();
        let mut followers = [[0; 4]; 4];
        for _ in 0..240 {
            let order = orders.draw(4);
            let mut sorted = order.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, [0, 1, 2, 3]);
            order.windows(2).for_each(|pair| followers[pair[0]][pair[1]] += 1);
        }
        // 60 on average for each of the twelve pairs.
        for (first, row) in followers.iter().enumerate() {
            assert!(row.iter().enumerate().all(|(second, &count)| first == second || count > 30), "{row:?}");
        }
        assert_eq!(orders.draw(0), [0; 0]);
        assert_eq!(Orders::default().draw(9), Orders::default().draw(9));
    }
}
