//! Metrics that take batch after batch: against scikit-learn 1.9, and what holds whatever the numbers.

use ndarray::{Array1, Array2, Array3, Axis, array, s};
use nn::metrics::{
    Average, ClassScores, ConfusionMatrix, RegressionScores, Residuals, accuracy, mean_absolute_error,
    mean_squared_error, one_hot, r2_score, root_mean_squared_error, try_mean_absolute_error, try_r2_score,
};
use proptest::prelude::*;
use tape::{Error, ErrorKind};

#[track_caller]
fn assert_near(a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-15 * b.abs().max(1.0), "{a} is not {b}");
}

#[track_caller]
fn assert_starts<V: std::fmt::Debug>(result: Result<V, Error>, kind: ErrorKind, text: &str) {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), kind);
    let found = error.to_string();
    assert!(found.starts_with(text) && found.contains("(at crates/nn/tests/library/metrics.rs:"), "{found}");
}

fn matrix(classes: usize, predicted: &[usize], labels: &[usize]) -> ConfusionMatrix {
    let mut matrix = ConfusionMatrix::new(classes);
    matrix.add_predictions(predicted, labels);
    matrix
}

const TRUE: [usize; 15] = [0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 2, 3, 0, 1];
const PREDICTED: [usize; 15] = [0, 0, 1, 2, 1, 1, 0, 2, 2, 2, 1, 4, 2, 0, 1];

/// Class 3 is never predicted, 4 has no rows, 5 neither.
#[test]
fn classes_score_as_in_scikit_learn() {
    // sklearn.metrics.confusion_matrix(true, predicted, labels=range(6))
    let of = matrix(6, &PREDICTED, &TRUE);
    let counts = array![
        [3, 1, 1, 0, 0, 0],
        [1, 3, 0, 0, 0, 0],
        [0, 1, 3, 0, 1, 0],
        [0, 0, 1, 0, 0, 0],
        [0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0]
    ];
    assert_eq!(of.counts(), counts);
    // sklearn.metrics.precision_recall_fscore_support(true, predicted, labels=range(6), zero_division=0)
    let precision = [0.75, 0.6, 0.6, 0.0, 0.0, 0.0];
    let recall = [0.6, 0.75, 0.6, 0.0, 0.0, 0.0];
    let f1 = [2.0 / 3.0, 2.0 / 3.0, 0.6, 0.0, 0.0, 0.0];
    let support = [5, 4, 5, 1, 0, 0];
    for (class, scores) in of.class_scores().into_iter().enumerate() {
        assert_near(scores.precision, precision[class]);
        assert_near(scores.recall, recall[class]);
        assert_near(scores.f1, f1[class]);
        assert_eq!(scores.support, support[class]);
    }
    // sklearn.metrics.precision_recall_fscore_support(true, predicted, average=…, zero_division=0)
    let averages = [
        (Average::Macro, [0.39, 0.39, 0.386_666_666_666_666_6]),
        (Average::Micro, [0.6, 0.6, 0.6]),
        (Average::Weighted, [0.61, 0.6, 0.6]),
    ];
    for (average, [precision, recall, f1]) in averages {
        let scores = of.average(average);
        assert_near(scores.precision, precision);
        assert_near(scores.recall, recall);
        assert_near(scores.f1, f1);
        assert_eq!(scores.support, 15);
    }
    assert_eq!(of.accuracy(), 0.6);
}

#[test]
fn a_row_without_a_prediction_is_missed() {
    let nan = f64::NAN;
    let mut of = ConfusionMatrix::new(2);
    of.add(array![[nan, nan], [2.0, nan], [0.0, 1.0], [nan, nan]].view(), &[0, 0, 1, 0]);
    assert_eq!(of.counts(), array![[1, 0], [0, 1]]);
    assert_eq!((of.undecided(), of.rows(), of.accuracy()), (&[2, 0][..], 4, 0.5));
    let first = ClassScores { precision: 1.0, recall: 1.0 / 3.0, f1: 0.5, support: 3 };
    assert_eq!(of.class_scores()[0], first);
    let micro = of.average(Average::Micro);
    assert_eq!((micro.precision, micro.recall, micro.support), (1.0, 0.5, 4));

    let mut diverged = ConfusionMatrix::new(3);
    diverged.add(Array2::from_elem((4, 3), f32::NAN).view(), &[0, 0, 1, 2]);
    for average in [Average::Macro, Average::Micro, Average::Weighted] {
        let nothing = ClassScores { precision: 0.0, recall: 0.0, f1: 0.0, support: 4 };
        assert_eq!(diverged.average(average), nothing);
    }
    let mut twice = diverged.clone();
    twice.merge(&diverged);
    assert_eq!(twice.undecided(), [4, 2, 2]);
}

