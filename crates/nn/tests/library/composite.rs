//! Composite nodes against the same thing made of primitive operations, and what they refuse.

use crate::common::{assert_same, assert_text, spread};
use ndarray::{Array1, Array2, ArrayD, Axis, array};
use nn::metrics::one_hot;
use nn::prelude::*;
use tape::{Element, ErrorKind, Tape, Tensor};

fn probabilities<T: Element>(rows: usize, columns: usize) -> Array2<T> {
    let mut p = spread::<T>(rows, columns, 0.3).mapv(|x| x.abs() + T::of(0.1));
    for mut row in p.rows_mut() {
        let total = row.iter().fold(T::zero(), |sum, &x| sum + x);
        row.mapv_inplace(|x| x / total);
    }
    p
}

fn affine_equals_its_parts<T: Element>() {
    for (n, n_in, n_out) in [(5, 3, 4), (1, 3, 1), (70, 17, 33), (4, 1, 1)] {
        let tape = Tape::<T>::new();
        let (x, w) = (tape.tensor(spread(n, n_in, 0.1)), tape.tensor(spread(n_in, n_out, 0.2)));
        let b = tape.tensor(spread(1, n_out, 0.3).remove_axis(Axis(0)));
        let scale = T::of(n_in as f64).recip();
        let parts = (x * scale).matmul(w) + b;
        assert_same("affine", (x * scale).affine(w, b), parts, &[x, w, b]);
        assert_same("linear", (x * scale).linear(w), (x * scale).matmul(w), &[x, w]);
        // Twice the same operand: gradients add up, and the second contribution adds to the first.
        let (a, c) = ((x * scale).affine(w, b), (x * scale).matmul(w) + b);
        let twice = |y: Tensor<'_, T>| -> ArrayD<T> { (y + y * y).mean().backward().wrt(w).to_owned() };
        let close = |(a, b): (&T, &T)| (*a - *b).abs() <= T::of(64.0) * T::epsilon() * a.abs().max(T::one());
        assert!(twice(a).iter().zip(&twice(c)).all(close));
    }
}

#[test]
fn affine() {
    affine_equals_its_parts::<f32>();
    affine_equals_its_parts::<f64>();
}

#[test]
fn affine_multiplies_each_row_with_the_weight() {
    let tape = Tape::<f64>::new();
    let zeros = |shape: &[usize]| tape.tensor((shape, vec![0.0; shape.iter().product()]));
    let (w, b) = (zeros(&[3, 4]), zeros(&[4]));
    let maps = [
        (zeros(&[5, 3]).affine(w, b), 5 * 3 * 4),
        (zeros(&[5, 3]).linear(w), 5 * 3 * 4),
        (zeros(&[2, 5, 3]).affine(w, b), 2 * 5 * 3 * 4),
        (zeros(&[3]).affine(w, b), 3 * 4),
        (zeros(&[0, 3]).affine(w, b), 0),
    ];
    for (y, count) in maps {
        assert_eq!(tape.nodes().nth(y.node_id().index()).unwrap().multiply_adds(), count, "{:?}", y.shape());
    }
    let loss = maps[0].0.softmax_cross_entropy(&[0, 1, 2, 3, 0]);
    assert_eq!(tape.nodes().nth(loss.node_id().index()).unwrap().multiply_adds(), 0);
}

#[test]
fn affine_takes_any_rows() {
    let tape = Tape::<f64>::new();
    let (w, b) = (tape.tensor(spread(3, 2, 0.2)), tape.tensor(array![1.0, 2.0]));
    let x = spread::<f64>(4, 3, 0.1);
    let batch = tape.constant(&x).affine(w, b).value();
    let one = tape.constant(x.row(1)).affine(w, b);
    assert_eq!((one.shape(), one.value()), (&[2][..], batch.index_axis(Axis(0), 1)));
    let sequences = tape.constant(x.into_shape_with_order((2, 2, 3)).unwrap()).affine(w, b);
    assert_eq!(sequences.shape(), [2, 2, 2]);
    assert_eq!(sequences.value().as_slice(), batch.as_slice());
    assert_eq!(tape.constant(Array2::zeros((0, 3))).affine(w, b).shape(), [0, 2]);
    let none = tape.constant(Array2::zeros((4, 0))).affine(tape.tensor(Array2::zeros((0, 2))), b);
    assert_eq!(none.value().rows().into_iter().filter(|row| row == array![1.0, 2.0]).count(), 4);
    let loss = tape.constant(Array2::zeros((0, 3))).affine(w, b).sum();
    assert_eq!(loss.backward().wrt(b), array![0.0, 0.0].into_dyn());
}

