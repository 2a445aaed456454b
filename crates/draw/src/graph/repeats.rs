//! Where a sequence repeats itself, as a loop makes it.

use std::collections::HashMap;

/// So many times the same, one after another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) start: usize,
    pub(super) period: usize,
    pub(super) count: usize,
}

impl Run {
    /// How often the same must come: twice may be chance.
    const LEAST: usize = 3;
    /// Fewer items than these are not worth a box.
    const WORTH: usize = 12;

    pub(super) fn end(self) -> usize {
        self.start + self.period * self.count
    }
}

/// The repetitions in a sequence, from its beginning, of the shortest period each and of none longer than `longest`; none
/// overlaps another.
///
/// `alike(run, k)` says whether item `k` is connected as the item one period before it, in a run of which beginning and
/// period are known. A period is looked for at the next places where the same item comes again: within the body of a loop
/// there is mostly an item that comes only once. So the work grows with the length of the sequence.
pub(super) fn runs(items: &[u64], longest: usize, alike: impl Fn(Run, usize) -> bool) -> Vec<Run> {
    const LOOK_AHEAD: usize = 16;
    let next = next_same(items);
    let prefix = Prefix::new(items);
    let mut found: Vec<Run> = Vec::new();
    let mut at = 0;
    while at < items.len() {
        let free = found.last().map_or(0, |run| run.end());
        let again = std::iter::successors(next[at], |&k| next[k]).take(LOOK_AHEAD);
        let periods = again.map(|k| k - at).take_while(|&period| period <= longest);
        let run = periods.into_iter().find_map(|period| {
            // So much is the same wherever in the first period this is.
            let sure = period * (Run::LEAST - 2) + 1;
            if prefix.same(at, at + period, sure) { widened(items, &alike, at, period, free) } else { None }
        });
        at = run.map_or(at + 1, Run::end);
        found.extend(run);
    }
    found
}

/// The run of a period around an item. It begins less than a period before: else it would have been found there.
fn widened(
    items: &[u64],
    alike: &impl Fn(Run, usize) -> bool,
    at: usize,
    period: usize,
    free: usize,
) -> Option<Run> {
    let same = |k: &usize| items[*k] == items[k + period];
    let before = (free..at).rev().take(period - 1).take_while(same).count();
    let begun = Run { start: at - before, period, count: 1 };
    let connected = |k: &usize| same(k) && alike(begun, k + period);
    let more = (begun.start..items.len() - period).take_while(connected).count();
    let run = Run { count: more / period + 1, ..begun };
    (run.count >= Run::LEAST && run.count * period >= Run::WORTH && run.end() > at).then_some(run)
}

/// Where each item comes again.
fn next_same(items: &[u64]) -> Vec<Option<usize>> {
    let mut seen = HashMap::new();
    let mut next = vec![None; items.len()];
    for (k, item) in items.iter().enumerate().rev() {
        next[k] = seen.insert(item, k);
    }
    next
}

/// Sums over all beginnings of a sequence, by which two of its parts are compared at once.
struct Prefix {
    sums: Vec<u64>,
    powers: Vec<u64>,
}

impl Prefix {
    /// A large odd number, as of the generator `SplitMix64`.
    const BASE: u64 = 0x9e37_79b9_7f4a_7c15;

    fn new(items: &[u64]) -> Self {
        let (mut sums, mut powers) = (vec![0_u64], vec![1_u64]);
        for (k, &item) in items.iter().enumerate() {
            sums.push(sums[k].wrapping_mul(Self::BASE).wrapping_add(item));
            powers.push(powers[k].wrapping_mul(Self::BASE));
        }
        Self { sums, powers }
    }

    /// Whether two parts of this length are the same.
    fn same(&self, a: usize, b: usize, len: usize) -> bool {
        let part = |start: usize| {
            let end = self.sums.get(start + len)?;
            Some(end.wrapping_sub(self.sums[start].wrapping_mul(self.powers[len])))
        };
        matches!((part(a), part(b)), (Some(a), Some(b)) if a == b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(usize, usize, usize)> {
        let items: Vec<u64> = text.bytes().map(u64::from).collect();
        runs(&items, items.len(), |_, _| true)
            .into_iter()
            .map(|run| (run.start, run.period, run.count))
            .collect()
    }

    #[test]
    fn loops_are_found_from_where_they_begin() {
        assert_eq!(found(""), []);
        assert_eq!(found("abcdefghijklmnop"), []);
        assert_eq!(found(&"a".repeat(20)), [(0, 1, 20)]);
        assert_eq!(found(&format!("xy{}z", "abc".repeat(7))), [(2, 3, 7)]);
        assert_eq!(found(&format!("{}ab", "abc".repeat(7))), [(0, 3, 7)], "what is left over stays outside");
        let two = format!("{}{}", "abc".repeat(4), "ed".repeat(9));
        assert_eq!(found(&two), [(0, 3, 4), (12, 2, 9)]);
    }

    #[test]
    fn an_item_that_comes_more_than_once_in_a_body_hides_no_loop() {
        assert_eq!(found(&"mmamm".repeat(5)), [(0, 5, 5)]);
        assert_eq!(found(&format!("{}b", "a".repeat(9)).repeat(4)), [(0, 10, 4)]);
        // An item that comes too often in the body to be followed; another one that comes once shows the loop.
        let body = "xaxbxcxdxexfxgxhxixjxkxlxmxnxoxpxqxr";
        assert_eq!(found(&body.repeat(3)), [(0, body.len(), 3)]);
    }

    #[test]
    fn what_is_within_another_loop_is_found_where_no_longer_period_is_allowed() {
        let body = format!("{}x", "ab".repeat(20));
        let items: Vec<u64> = body.repeat(4).bytes().map(u64::from).collect();
        let periods: Vec<usize> = runs(&items, 8, |_, _| true).into_iter().map(|run| run.period).collect();
        assert_eq!(periods, [2; 4]);
    }

    #[test]
    fn what_is_short_or_comes_twice_is_left_alone() {
        assert_eq!(found(&"abcdefghij".repeat(2)), []);
        assert_eq!(found(&"abc".repeat(3)), []);
    }

    #[test]
    fn a_run_ends_where_connections_differ() {
        let items: Vec<u64> = "abc".repeat(10).bytes().map(u64::from).collect();
        let found = runs(&items, items.len(), |_, k| k != 20);
        let run = |start, count| Run { start, period: 3, count };
        assert_eq!(found, [run(0, 6), run(18, 4)]);
    }

    #[test]
    fn what_is_compared_grows_with_the_length() {
        let asked = std::cell::Cell::new(0);
        let never = |_, _| {
            asked.set(asked.get() + 1);
            false
        };
        assert_eq!(runs(&vec![7; 20_000], 20_000, never), []);
        assert!(asked.get() < 20 * 20_000, "{} questions", asked.get());
    }
}