#[test]
fn without_rows_there_is_no_credit() {
    let nothing = ClassScores { precision: 0.0, recall: 0.0, f1: 0.0, support: 0 };
    for classes in [0, 1, 3] {
        let mut of = ConfusionMatrix::new(classes);
        of.add(Array2::<f32>::zeros((0, classes)).view(), &[]);
        assert_eq!((of.accuracy(), of.rows()), (0.0, 0));
        assert_eq!(of.class_scores(), vec![nothing; classes]);
        for average in [Average::Macro, Average::Micro, Average::Weighted] {
            assert_eq!(of.average(average), nothing);
        }
    }
}

#[test]
fn what_cannot_be_counted_is_named_and_changes_nothing() {
    let mut of = matrix(3, &PREDICTED[..3], &TRUE[..3]);
    let before = of.clone();
    let rows = array![[0.0, 1.0, 2.0], [0.0, 1.0, 2.0]];
    let label = "confusion matrix: [2, 3]: the label 3 of row 1 is none of the 3 classes";
    assert_starts(of.try_add(rows.view(), &[0, 3]), ErrorKind::Value, label);
    let count = "confusion matrix: [2, 3]: 2 labels expected, found 1";
    assert_starts(of.try_add(rows.view(), &[0]), ErrorKind::Shape, count);
    let columns = "confusion matrix: [2, 2]: 3 columns expected, one to each class";
    assert_starts(of.try_add(rows.slice(s![.., ..2]), &[0, 1]), ErrorKind::Shape, columns);
    let axes = "confusion matrix: [3]: two axes are expected, rows and columns";
    assert_starts(of.try_add(rows.row(0), &[0]), ErrorKind::Shape, axes);
    let label = "confusion matrix: the label 4 of row 0 is none of the 3 classes";
    assert_starts(of.try_add_predictions(&[0], &[4]), ErrorKind::Value, label);
    let prediction = "confusion matrix: the prediction 7 of row 1 is none of the 3 classes";
    assert_starts(of.try_add_predictions(&[0, 7], &[0, 0]), ErrorKind::Value, prediction);
    let count = "confusion matrix: 1 label expected, found 2";
    assert_starts(of.try_add_predictions(&[0], &[0, 0]), ErrorKind::Shape, count);
    let names = r#"confusion matrix: the classes ["0", "1", "2"] expected, found ["a", "b", "c"]"#;
    assert_starts(of.try_merge(&ConfusionMatrix::named(["a", "b", "c"])), ErrorKind::Value, names);
    assert_eq!(of, before);
}

/// Rows of a true and a predicted class.
fn decisions() -> impl Strategy<Value = (Vec<usize>, Vec<usize>)> {
    prop::collection::vec((0usize..5, 0usize..5), 1..60).prop_map(|rows| rows.into_iter().unzip())
}

proptest! {
    #[test]
    fn averages_of_classes((labels, predicted) in decisions()) {
        let of = matrix(5, &predicted, &labels);
        let right = accuracy(one_hot::<f32>(&predicted, 5).view(), &labels);
        prop_assert_eq!(of.accuracy(), right);
        let micro = of.average(Average::Micro);
        prop_assert_eq!((micro.precision, micro.recall, micro.f1), (right, right, right));
        prop_assert!((of.average(Average::Weighted).recall - right).abs() < 1e-15);

        // What is precision of the one is recall of the other.
        let turned = matrix(5, &labels, &predicted);
        prop_assert_eq!(turned.counts().reversed_axes(), of.counts());
        let (own, other) = (of.average(Average::Macro), turned.average(Average::Macro));
        prop_assert_eq!((own.precision, own.recall, own.f1), (other.recall, other.precision, other.f1));
        for scores in of.class_scores() {
            let (p, r) = (scores.precision, scores.recall);
            let harmonic = if p + r > 0.0 { 2.0 * p * r / (p + r) } else { 0.0 };
            prop_assert!((scores.f1 - harmonic).abs() < 1e-15);
        }
    }

    #[test]
    fn classes_are_counted_in_any_order_and_in_any_batches(
        (mut labels, mut predicted) in decisions(),
        cut in 0usize..60,
        turn in 0usize..60,
    ) {
        let of = matrix(5, &predicted, &labels);
        let (cut, turn) = (cut % labels.len(), turn % labels.len());
        labels.rotate_left(turn);
        predicted.rotate_left(turn);
        let mut batches = matrix(5, &predicted[..cut], &labels[..cut]);
        batches.add(one_hot::<f32>(&predicted[cut..], 5).view(), &labels[cut..]);
        prop_assert_eq!(&batches, &of);
        let mut parts = matrix(5, &predicted[..cut], &labels[..cut]);
        parts.merge(&matrix(5, &predicted[cut..], &labels[cut..]));
        prop_assert_eq!(&parts, &of);
    }
}