/// For each row of logits, `−Σ t ln p`.
fn neg_log_likelihood<'t, T: Element>(logits: Tensor<'t, T>, t: Tensor<'t, T>) -> Tensor<'t, T> {
    -(logits.log_softmax(1) * t).sum_axes(&[1], false)
}

fn softmax_cross_entropy_equals_its_parts<T: Element>() {
    for (n, classes) in [(6, 4), (1, 2), (3, 1), (33, 17)] {
        let tape = Tape::<T>::new();
        let logits = tape.tensor(spread(n, classes, 0.4));
        let labels: Vec<usize> = (0..n).map(|row| 3 * row % classes).collect();
        let parts = |t| neg_log_likelihood(logits, t);
        let hot = parts(tape.constant(one_hot::<T>(&labels, classes)));
        let whole = |r| SoftmaxCrossEntropy::new().reduction(r);
        assert_same("labels, none", whole(Reduction::None).of(logits, &labels), hot, &[logits]);
        let (mean, sum) = (hot.mean_axes(&[0], false), hot.sum_axes(&[0], false));
        assert_same("labels, mean", whole(Reduction::Mean).of(logits, &labels), mean, &[logits]);
        assert_same("labels, sum", whole(Reduction::Sum).of(logits, &labels), sum, &[logits]);
        assert_eq!(
            logits.softmax_cross_entropy(&labels).value(),
            whole(Reduction::Mean).of(logits, &labels).value()[[]]
        );

        let t = tape.tensor(probabilities(n, classes));
        let of_parts = parts(t).mean_axes(&[0], false);
        assert_same("probs", whole(Reduction::Mean).of_probs(logits, t), of_parts, &[logits, t]);

        let weights: Vec<f64> = (0..classes).map(|c| 0.5 + c as f64).collect();
        let w = tape.constant(Array1::from_iter(weights.iter().map(|&w| T::of(w))));
        let all = whole(Reduction::None).weights(weights).label_smoothing(0.2);
        let smooth = (t * T::of(0.8) + T::of(0.2 / classes as f64)) * w;
        assert_same("all options", all.of_probs(logits, t), parts(smooth), &[logits, t]);
    }
}

#[test]
fn softmax_cross_entropy() {
    softmax_cross_entropy_equals_its_parts::<f32>();
    softmax_cross_entropy_equals_its_parts::<f64>();
}

fn sigmoid_cross_entropy_equals_its_parts<T: Element>() {
    let tape = Tape::<T>::new();
    let x = tape.tensor(spread(7, 3, 0.5));
    let t = tape.tensor(probabilities(7, 3));
    let one = T::one();
    let p = x.sigmoid();
    let none = SigmoidCrossEntropy::new().reduction(Reduction::None);
    let parts = |w: T| -(t * p.ln() * w + (-t + one) * (-p + one).ln());
    assert_same("none", none.of(x, t), parts(one), &[x, t]);
    assert_same("weight", none.positive_weight(2.5).of(x, t), parts(T::of(2.5)), &[x, t]);
    let mean = parts(one).mean_axes(&[0, 1], false);
    assert_same("mean", SigmoidCrossEntropy::new().of(x, t), mean, &[x, t]);
    assert_eq!(x.sigmoid_cross_entropy(t).value(), SigmoidCrossEntropy::new().of(x, t).value()[[]]);
}

#[test]
fn sigmoid_cross_entropy() {
    sigmoid_cross_entropy_equals_its_parts::<f32>();
    sigmoid_cross_entropy_equals_its_parts::<f64>();
}

