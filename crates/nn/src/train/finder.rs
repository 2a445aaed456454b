//! Finding a learning rate.

use tape::Error;

use super::engine::{Rounds, with_engine};
use super::error::{TrainError, TrainErrorKind};
use super::start::loader;
use super::trainer::Trainer;
use super::work::Floor;
use crate::data::{Dataset, Targets};
use crate::params::Params;

/// The learning rates of a sweep: see [`Trainer::find_learning_rate`].
///
/// ```
/// let sweep = nn::train::Sweep::new().from(1e-5).to(1.0).steps(50);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sweep {
    from: f64,
    to: f64,
    steps: usize,
}

impl Default for Sweep {
    fn default() -> Self {
        Self { from: 1e-7, to: 10.0, steps: 100 }
    }
}

impl Sweep {
    /// From 1e-7 to 10 in 100 steps.
    pub fn new() -> Self {
        Self::default()
    }

    /// The rate of the first step.
    #[must_use]
    pub fn from(self, rate: f64) -> Self {
        Self { from: rate, ..self }
    }

    /// The rate of the last step.
    #[must_use]
    pub fn to(self, rate: f64) -> Self {
        Self { to: rate, ..self }
    }

    /// How many steps there are; each has a rate that is so many times that of the one before.
    #[must_use]
    pub fn steps(self, steps: usize) -> Self {
        Self { steps, ..self }
    }

    fn check(&self) -> Result<(), TrainError> {
        let Self { from, to, steps } = *self;
        if from > 0.0 && to > from && to.is_finite() && steps > 1 {
            return Ok(());
        }
        let text = "a sweep from a rate above 0 to a greater one in at least 2 steps is expected";
        Err(TrainError::setting(format!("{text}, found {from} to {to} in {steps}")))
    }

    fn rate(&self, step: usize) -> f64 {
        self.from * (self.to / self.from).powf(step as f64 / (self.steps - 1) as f64)
    }
}

/// One step of a sweep.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RatePoint {
    /// The learning rate of the step.
    pub rate: f64,
    /// The mean loss of its rows, before the step.
    pub loss: f64,
    /// The running mean of the losses up to here.
    pub smoothed: f64,
}

/// What a sweep has shown: how the loss goes with the learning rate.
#[derive(Clone, Debug, PartialEq)]
pub struct RateCurve {
    /// The steps, up to the last or to where the loss exploded.
    pub points: Vec<RatePoint>,
}

impl RateCurve {
    /// The rate at which the smoothed loss falls most steeply, over the logarithm of the rate; `None` where it never falls.
    ///
    /// The first steps, whose mean is of few losses, have no say.
    pub fn suggestion(&self) -> Option<f64> {
        const SETTLED: usize = 5;
        let points = self.points.get(SETTLED..)?;
        let lowest = points.iter().enumerate().min_by(|a, b| a.1.smoothed.total_cmp(&b.1.smoothed))?.0;
        // Rates grow by the same factor: differences of losses are slopes. Of two steps, so that noise counts for less.
        let slopes =
            points[..=lowest].windows(3).map(|three| (three[2].smoothed - three[0].smoothed, three[1].rate));
        let steepest = slopes.min_by(|a, b| a.0.total_cmp(&b.0))?;
        (steepest.0 < 0.0).then_some(steepest.1)
    }

    /// The rate at which the smoothed loss is lowest. Rates for a training are a tenth of it, or less.
    pub fn lowest(&self) -> Option<f64> {
        Some(self.points.iter().min_by(|a, b| a.smoothed.total_cmp(&b.smoothed))?.rate)
    }
}