fn residuals(predictions: &Array2<f64>, targets: &Array2<f64>) -> Residuals {
    let mut residuals = Residuals::new();
    residuals.add(predictions.view(), targets.view());
    residuals
}

#[test]
fn numbers_score_as_in_scikit_learn() {
    let targets = array![[0.5, 1.0], [-1.0, 1.0], [7.0, -6.0], [2.5, 0.25]];
    let predictions = array![[0.0, 2.0], [-1.0, 2.0], [8.0, -5.0], [2.0, 0.5]];
    // sklearn.metrics.mean_absolute_error(targets, predictions) and so on, first with multioutput="raw_values".
    let scores = residuals(&predictions, &targets).output_scores();
    let roots = [0.612_372_435_695_794_5, 0.875];
    let r2 = [0.958_620_689_655_172_4, 0.911_352_329_262_777];
    for (k, scores) in scores.into_iter().enumerate() {
        assert_near(scores.mae, [0.5, 0.8125][k]);
        assert_near(scores.mse, [0.375, 0.765_625][k]);
        assert_near(scores.rmse, roots[k]);
        assert_near(scores.r2, r2[k]);
    }
    assert_near(mean_absolute_error(predictions.view(), targets.view()), 0.65625);
    assert_near(mean_squared_error(predictions.view(), targets.view()), 0.570_312_5);
    assert_near(root_mean_squared_error(predictions.view(), targets.view()), 0.743_686_217_847_897_2);
    assert_near(r2_score(predictions.view(), targets.view()), 0.934_986_509_458_974_7);
    // A vector is one output, of either side.
    let (p, t) = (predictions.column(0), targets.column(0));
    assert_near(r2_score(p, t), r2[0]);
    assert_near(r2_score(p.insert_axis(Axis(1)), t.into_dyn()), r2[0]);
    // In f32 these numbers are the same.
    let single = r2_score(predictions.mapv(|x| x as f32).view(), targets.mapv(|x| x as f32).view());
    assert_near(single, 0.934_986_509_458_974_7);
}

#[test]
fn targets_without_variance_are_met_or_missed() {
    // sklearn.metrics.r2_score gives the same 1, 0 and 0.5.
    let constant = Array1::from_elem(1000, 0.1);
    assert_eq!(r2_score(constant.view(), constant.view()), 1.0);
    assert_eq!(r2_score(constant.mapv(|x| x + 1e-9).view(), constant.view()), 0.0);
    let both = array![[3.0, 1.0], [3.0, 2.0], [3.0, 3.0]];
    let predicted = array![[3.0, 1.0], [3.0, 2.0], [4.0, 3.0]];
    assert_eq!(r2_score(predicted.view(), both.view()), 0.5);
    assert_eq!(r2_score(array![2.0].view(), array![2.0].view()), 1.0);
    // Batch by batch as well.
    let mut batches = Residuals::new();
    for part in constant.axis_chunks_iter(Axis(0), 7) {
        batches.add(part, part);
    }
    assert_eq!(batches.scores(), RegressionScores { mae: 0.0, mse: 0.0, rmse: 0.0, r2: 1.0 });
}

#[test]
fn a_diverged_network_explains_nothing() {
    let targets = array![1.0, 2.0, 3.0];
    let all = |predictions: Array1<f64>, targets: &Array1<f64>| {
        let mut residuals = Residuals::new();
        residuals.add(predictions.view(), targets.view());
        let RegressionScores { mae, mse, rmse, r2 } = residuals.scores();
        [mae, mse, rmse, r2]
    };
    let inf = f64::INFINITY;
    assert!(all(array![1.0, f64::NAN, 3.0], &targets).iter().all(|score| score.is_nan()));
    assert!(all(targets.clone(), &array![1.0, f64::NAN, 3.0]).iter().all(|score| score.is_nan()));
    assert_eq!(all(array![1.0, inf, 3.0], &targets), [inf, inf, inf, -inf]);
    let constant = array![2.0, 2.0, 2.0];
    assert_eq!(all(array![2.0, -inf, 2.0], &constant), [inf, inf, inf, -inf]);
    assert!(all(array![2.0, f64::NAN, 2.0], &constant)[3].is_nan());
    // A batch of it spoils the epoch.
    let mut residuals = Residuals::new();
    residuals.add(array![f64::NAN].view(), array![1.0].view());
    residuals.add(targets.view(), targets.view());
    assert!(residuals.scores().mae.is_nan() && residuals.scores().r2.is_nan());
}