fn mse_equals_its_parts<T: Element>() {
    let tape = Tape::<T>::new();
    let (x, t) = (tape.tensor(spread(7, 3, 0.5)), tape.tensor(spread(7, 3, 0.9)));
    let parts = (x - t).square();
    let whole = |r| SquaredError::new().reduction(r).of(x, t);
    assert_same("none", whole(Reduction::None), parts, &[x, t]);
    assert_same("sum", whole(Reduction::Sum), parts.sum_axes(&[0, 1], false), &[x, t]);
    assert_same("mean", whole(Reduction::Mean), parts.mean_axes(&[0, 1], false), &[x, t]);
    assert_eq!(x.mse(t).value(), whole(Reduction::Mean).value()[[]]);
    let same = SquaredError::new().of(x, x);
    assert!(same.to_scalar().backward().wrt(x).iter().all(|&g| g == T::zero()), "both contributions cancel");
}

#[test]
fn mse() {
    mse_equals_its_parts::<f32>();
    mse_equals_its_parts::<f64>();
}

fn great_logits_stay_finite<T: Element>() {
    let big = T::of(1e4);
    let tape = Tape::<T>::new();
    tape.check_finite(true);
    let logits = tape.tensor(array![[big, -big, T::zero()], [-big, -big, -big], [big, big, big]]);
    let labels = [1, 0, 2];
    let loss = logits.softmax_cross_entropy(&labels);
    let ln3 = T::of(3.0).ln();
    assert!((loss.value() - (big + big + ln3 + ln3) / T::of(3.0)).abs() < big * T::epsilon());
    let gradient = loss.backward();
    assert!(gradient.wrt(logits).iter().all(|g| g.is_finite()));
    assert!((gradient.wrt(logits)[[0, 1]] + T::of(1.0 / 3.0)).abs() <= T::epsilon());
    let rows = one_hot::<T>(&labels, 3);
    assert_eq!(logits.softmax_cross_entropy_probs(&rows).value(), loss.value());
    let loss = logits.sigmoid_cross_entropy(&rows);
    assert!(loss.value().is_finite() && loss.backward().wrt(logits).iter().all(|g| g.is_finite()));
}

#[test]
fn logits_of_ten_thousand() {
    great_logits_stay_finite::<f32>();
    great_logits_stay_finite::<f64>();
}

/// Where the right class is all but certain, neither the loss nor its gradient is rounded to 0.
#[test]
fn small_losses_keep_their_digits() {
    let tape = Tape::<f64>::new();
    let logits = tape.tensor(array![[40.0, 0.0]]);
    let loss = logits.softmax_cross_entropy(&[0]);
    let exact = (-40f64).exp();
    assert!((loss.value() / exact - 1.0).abs() < 1e-15);
    assert!((loss.backward().wrt(logits)[[0, 0]] / -exact - 1.0).abs() < 1e-15);
    let logits = tape.tensor(array![40.0]);
    let loss = logits.sigmoid_cross_entropy(&[1.0]);
    assert!((loss.value() / exact - 1.0).abs() < 1e-15);
    assert!((loss.backward().wrt(logits)[0] / -exact - 1.0).abs() < 1e-15);
}

#[test]
fn impossible_classes_cost_nothing_where_they_do_not_happen() {
    let tape = Tape::<f64>::new();
    let masked = tape.tensor(array![[0.0, f64::NEG_INFINITY, 0.0]]);
    let loss = masked.softmax_cross_entropy_probs(&array![[0.5, 0.0, 0.5]]);
    assert_eq!(loss.value(), 2f64.ln());
    assert_eq!(loss.backward().wrt(masked), array![[0.0, 0.0, 0.0]].into_dyn());
    assert_eq!(masked.softmax_cross_entropy(&[0]).value(), 2f64.ln());
    assert_eq!(masked.softmax_cross_entropy(&[1]).value(), f64::INFINITY);
    let certain = tape.tensor(array![f64::INFINITY, f64::NEG_INFINITY]);
    assert_eq!(certain.sigmoid_cross_entropy(&[1.0, 0.0]).value(), 0.0);
}

