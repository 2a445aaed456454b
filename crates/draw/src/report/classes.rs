//! What a classifier takes for what, and where it is most wrong.

use nn::Dataset;
use nn::metrics::ConfusionMatrix;

use super::run::{Model, chosen, greatest, logits, probabilities};

/// A classifier on some rows.
#[derive(Clone, Debug)]
pub(super) struct Classified {
    pub(super) matrix: ConfusionMatrix,
    /// How many rows were looked at, of how many.
    pub(super) rows: usize,
    pub(super) of: usize,
    /// How many of them were taken for something else.
    pub(super) wrong: usize,
    /// For how many of them the model gives a NaN or an infinity.
    pub(super) not_finite: usize,
    /// The mean of the losses, in nats.
    pub(super) loss: f64,
    /// The rows with the highest loss, those that are wrong first.
    pub(super) worst: Vec<Judged>,
}

/// A row and what it was taken for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Judged {
    /// Its position in the data set.
    pub(super) row: usize,
    pub(super) label: usize,
    /// `None` where the network gives no numbers.
    pub(super) predicted: Option<usize>,
    /// The probability of the label, and of what was predicted.
    pub(super) of_label: f64,
    pub(super) of_predicted: f64,
    /// `−ln` of the probability of the label, in nats.
    pub(super) loss: f64,
}

impl Judged {
    pub(super) fn is_wrong(&self) -> bool {
        self.predicted != Some(self.label)
    }
}

impl Classified {
    /// How many rows are shown.
    const WORST: usize = 24;

    /// At most so many rows of the data; or why there is nothing.
    pub(super) fn of(model: Model<'_>, data: &Dataset, most: usize) -> Result<Self, String> {
        let rows = chosen(data.len(), most);
        let part = if rows.len() == data.len() { data.clone() } else { data.select(&rows) };
        let logits = logits(model.outputs(&part.features())?);
        let (outputs, classes) = (logits.ncols(), data.classes());
        if outputs != classes {
            return Err(format!("the model has {outputs} outputs, and the data {classes} classes"));
        }
        let mut matrix = ConfusionMatrix::named(data.class_names().iter().cloned());
        matrix.try_add(logits.view(), part.labels()).map_err(|error| error.to_string())?;
        let judged = rows.iter().zip(part.labels()).zip(logits.rows()).map(|((&row, &label), logits)| {
            let p = probabilities(logits);
            let logit = |class: usize| f64::from(logits[class]);
            let top = logits.iter().copied().map(f64::from).fold(f64::NEG_INFINITY, f64::max);
            let sum: f64 = logits.iter().map(|&logit| (f64::from(logit) - top).exp()).sum();
            let predicted = greatest(&logits.iter().map(|&logit| f64::from(logit)).collect::<Vec<_>>());
            Judged {
                row,
                label,
                predicted,
                of_label: p[label],
                of_predicted: predicted.map_or(f64::NAN, |class| p[class]),
                // Not −ln p, which is infinite where p is too small for a number.
                loss: top - logit(label) + sum.ln(),
            }
        });
        let mut judged: Vec<Judged> = judged.collect();
        let wrong = judged.iter().filter(|row| row.is_wrong()).count();
        let loss = judged.iter().map(|row| row.loss).sum::<f64>() / judged.len() as f64;
        judged.sort_by(|a, b| b.is_wrong().cmp(&a.is_wrong()).then(b.loss.total_cmp(&a.loss)));
        judged.truncate(Self::WORST);
        let finite = |row: &ndarray::ArrayView1<'_, f32>| row.iter().all(|logit| logit.is_finite());
        let not_finite = logits.rows().into_iter().filter(|row| !finite(row)).count();
        Ok(Self { matrix, rows: rows.len(), of: data.len(), wrong, not_finite, loss, worst: judged })
    }

    /// The pairs that are confused most: how often, the class, and what it was taken for.
    pub(super) fn confused(&self) -> Vec<(u64, usize, usize)> {
        let counts = self.matrix.counts();
        let pairs =
            counts.indexed_iter().filter(|((label, predicted), count)| label != predicted && **count > 0);
        let mut pairs: Vec<_> = pairs.map(|((label, predicted), &count)| (count, label, predicted)).collect();
        pairs.sort_by_key(|&(count, label, predicted)| (std::cmp::Reverse(count), label, predicted));
        pairs
    }
}