#[test]
fn targets_far_from_zero_keep_their_variance() {
    let targets = Array1::from_shape_fn(100_000, |k| 1e9 + (k % 10) as f64);
    let predictions = targets.mapv(|t| t + 1.0);
    // Σ 1 / Σ (k − 4.5)² over ten.
    let r2 = 1.0 - 10.0 / 82.5;
    assert!((r2_score(predictions.view(), targets.view()) - r2).abs() < 1e-13);
    let mut batches = Residuals::new();
    for start in (0..100_000).step_by(33) {
        let rows = s![start..(start + 33).min(100_000)];
        batches.add(predictions.slice(rows), targets.slice(rows));
    }
    assert!((batches.scores().r2 - r2).abs() < 1e-13, "{}", batches.scores().r2);
    assert_eq!(batches.scores().mae, 1.0);
}

#[test]
fn what_cannot_be_compared_is_named_and_changes_nothing() {
    let two = array![[1.0, 2.0], [3.0, 4.0]];
    let mut of = residuals(&two, &two);
    let before = of.clone();
    let outputs = "residuals: 2 outputs expected, as before, and found 1";
    assert_starts(of.try_add(two.row(0), two.row(0)), ErrorKind::Shape, outputs);
    let mut one = Residuals::new();
    one.add(two.row(0), two.row(0));
    assert_starts(of.try_merge(&one), ErrorKind::Shape, outputs);
    let shapes = "residuals: [2, 2] × [2]: predictions and targets must have the same rows and outputs";
    assert_starts(of.try_add(two.view(), two.row(0)), ErrorKind::Shape, shapes);
    of.add(two.slice(s![..0, ..]), two.slice(s![..0, ..]));
    assert_eq!(of, before);

    let shapes = "r2_score: [2, 2] × [1, 2]: predictions and targets must have the same rows and outputs";
    assert_starts(try_r2_score(two.view(), two.slice(s![..1, ..])), ErrorKind::Shape, shapes);
    let none = Array1::<f32>::zeros(0);
    let text = "mean_absolute_error: there are no rows, and no mean of their errors";
    assert_starts(try_mean_absolute_error(none.view(), none.view()), ErrorKind::Empty, text);
    let empty = Array2::<f32>::zeros((2, 0));
    let text = "r2_score: [2, 0]: the rows have no columns";
    assert_starts(try_r2_score(empty.view(), empty.view()), ErrorKind::Empty, text);
    let deep = Array3::<f32>::zeros((1, 2, 1));
    let text = "r2_score: [1, 2, 1]: one or two axes are expected";
    assert_starts(try_r2_score(deep.view(), deep.view()), ErrorKind::Shape, text);
    assert_starts(Residuals::new().try_scores(), ErrorKind::Empty, "residuals: there are no rows");
}

proptest! {
    #[test]
    fn numbers_are_summed_in_any_order_and_in_any_batches(
        mut rows in prop::collection::vec(prop::array::uniform4(-100.0..100.0), 1..40),
        cut in 0usize..40,
        turn in 0usize..40,
    ) {
        let both = |rows: &[[f64; 4]]| {
            let side = |k: usize| Array2::from_shape_fn((rows.len(), 2), |(r, c)| rows[r][2 * k + c]);
            (side(0), side(1))
        };
        let (predictions, targets) = both(&rows);
        let all = residuals(&predictions, &targets).scores();
        prop_assert!((all.mse - (&predictions - &targets).mapv(|e| e * e).mean().unwrap()).abs() < 1e-10);

        let (cut, turn) = (cut % rows.len(), turn % rows.len());
        rows.rotate_left(turn);
        let parts = [both(&rows[..cut]), both(&rows[cut..])];
        let mut batches = Residuals::new();
        parts.iter().for_each(|(predictions, targets)| batches.add(predictions.view(), targets.view()));
        let mut merged = residuals(&parts[0].0, &parts[0].1);
        merged.merge(&residuals(&parts[1].0, &parts[1].1));
        prop_assert_eq!(&merged, &batches);
        let near = |a: f64, b: f64| (a - b).abs() <= 1e-12 * b.abs().max(1.0);
        let scores = batches.scores();
        prop_assert!(near(scores.mae, all.mae) && near(scores.mse, all.mse) && near(scores.rmse, all.rmse));
        prop_assert!(near(scores.r2, all.r2), "{} {}", scores.r2, all.r2);
    }

    #[test]
    fn the_mean_explains_nothing_and_the_truth_everything(
        targets in prop::collection::vec(-100.0..100.0f64, 2..40),
    ) {
        let targets = Array1::from(targets);
        prop_assume!(targets.iter().any(|t| (t - targets[0]).abs() > 1e-3));
        prop_assert_eq!(r2_score(targets.view(), targets.view()), 1.0);
        let mean = Array1::from_elem(targets.len(), targets.mean().unwrap());
        prop_assert!(r2_score(mean.view(), targets.view()).abs() < 1e-9);
    }
}