impl<Y: Targets> Trainer<'_, Y> {
    /// Tries learning rates from small to large, a batch each, and records how the loss goes. It is done on a copy of the
    /// parameters; the optimiser is brought back to what it was: nothing is changed.
    ///
    /// It ends early where the smoothed loss is four times its lowest, or no number.
    ///
    /// # Errors
    /// The sweep or a setting cannot be, or the data do not fit the network.
    ///
    /// # Example
    /// ```
    /// use nn::prelude::*;
    /// use nn::train::Sweep;
    /// let mut params = Params::<f32>::seeded(42);
    /// let model = Mlp::new(&mut params, &[64, 32, 10], Activation::Relu);
    /// let mut trainer = Trainer::classifier(&model, Adam::new(1e-3));
    /// let curve = trainer.find_learning_rate(&params, &Dataset::digits(), Sweep::new())?;
    /// let rate = curve.suggestion().unwrap();
    /// assert!((1e-4..0.5).contains(&rate), "{rate}");
    /// # Ok::<(), nn::train::TrainError>(())
    /// ```
    ///
    /// Source: L. Smith, *Cyclical learning rates for training neural networks* (WACV 2017); fastai, `lr_find`.
    pub fn find_learning_rate(
        &mut self,
        params: &Params<f32>,
        train: &Dataset<Y>,
        sweep: Sweep,
    ) -> Result<RateCurve, TrainError> {
        sweep.check()?;
        self.settings.check()?;
        self.check_data("training data", train)?;
        let loader = loader(&self.settings, &self.augmentations, train)?;
        let (rate, state) = (self.optim.learning_rate(), self.optim.state(params));
        let mut copy = params.clone();
        let floor = Floor::new(&*self.model, &self.loss, &self.settings, &mut copy);
        let optim = &mut *self.optim;
        let curve = with_engine(self.settings.threads(), &floor, |engine: &mut dyn Rounds<'_, Y>| {
            let mut curve = Curve::default();
            let batches = (1..).flat_map(|epoch| loader.epoch(epoch));
            for (step, batch) in batches.take(sweep.steps).enumerate() {
                let rows = batch.len();
                let (loss, grads) = engine.gradients(batch, step as u64, rows)?;
                let rate = sweep.rate(step);
                if !curve.add(rate, loss / rows as f64) {
                    break;
                }
                optim.set_learning_rate(rate);
                engine.params(&mut |params| optim.step(params, &grads));
            }
            Ok::<_, TrainError>(curve)
        });
        let restored = optim.restore(params, &state);
        optim.set_learning_rate(rate);
        restored.map_err(|error: Error| TrainError::caused(TrainErrorKind::Operation, error))?;
        Ok(RateCurve { points: curve?.points })
    }
}

/// A sweep under way.
#[derive(Default)]
struct Curve {
    points: Vec<RatePoint>,
    mean: f64,
}

impl Curve {
    /// Whether to go on.
    fn add(&mut self, rate: f64, loss: f64) -> bool {
        /// How much of the past stays.
        const KEEP: f64 = 0.9;
        const EXPLODED: f64 = 4.0;
        if !loss.is_finite() {
            return false;
        }
        self.mean = KEEP * self.mean + (1.0 - KEEP) * loss;
        // Without this the mean would begin near 0: as Adam's.
        let smoothed = self.mean / (1.0 - KEEP.powi(self.points.len() as i32 + 1));
        self.points.push(RatePoint { rate, loss, smoothed });
        let lowest = self.points.iter().map(|point| point.smoothed).fold(f64::INFINITY, f64::min);
        smoothed <= EXPLODED * lowest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(loss: impl Fn(f64) -> f64) -> RateCurve {
        let sweep = Sweep::new().from(1e-5).to(1.0).steps(101);
        let mut curve = Curve::default();
        for step in 0..101 {
            let rate = sweep.rate(step);
            if !curve.add(rate, loss(rate)) {
                break;
            }
        }
        RateCurve { points: curve.points }
    }

    #[test]
    fn the_steepest_fall_is_suggested() {
        // Falls around 1e-3 over half a decade, explodes from 0.1 on.
        let falling = |rate: f64| 1.0 + 1.0 / (1.0 + (rate / 1e-3).powi(4)) + (rate / 0.1).powi(6);
        let curve = curve(falling);
        let suggestion = curve.suggestion().unwrap();
        assert!((8e-4..4e-3).contains(&suggestion), "{suggestion}");
        assert!(curve.points.last().unwrap().rate < 0.5, "it goes on after the explosion");
        let lowest = curve.lowest().unwrap();
        assert!((5e-3..0.1).contains(&lowest), "{lowest}");
    }

    #[test]
    fn where_nothing_falls_nothing_is_suggested() {
        assert_eq!(curve(|rate| 1.0 + rate).suggestion(), None);
        assert_eq!(curve(|_| f64::NAN).suggestion(), None);
    }

    #[test]
    fn rates_grow_by_one_factor_between_both_ends() {
        let sweep = Sweep::new().from(1e-4).to(1.0).steps(5);
        let rates: Vec<f64> = (0..5).map(|step| sweep.rate(step)).collect();
        assert!(rates.iter().zip([1e-4, 1e-3, 1e-2, 1e-1, 1.0]).all(|(a, b)| (a / b - 1.0).abs() < 1e-12));
        let error = Sweep::new().from(1.0).to(0.1).check().unwrap_err().to_string();
        let wanted = "trainer: a sweep from a rate above 0 to a greater one in at least 2 steps is expected, \
                      found 1 to 0.1 in 100";
        assert_eq!(error, wanted);
    }
}