#[test]
fn faults_are_named() {
    let tape = Tape::<f32>::new();
    let logits = tape.tensor(([2, 3], vec![0.0; 6]));
    let empty = tape.tensor(([0, 3], vec![]));
    let bare = tape.tensor(([2, 0], vec![]));
    let before = tape.len();
    assert_text(
        logits.try_softmax_cross_entropy(&[0, 3]),
        ErrorKind::Value,
        "softmax_cross_entropy: [2, 3]: the label 3 of row 1 is none of the 3 classes",
    );
    assert_text(
        logits.try_softmax_cross_entropy(&[0]),
        ErrorKind::Shape,
        "softmax_cross_entropy: [2, 3]: 2 labels expected, found 1",
    );
    assert_text(
        bare.try_softmax_cross_entropy(&[0, 0]),
        ErrorKind::Empty,
        "softmax_cross_entropy: [2, 0]: 2 rows without a class",
    );
    assert_eq!(tape.len(), before, "a wrong label leaves nothing behind");
    assert_text(
        empty.try_softmax_cross_entropy(&[]),
        ErrorKind::Empty,
        "softmax_cross_entropy: [0, 3] × [0]: there is no mean over an empty batch",
    );
    assert_text(
        logits.try_softmax_cross_entropy_probs(&Array2::zeros((3, 2))),
        ErrorKind::Shape,
        "softmax_cross_entropy: [2, 3] × [3, 2]: logits and probabilities differ in shape",
    );
    assert_text(
        logits.try_softmax_cross_entropy_probs(&array![[0.5, 0.5, 0.0], [1.5, 0.0, -0.5]]),
        ErrorKind::Value,
        "softmax_cross_entropy: [2, 3] × [2, 3]: -0.5 at index [1, 2] is no probability",
    );
    assert_text(
        logits.try_softmax_cross_entropy_probs(&array![[0.5, 0.5, 0.0], [f32::NAN, 0.0, 0.5]]),
        ErrorKind::Value,
        "softmax_cross_entropy: [2, 3] × [2, 3]: NaN at index [1, 0] is no probability",
    );
    assert_text(
        SoftmaxCrossEntropy::new().weights([1.0]).try_of(logits, &[0, 0]),
        ErrorKind::Shape,
        "softmax_cross_entropy: [2, 3] × [2] × [1]: 3 weights expected, found 1",
    );
    assert_text(
        logits.try_sigmoid_cross_entropy(&[0.0; 5]),
        ErrorKind::Shape,
        "sigmoid_cross_entropy: [2, 3]: one target for each of 6 predictions is expected, found 5",
    );
    assert_text(
        logits.try_sigmoid_cross_entropy(&[0.0, 1.0, 2.0, 0.0, 0.0, 0.0]),
        ErrorKind::Value,
        "sigmoid_cross_entropy: [2, 3] × [2, 3]: the target 2 at index [0, 2] is outside [0, 1]",
    );
    assert_text(
        empty.try_sigmoid_cross_entropy(empty),
        ErrorKind::Empty,
        "sigmoid_cross_entropy: [0, 3] × [0, 3]: there is no mean over no elements",
    );
    assert_text(
        logits.try_mse(&Array1::zeros(6)),
        ErrorKind::Shape,
        "mse: [2, 3] × [6]: prediction and targets differ in shape",
    );
    assert_text(
        empty.try_mse(empty),
        ErrorKind::Empty,
        "mse: [0, 3] × [0, 3]: there is no mean over no elements",
    );
    assert_text(
        logits.try_affine(logits, logits),
        ErrorKind::Shape,
        "affine: [2, 3] × [2, 3] × [2, 3]: rows of 3, and a weight for 2 inputs",
    );
    let weight = tape.tensor(([3, 4], vec![0.0; 12]));
    assert_text(
        logits.try_affine(weight, weight),
        ErrorKind::Shape,
        "affine: [2, 3] × [3, 4] × [3, 4]: the bias of 4 outputs has the shape [4]",
    );
}

