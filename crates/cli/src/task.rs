//! What differs between classes and numbers.

use draw::ReportData;
use ndarray::{Array2, ArrayBase, ArrayView2, DataMut, Ix2};
use nn::data::{Classes, Targets, Values};
use nn::{Dataset, Layer, Losses, Network, Optimizer, Params, SoftmaxCrossEntropy, Trainer, metrics};
use tape::{Scalar, Tape, Tensor};

use crate::args::{ScaleName, TrainArgs};
use crate::data::{Answers, Form, Parts, Scale};
use crate::fault::Fault;
use crate::report;

/// Rows with classes, or rows with numbers.
pub(crate) trait Task: Targets + Sized {
    /// The metric that tells how well it goes, 1 at best.
    const METRIC: &'static str;

    /// How many numbers a network has to give.
    fn outputs(rows: &Dataset<Self>) -> usize;

    /// The loss that was asked for, with its metric.
    fn trainer<'a>(
        args: &TrainArgs,
        network: &'a Network<f32>,
        optimizer: Box<dyn Optimizer<f32>>,
        train: &Dataset<Self>,
    ) -> Result<Trainer<'a, Self>, Fault>;

    /// The loss of some rows, as it is trained with.
    fn loss<'t>(
        args: &TrainArgs,
        train: &Dataset<Self>,
        outputs: Tensor<'t, f32>,
        answers: Self::View<'_>,
    ) -> Result<Scalar<'t, f32>, tape::Error>;

    /// The rows, for a report to look at.
    fn shown(rows: &Dataset<Self>) -> ReportData<'_>;

    /// The answers as numbers that tell them from others.
    fn bits(rows: &Dataset<Self>) -> impl Iterator<Item = u32>;

    /// Takes the scale of the answers from the rows to train on.
    fn fit(form: &mut Form, args: &TrainArgs, train: &Dataset<Self>) -> Result<(), Fault>;

    /// Brings answers to that scale.
    fn scale(form: &Form, rows: &mut Dataset<Self>) -> Result<(), Fault>;

    /// What the network is worth on the rows to test on, the metric last; of numbers, on the scale of the data.
    fn figures(
        parts: &Parts<Self>,
        network: &Network<f32>,
        params: &Params<f32>,
    ) -> Result<Vec<(&'static str, f64)>, Fault>;
}

impl Task for Classes {
    const METRIC: &'static str = "accuracy";

    fn outputs(rows: &Dataset<Self>) -> usize {
        rows.classes()
    }

    fn trainer<'a>(
        args: &TrainArgs,
        network: &'a Network<f32>,
        optimizer: Box<dyn Optimizer<f32>>,
        train: &Dataset<Self>,
    ) -> Result<Trainer<'a, Self>, Fault> {
        if args.class_weights.is_none() && args.label_smoothing == 0.0 {
            return Ok(Trainer::classifier(network, optimizer));
        }
        let loss = cross_entropy(args, train);
        let trainer =
            Trainer::new(network, optimizer, move |logits, labels| loss.of(logits, labels).to_scalar());
        Ok(trainer.metric(Self::METRIC, |logits, labels| metrics::accuracy(logits, labels)))
    }

    fn loss<'t>(
        args: &TrainArgs,
        train: &Dataset<Self>,
        outputs: Tensor<'t, f32>,
        answers: &[usize],
    ) -> Result<Scalar<'t, f32>, tape::Error> {
        cross_entropy(args, train).try_of(outputs, answers)?.try_to_scalar()
    }

    fn shown(rows: &Dataset<Self>) -> ReportData<'_> {
        rows.into()
    }

    fn bits(rows: &Dataset<Self>) -> impl Iterator<Item = u32> {
        rows.labels().iter().map(|&label| label as u32)
    }

    fn fit(_: &mut Form, _: &TrainArgs, _: &Dataset<Self>) -> Result<(), Fault> {
        Ok(())
    }

    fn scale(_: &Form, _: &mut Dataset<Self>) -> Result<(), Fault> {
        Ok(())
    }

    fn figures(
        parts: &Parts<Self>,
        network: &Network<f32>,
        params: &Params<f32>,
    ) -> Result<Vec<(&'static str, f64)>, Fault> {
        let logits = outputs(network, params, &parts.test);
        Ok(vec![("accuracy", metrics::accuracy(logits.view(), parts.test.labels()))])
    }
}

fn cross_entropy(args: &TrainArgs, train: &Dataset) -> SoftmaxCrossEntropy {
    let loss = SoftmaxCrossEntropy::new().label_smoothing(args.label_smoothing);
    match args.class_weights {
        Some(_) => loss.weights(balanced(&train.class_counts())),
        None => loss,
    }
}

