//! What `--fault` has in store for a serial line.

use super::fault::{LineFault, Mishap, PortFault};

/// The faults of one serial port, with their counts.
#[derive(Clone, Debug, Default)]
pub struct Mishaps {
    rules: Vec<LineFault>,
    received: u64,
    sent: u64,
    hung_up: bool,
}

impl Mishaps {
    /// Those of COM `number`, from 1.
    pub fn of(number: usize, all: &[PortFault]) -> Self {
        let rules = all.iter().filter_map(|fault| match *fault {
            PortFault::Com(port, fault) if port == number => Some(fault),
            _ => None,
        });
        Self { rules: rules.collect(), ..Self::default() }
    }

    /// Whether the other end has gone, by a fault.
    pub fn is_hung_up(&self) -> bool {
        self.hung_up
    }

    /// What happens before the next byte to the guest, if anything does. Each comes once.
    pub fn next_inward(&mut self) -> Option<Mishap> {
        let received = self.received;
        let is_due = |rule: &LineFault| rule.inward && rule.nth - 1 <= received;
        let at = self.rules.iter().position(is_due).filter(|_| !self.hung_up)?;
        let mishap = self.rules.remove(at).mishap;
        self.hung_up |= mishap == Mishap::HangUp;
        Some(mishap)
    }

    /// How many bytes may go to the guest before something happens.
    pub fn inward(&self) -> usize {
        if self.hung_up { 0 } else { self.until(true, self.received) }
    }

    /// So many went.
    pub fn received(&mut self, count: usize) {
        self.received += count as u64;
    }

    /// How many of so many bytes from the guest go out.
    pub fn outward(&mut self, count: usize) -> usize {
        if self.hung_up {
            return 0;
        }
        let until = self.until(false, self.sent);
        self.sent += count as u64;
        self.hung_up = until < count;
        until.min(count)
    }

    fn until(&self, inward: bool, passed: u64) -> usize {
        let rules = self.rules.iter().filter(|rule| rule.inward == inward);
        let left = rules.map(|rule| (rule.nth - 1).saturating_sub(passed)).min();
        left.map_or(usize::MAX, |left| usize::try_from(left).unwrap_or(usize::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(faults: &[&str]) -> Mishaps {
        let faults: Vec<_> = faults.iter().map(|fault| fault.parse().expect("a fault")).collect();
        Mishaps::of(2, &faults)
    }

    #[test]
    fn bytes_to_the_guest_are_counted_up_to_each_mishap() {
        let mut line =
            of(&["com=2,op=in,nth=6,kind=hangup", "com=2,op=in,nth=3,kind=break", "com=1,op=in,kind=hangup"]);
        assert_eq!((line.next_inward(), line.inward()), (None, 2));
        line.received(2);
        assert_eq!((line.inward(), line.next_inward()), (0, Some(Mishap::Break)));
        assert_eq!((line.next_inward(), line.inward(), line.outward(9)), (None, 3, 9));
        line.received(3);
        assert_eq!((line.next_inward(), line.inward(), line.outward(9)), (Some(Mishap::HangUp), 0, 0));
        assert!(line.is_hung_up() && line.next_inward().is_none());
    }

    #[test]
    fn bytes_from_the_guest_go_out_until_it_is_hung_up() {
        let mut line = of(&["com=2,op=out,nth=11,kind=hangup"]);
        assert_eq!((line.outward(4), line.outward(6), line.is_hung_up()), (4, 6, false));
        assert_eq!((line.outward(1), line.is_hung_up(), line.inward()), (0, true, 0));
        assert_eq!((of(&[]).outward(5), of(&[]).inward()), (5, usize::MAX));
    }
}