#[test]
#[should_panic(
    expected = "softmax_cross_entropy: [1, 2]: the label 2 of row 0 is none of the 2 classes (at "
)]
fn the_plain_name_panics_with_the_same_text() {
    Tape::<f32>::new().tensor(([1, 2], vec![0.0; 2])).softmax_cross_entropy(&[2]);
}

/// Sums over nothing are 0; a mean over labels that are all ignored is 0 too, and so is its gradient: documented.
#[test]
fn nothing_to_learn_from() {
    let tape = Tape::<f64>::new();
    tape.check_finite(true);
    let logits = tape.tensor(array![[1.0, 2.0], [3.0, 4.0]]);
    let loss = SoftmaxCrossEntropy::new().ignore(7).of(logits, &[7, 7]).to_scalar();
    assert_eq!((loss.value(), loss.backward().wrt(logits)), (0.0, Array2::zeros((2, 2)).view().into_dyn()));
    let weights = SoftmaxCrossEntropy::new().weights([0.0, 1.0]);
    assert_eq!(weights.of(logits, &[0, 0]).value()[[]], 0.0);
    let empty = tape.tensor(Array2::zeros((0, 2)));
    let sum = SoftmaxCrossEntropy::new().reduction(Reduction::Sum).of(empty, &[]).to_scalar();
    assert_eq!((sum.value(), sum.backward().wrt(empty).len()), (0.0, 0));
    assert_eq!(SoftmaxCrossEntropy::new().reduction(Reduction::None).of(empty, &[]).shape(), [0]);
    assert_eq!(SquaredError::new().reduction(Reduction::Sum).of(empty, empty).value()[[]], 0.0);
}

#[test]
#[allow(clippy::needless_borrows_for_generic_args, reason = "whether they can be borrowed is the question")]
fn targets_of_every_kind() {
    let tape = Tape::<f32>::new();
    let x = tape.tensor(array![[0.5], [-1.5], [2.0]]);
    let wanted = x.sigmoid_cross_entropy(&array![[1.0], [0.0], [1.0]]).value();
    let labels: &[usize] = &[1, 0, 1];
    assert_eq!(x.sigmoid_cross_entropy(labels).value(), wanted);
    assert_eq!(x.sigmoid_cross_entropy(&labels).value(), wanted);
    assert_eq!(x.sigmoid_cross_entropy(&labels.to_vec()).value(), wanted);
    assert_eq!(x.sigmoid_cross_entropy(&[1usize, 0, 1]).value(), wanted);
    assert_eq!(x.sigmoid_cross_entropy(&vec![1.0, 0.0, 1.0]).value(), wanted);
    let flat = array![1.0, 0.0, 1.0];
    assert_eq!(x.sigmoid_cross_entropy(&flat).value(), wanted);
    assert_eq!(x.sigmoid_cross_entropy(flat.view()).value(), wanted);
    assert_eq!(x.sigmoid_cross_entropy(&flat.view()).value(), wanted);
    assert_eq!(x.sigmoid_cross_entropy(tape.constant(flat)).value(), wanted);
    assert_eq!(x.mse(&x).value(), 0.0);
}

/// Over a tape of scalars of another tape: the Hessian of a row's loss is `diag p − p pᵀ`.
#[test]
fn second_derivatives() {
    let outer = Tape::<f64>::new();
    let x = [0.5, -1.0, 2.0].map(|x| outer.scalar(x));
    let total: f64 = x.iter().map(|x| x.value().exp()).sum();
    let p = x.map(|x| x.value().exp() / total);
    let inner = Tape::new();
    let logits = inner.tensor(([1, 3], x.to_vec()));
    let grads = logits.softmax_cross_entropy(&[0]).backward();
    for (i, row) in grads.wrt(logits).iter().enumerate() {
        let hessian = row.backward();
        for (j, &x) in x.iter().enumerate() {
            let wanted = p[i] * (f64::from(u8::from(i == j)) - p[j]);
            assert!((hessian[x] - wanted).abs() < 1e-15, "[{i}, {j}]: {} and {wanted}", hessian[x]);
        }
    }
}