/// The weight of each class: the number of rows, over that of classes and that of the rows of the class. A class without
/// rows never counts, whatever its weight.
fn balanced(counts: &[usize]) -> Vec<f64> {
    let rows: usize = counts.iter().sum();
    counts.iter().map(|&count| rows as f64 / (counts.len() * count.max(1)) as f64).collect()
}

impl Task for Values {
    const METRIC: &'static str = "r2";

    fn outputs(rows: &Dataset<Self>) -> usize {
        rows.outputs()
    }

    fn trainer<'a>(
        args: &TrainArgs,
        network: &'a Network<f32>,
        optimizer: Box<dyn Optimizer<f32>>,
        _: &Dataset<Self>,
    ) -> Result<Trainer<'a, Self>, Fault> {
        let given = [
            ("--label-smoothing", args.label_smoothing > 0.0),
            ("--class-weights", args.class_weights.is_some()),
        ];
        if let Some((option, _)) = given.iter().find(|(_, given)| *given) {
            return Err(Fault::input(format!("{option} goes with classes, and the answers are numbers")));
        }
        let trainer = Trainer::regressor(network, optimizer);
        Ok(trainer.metric(Self::METRIC, |outputs, targets| metrics::r2_score(outputs, targets)))
    }

    fn loss<'t>(
        _: &TrainArgs,
        _: &Dataset<Self>,
        outputs: Tensor<'t, f32>,
        answers: ArrayView2<'_, f32>,
    ) -> Result<Scalar<'t, f32>, tape::Error> {
        outputs.try_mse(answers)
    }

    fn shown(rows: &Dataset<Self>) -> ReportData<'_> {
        rows.into()
    }

    fn bits(rows: &Dataset<Self>) -> impl Iterator<Item = u32> {
        rows.targets().into_iter().map(|answer| answer.to_bits())
    }

    fn fit(form: &mut Form, args: &TrainArgs, train: &Dataset<Self>) -> Result<(), Fault> {
        let Answers::Values { log, scale, .. } = &mut form.answers else { return Ok(()) };
        *log = args.log_target;
        let mut targets = train.targets().to_owned();
        logarithm(*log, &mut targets)?;
        // Of one scale whatever their unit, answers are learnt with the usual rates.
        *scale = Scale::fit(ScaleName::Standard, &targets)?;
        Ok(())
    }

    fn scale(form: &Form, rows: &mut Dataset<Self>) -> Result<(), Fault> {
        let Answers::Values { log, scale, .. } = &form.answers else { return Ok(()) };
        let mut targets = rows.targets_mut();
        logarithm(*log, &mut targets)?;
        scale.apply(&mut targets)
    }

    fn figures(
        parts: &Parts<Self>,
        network: &Network<f32>,
        params: &Params<f32>,
    ) -> Result<Vec<(&'static str, f64)>, Fault> {
        let Answers::Values { scale, .. } = &parts.form.answers else { return Ok(Vec::new()) };
        let mut found = outputs(network, params, &parts.test);
        let mut wanted = parts.test.targets().to_owned();
        scale.invert(&mut found)?;
        scale.invert(&mut wanted)?;
        let scores = report::scores(&found, &wanted.view());
        Ok(vec![("mae", scores.mae), ("rmse", scores.rmse), ("r2", scores.r2)])
    }
}

/// The logarithm of answers, where it was asked for.
pub(crate) fn logarithm<S: DataMut<Elem = f32>>(
    wanted: bool,
    answers: &mut ArrayBase<S, Ix2>,
) -> Result<(), Fault> {
    if !wanted {
        return Ok(());
    }
    if let Some(answer) = answers.iter().find(|&&answer| answer <= 0.0) {
        return Err(Fault::input(format!("--log-target: answers above 0 are expected, found {answer}")));
    }
    answers.mapv_inplace(f32::ln);
    Ok(())
}

/// What a network answers to each row.
pub(crate) fn outputs<Y: Targets>(
    network: &Network<f32>,
    params: &Params<f32>,
    rows: &Dataset<Y>,
) -> Array2<f32> {
    /// Enough to be fast, and few enough for the memory of any data set that itself fits.
    const PIECE: usize = 500;
    let mut tape = Tape::new();
    let mut answers = Vec::new();
    for (x, _) in rows.batches(PIECE) {
        let net = params.on(&tape).evaluation();
        answers.extend(network.forward(&net, tape.constant(x)).value());
        tape.reset();
    }
    let shape = (rows.len(), answers.len() / rows.len().max(1));
    Array2::from_shape_vec(shape, answers).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn balanced_weights_give_all_classes_the_same_sum() {
        let counts = [10, 30, 0, 60];
        let weights = balanced(&counts);
        let sums: Vec<f64> =
            counts.iter().zip(&weights).map(|(&count, weight)| count as f64 * weight).collect();
        assert_eq!(sums, [25.0, 25.0, 0.0, 25.0]);
    }
}
