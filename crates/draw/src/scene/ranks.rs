//! In which column each thing stands.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Things to be put into columns, and what leads from one to another.
pub(super) struct Order {
    /// Where each leads.
    pub outs: Vec<Vec<usize>>,
    /// What leads to each.
    pub ins: Vec<Vec<usize>>,
    /// Those that keep to the first column.
    pub first: Vec<bool>,
    /// Those that keep to the last.
    pub last: Vec<bool>,
}

impl Order {
    /// A column for each: left of all that it leads to, and as far left as can be; but what needs nothing that comes from
    /// elsewhere, a leaf or an expression of leaves, stands right before its first use.
    ///
    /// Where things lead to one another in a circle, one of them is right of what it leads to.
    pub(super) fn columns(&self) -> Vec<usize> {
        let sequence = self.sequence();
        let mut place = vec![0; sequence.len()];
        for (at, &thing) in sequence.iter().enumerate() {
            place[thing] = at;
        }
        let mut columns = vec![0; sequence.len()];
        for &thing in &sequence {
            let before = self.ins[thing].iter().filter(|&&other| place[other] < place[thing]);
            columns[thing] = before.map(|&other| columns[other] + 1).max().unwrap_or(0);
        }
        let free = self.free(&sequence, &place);
        for &thing in sequence.iter().rev().filter(|&&thing| free[thing]) {
            let after = self.outs[thing].iter().filter(|&&other| place[other] > place[thing]);
            columns[thing] = after.map(|&other| columns[other] - 1).min().unwrap_or(columns[thing]);
        }
        self.close_up(&mut columns);
        let last = columns.iter().copied().max().unwrap_or(0);
        for (column, _) in columns.iter_mut().zip(&self.last).filter(|(_, last)| **last) {
            *column = last;
        }
        columns
    }

    /// Each after what leads to it; the least comes first where there is a choice, and where there is a circle.
    fn sequence(&self) -> Vec<usize> {
        let count = self.ins.len();
        let mut missing: Vec<usize> = self.ins.iter().map(Vec::len).collect();
        let mut ready: BinaryHeap<_> = (0..count).filter(|&thing| missing[thing] == 0).map(Reverse).collect();
        let (mut done, mut sequence, mut least) = (vec![false; count], Vec::with_capacity(count), 0);
        while sequence.len() < count {
            let thing = ready.pop().map_or_else(
                || {
                    while done[least] {
                        least += 1;
                    }
                    least
                },
                |Reverse(thing)| thing,
            );
            if std::mem::replace(&mut done[thing], true) {
                continue;
            }
            sequence.push(thing);
            for &other in &self.outs[thing] {
                missing[other] -= 1;
                if missing[other] == 0 {
                    ready.push(Reverse(other));
                }
            }
        }
        sequence
    }

    /// What may move right without a longer way to it: all that it needs is free itself and used here alone.
    fn free(&self, sequence: &[usize], place: &[usize]) -> Vec<bool> {
        let mut free = vec![false; sequence.len()];
        for &thing in sequence {
            let only = |other: usize| {
                free[other] && place[other] < place[thing] && self.outs[other].iter().all(|&out| out == thing)
            };
            free[thing] =
                !self.first[thing] && !self.last[thing] && self.ins[thing].iter().all(|&other| only(other));
        }
        free
    }

    /// What hangs together begins at the first column.
    fn close_up(&self, columns: &mut [usize]) {
        let mut seen = vec![false; columns.len()];
        for start in 0..columns.len() {
            let (mut part, mut at) = (Vec::new(), 0);
            if !std::mem::replace(&mut seen[start], true) {
                part.push(start);
            }
            while let Some(&thing) = part.get(at) {
                for &other in self.outs[thing].iter().chain(&self.ins[thing]) {
                    if !std::mem::replace(&mut seen[other], true) {
                        part.push(other);
                    }
                }
                at += 1;
            }
            let first = part.iter().map(|&thing| columns[thing]).min().unwrap_or(0);
            for thing in part {
                columns[thing] -= first;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(edges: &[(usize, usize)], first: &[usize], last: &[usize]) -> Vec<usize> {
        let count = edges.iter().map(|&(from, to)| from.max(to) + 1).max().unwrap();
        let mut order = Order {
            outs: vec![Vec::new(); count],
            ins: vec![Vec::new(); count],
            first: (0..count).map(|thing| first.contains(&thing)).collect(),
            last: (0..count).map(|thing| last.contains(&thing)).collect(),
        };
        for &(from, to) in edges {
            order.outs[from].push(to);
            order.ins[to].push(from);
        }
        order.columns()
    }

    #[test]
    fn a_leaf_stands_before_its_first_use() {
        // 0 → 1 → 2 → 3, and the leaves 4 → 3, 5 → 2.
        assert_eq!(columns(&[(0, 1), (1, 2), (2, 3), (4, 3), (5, 2)], &[], &[]), [0, 1, 2, 3, 2, 1]);
        // An expression of leaves goes with them: 4 → 5 → 3.
        assert_eq!(columns(&[(0, 1), (1, 2), (2, 3), (4, 5), (5, 3)], &[], &[]), [0, 1, 2, 3, 1, 2]);
    }

    #[test]
    fn gates_keep_to_the_borders() {
        assert_eq!(columns(&[(0, 1), (1, 2), (3, 2), (1, 4)], &[0, 3], &[4]), [0, 1, 2, 0, 2]);
    }

    #[test]
    fn a_circle_is_broken() {
        assert_eq!(columns(&[(0, 1), (1, 2), (2, 0)], &[], &[]), [0, 1, 2]);
    }

    #[test]
    fn parts_begin_together() {
        assert_eq!(columns(&[(0, 1), (1, 2), (3, 4)], &[], &[]), [0, 1, 2, 0, 1]);
    }
}
