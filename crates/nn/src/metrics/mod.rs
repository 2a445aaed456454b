//! How good an answer is.
//!
//! | for | there is |
//! |---|---|
//! | classes | [`accuracy`], [`top_k_accuracy`], [`ConfusionMatrix`] with precision, recall and F1, [`roc_auc`], [`log_loss`] |
//! | numbers | [`mean_absolute_error`], [`mean_squared_error`], [`root_mean_squared_error`], [`r2_score`], all at once in [`Residuals`] |
//!
//! **Batch by batch.** [`ConfusionMatrix`] and [`Residuals`] take one batch after another and then give what all rows
//! together would have given. [`accuracy`], [`top_k_accuracy`] and [`log_loss`] are means over rows: those of batches are
//! weighted by their rows and added. [`roc_auc`] compares each row with every other one and needs all scores at once.
//!
//! **NaN.** A network that has diverged never scores well. Where classes are counted or ranked, a NaN loses every comparison;
//! where errors are summed, the result is NaN.
//!
//! Numbers of any type are summed in `f64`, with compensation.

mod accuracy;
mod class_scores;
mod confusion;
mod deviation;
mod log_loss;
mod one_hot;
mod regression;
mod report;
mod roc;
mod sum;

use ndarray::{Array2, ArrayView, ArrayView1, ArrayView2, Axis, Dimension, Ix2};
use tape::{Element, Error, ErrorKind, Shape};

pub use accuracy::{accuracy, argmax, top_k_accuracy, try_accuracy, try_argmax, try_top_k_accuracy};
pub use class_scores::{Average, ClassScores};
pub use confusion::ConfusionMatrix;
pub use deviation::mean_and_deviation;
pub use log_loss::{log_loss, try_log_loss};
pub use one_hot::{one_hot, try_one_hot};
pub use regression::{
    RegressionScores, Residuals, mean_absolute_error, mean_squared_error, r2_score, root_mean_squared_error,
    try_mean_absolute_error, try_mean_squared_error, try_r2_score, try_root_mean_squared_error,
};
pub use report::ClassificationReport;
pub use roc::{roc_auc, try_roc_auc};

/// The rows, where there are two axes and at least one column.
fn matrix<T, D: Dimension>(rows: ArrayView<'_, T, D>) -> Result<ArrayView2<'_, T>, Error> {
    let shape = Shape::from_slice(rows.shape());
    let fault = |kind, text: &str| Error::new(kind, text).shapes([&shape]);
    let rows = rows
        .into_dimensionality::<Ix2>()
        .map_err(|_| fault(ErrorKind::Shape, "two axes are expected, rows and columns"))?;
    match rows.dim() {
        (1.., 0) => Err(fault(ErrorKind::Empty, "the rows have no columns")),
        _ => Ok(rows),
    }
}

/// The rows of a matrix, or a vector as rows of one number.
fn matrix_or_vector<T, D: Dimension>(rows: ArrayView<'_, T, D>) -> Result<ArrayView2<'_, T>, Error> {
    match rows.ndim() {
        1 => matrix(rows.into_dyn().insert_axis(Axis(1))),
        2 => matrix(rows),
        _ => Err(Error::new(ErrorKind::Shape, "one or two axes are expected").shapes([rows.shape()])),
    }
}

/// The rows of a matrix with a column for each class, where each row has one of the classes as its label.
fn labelled<'a, T, D: Dimension>(
    rows: ArrayView<'a, T, D>,
    labels: &[usize],
) -> Result<ArrayView2<'a, T>, Error> {
    let rows = matrix(rows)?;
    check_count(rows.nrows(), labels)
        .and_then(|()| check_labels(labels, rows.ncols()))
        .map_err(|e| e.shapes([rows.shape()]))?;
    Ok(rows)
}

fn check_count(rows: usize, labels: &[usize]) -> Result<(), Error> {
    if labels.len() == rows {
        return Ok(());
    }
    let text = format!("{rows} label{} expected, found {}", if rows == 1 { "" } else { "s" }, labels.len());
    Err(Error::new(ErrorKind::Shape, text))
}

fn check_labels(labels: &[usize], classes: usize) -> Result<(), Error> {
    check_classes("label", labels, classes)
}

fn check_classes(name: &str, given: &[usize], classes: usize) -> Result<(), Error> {
    match given.iter().enumerate().find(|&(_, &class)| class >= classes) {
        Some((row, class)) => {
            let text = format!("the {name} {class} of row {row} is none of the {classes} classes");
            Err(Error::new(ErrorKind::Value, text))
        }
        None => Ok(()),
    }
}

/// The first of the greatest, NaN passed over.
fn greatest<T: Element>(row: &ArrayView1<'_, T>) -> Option<usize> {
    let mut best: Option<(usize, T)> = None;
    for (column, &x) in row.iter().enumerate().filter(|(_, x)| !x.is_nan()) {
        if best.is_none_or(|(_, greatest)| x > greatest) {
            best = Some((column, x));
        }
    }
    best.map(|(column, _)| column)
}

/// A matrix of one and the same value.
fn filled<V: Clone>(shape: [usize; 2], value: V) -> Result<Array2<V>, Error> {
    let len = tape::shape::elements(&shape)?;
    let mut values = Vec::new();
    values.try_reserve_exact(len).map_err(|_| {
        Error::new(ErrorKind::Memory, format!("no memory for {len} elements")).shapes([shape])
    })?;
    values.resize(len, value);
    Array2::from_shape_vec(shape, values).map_err(|e| Error::new(ErrorKind::Shape, e.to_string()))
}

/// The number in `f64`; a number that carries derivatives leaves them behind.
fn plain<T: Element>(x: T) -> f64 {
    x.to_f64().unwrap_or(f64::NAN)
}
