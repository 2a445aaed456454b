//! The steps of a training, however many there are, in a bounded number of points.

use nn::train::{ObserverState, StepRecord};
use serde::Serialize;

/// Loss and gradient over the steps. As there are more of them, each point stands for more: which steps a point stands for
/// hangs on their number alone.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Steps {
    /// How many steps a point stands for.
    pub(super) every: u64,
    pub(super) points: Vec<Point>,
    /// The steps since the last point.
    open: Option<Point>,
}

/// Some steps, one after another.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct Point {
    /// The last of them.
    pub(super) step: u64,
    /// How many they are.
    pub(super) count: u64,
    /// Their mean loss.
    pub(super) loss: f64,
    /// The mean norm of their gradients.
    pub(super) gradient_norm: f64,
    /// The greatest norm of their gradients.
    pub(super) greatest: f64,
    /// The learning rate of the last of them.
    pub(super) learning_rate: f64,
}

impl Point {
    fn and(self, other: Self) -> Self {
        let count = self.count + other.count;
        let mean = |a: f64, b: f64| (a * self.count as f64 + b * other.count as f64) / count as f64;
        Self {
            count,
            loss: mean(self.loss, other.loss),
            gradient_norm: mean(self.gradient_norm, other.gradient_norm),
            greatest: self.greatest.max(other.greatest),
            ..other
        }
    }
}

impl Default for Steps {
    fn default() -> Self {
        Self { every: 1, points: Vec::new(), open: None }
    }
}

impl Steps {
    /// How many points there are, at most.
    const MOST: usize = 400;

    pub(super) fn push(&mut self, record: &StepRecord) {
        let point = Point {
            step: record.step,
            count: 1,
            loss: record.loss,
            gradient_norm: record.gradient_norm,
            greatest: record.gradient_norm,
            learning_rate: record.learning_rate,
        };
        let open = self.open.take().map_or(point, |open| open.and(point));
        if open.count < self.every {
            self.open = Some(open);
            return;
        }
        self.points.push(open);
        if self.points.len() == Self::MOST {
            self.points = self.points.chunks_exact(2).map(|pair| pair[0].and(pair[1])).collect();
            self.every *= 2;
        }
    }

    /// All points, the last of which may stand for fewer steps.
    pub(super) fn all(&self) -> impl Iterator<Item = Point> + Clone {
        self.points.iter().copied().chain(self.open)
    }

    pub(super) fn save(&self, state: ObserverState) -> ObserverState {
        let numbers = self.all().flat_map(|point| {
            let Point { step, count, loss, gradient_norm, greatest, learning_rate } = point;
            [step as f64, count as f64, loss, gradient_norm, greatest, learning_rate]
        });
        state.with("steps", numbers.collect::<Vec<_>>()).with("steps in a point", vec![self.every as f64])
    }

    pub(super) fn restored(state: &ObserverState) -> Option<Self> {
        let &[every] = state.get("steps in a point") else { return None };
        let (rows, rest) = state.get("steps").as_chunks::<6>();
        let points = rows.iter().map(|&[step, count, loss, gradient_norm, greatest, learning_rate]| Point {
            step: step as u64,
            count: count as u64,
            loss,
            gradient_norm,
            greatest,
            learning_rate,
        });
        let mut steps = Self { every: every as u64, points: points.collect(), open: None };
        steps.open = steps.points.pop_if(|last| last.count < steps.every);
        rest.is_empty().then_some(steps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(step: u64) -> StepRecord {
        let (loss, gradient_norm) = (1.0 / step as f64, if step == 700 { 1e3 } else { 1.0 });
        StepRecord { epoch: 1, step, learning_rate: step as f64, loss, gradient_norm }
    }

    #[test]
    fn points_are_bounded_and_forget_no_step() {
        let mut steps = Steps::default();
        for step in 1..=10_007 {
            steps.push(&record(step));
            assert!(steps.points.len() < Steps::MOST);
        }
        assert_eq!(steps.all().map(|point| point.count).sum::<u64>(), 10_007);
        assert_eq!(steps.all().last().unwrap().step, 10_007);
        let mean = steps.all().map(|point| point.loss * point.count as f64).sum::<f64>();
        let wanted: f64 = (1..=10_007).map(|step| 1.0 / f64::from(step)).sum();
        assert!((mean - wanted).abs() < 1e-9, "{mean} {wanted}");
        // A single bad step among thousands is still seen.
        assert_eq!(steps.all().map(|point| point.greatest).fold(0.0, f64::max), 1e3);
    }

    #[test]
    fn steps_go_on_where_they_were() {
        for kill in [3, 399, 400, 401, 1203] {
            let (mut whole, mut first) = (Steps::default(), Steps::default());
            (1..=kill).for_each(|step| first.push(&record(step)));
            let mut second = Steps::restored(&first.save(ObserverState::default())).unwrap();
            assert_eq!(first, second);
            (kill + 1..=2000).for_each(|step| second.push(&record(step)));
            (1..=2000).for_each(|step| whole.push(&record(step)));
            assert_eq!(whole, second);
        }
        assert_eq!(Steps::restored(&ObserverState::default()), None);
    }
}
