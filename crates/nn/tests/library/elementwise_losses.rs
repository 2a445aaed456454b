//! Losses of each prediction against its target, and of log-probabilities against labels: against each other, against
//! their parts, and what they refuse.

use crate::common::{assert_same, assert_text, spread};
use ndarray::{Array2, array};
use nn::prelude::*;
use tape::{Element, ErrorKind, Tape};

fn equal_their_parts<T: Element>() {
    let tape = Tape::<T>::new();
    let (x, y) = (tape.tensor(spread(5, 3, 0.5)), tape.tensor(spread(5, 3, 0.9)));
    let (p, q) = (x.sigmoid(), y.sigmoid());
    let none = Reduction::None;
    let number = |number| T::of(number);

    let absolute = AbsoluteError::new().reduction(none).of(x, y);
    assert_same("mae", absolute, (x - y).abs(), &[x, y]);
    // Each is the other over its parameter.
    for bound in [0.5, 1.0, 3.0] {
        let (huber, smooth) =
            (HuberLoss::new(bound).reduction(none), SmoothL1Loss::new(bound).reduction(none));
        assert_same("huber", huber.of(x, y), smooth.of(x, y) * number(bound), &[x, y]);
    }
    let great = HuberLoss::new(100.0).reduction(none).of(x, y);
    assert_same("huber of small differences", great, (x - y).square() * number(0.5), &[x, y]);
    assert_same("smooth_l1, 0", SmoothL1Loss::new(0.0).reduction(none).of(x, y), absolute, &[x, y]);

    let of_logits = SigmoidCrossEntropy::new().reduction(none).of(x, q);
    assert_same("bce", BinaryCrossEntropy::new().reduction(none).of(p, q), of_logits, &[x, y]);

    let divergence = KlDivergence::new().reduction(none).of(p.ln(), q);
    assert_same("kl_div", divergence, q * (q.ln() - p.ln()), &[x, y]);
    let of_logarithms = KlDivergence::of_logarithms().reduction(none).of(p.ln(), q.ln());
    assert_same("kl_div of logarithms", of_logarithms, divergence, &[x, y]);

    let sides = tape.constant(spread::<T>(5, 3, 0.2).mapv(T::signum));
    let margin = HingeLoss::new().reduction(none).of(x, sides);
    assert_same("hinge", margin, (-(x * sides) + T::one()).relu(), &[x]);
}

#[test]
fn each_equals_its_parts() {
    equal_their_parts::<f32>();
    equal_their_parts::<f64>();
}

#[test]
fn reductions() {
    let tape = Tape::<f64>::new();
    let (x, y) = (tape.tensor(spread(5, 3, 0.5)), tape.tensor(spread(5, 3, 0.9)));
    let none = SquaredError::new().reduction(Reduction::None).of(x, y);
    let of = |reduction| SquaredError::new().reduction(reduction).of(x, y);
    assert_same("sum", of(Reduction::Sum), none.sum_axes(&[0, 1], false), &[x, y]);
    assert_same("mean", of(Reduction::Mean), none.mean_axes(&[0, 1], false), &[x, y]);
    let rows = none.sum_axes(&[1], false).mean_axes(&[0], false);
    assert_same("mean of the batch", of(Reduction::BatchMean), rows, &[x, y]);
    let one = |reduction| SquaredError::new().reduction(reduction).of(tape.tensor(([], vec![3.0])), &[1.0]);
    assert_eq!(one(Reduction::BatchMean).value(), one(Reduction::Sum).value());
    // Rows of several axes, one of which is the batch.
    let numbers: Vec<f64> = (0..24).map(|k| f64::from(k * 7 % 11)).collect();
    let logits = tape.tensor(([2, 3, 4], numbers));
    let labels = [0, 3, 1, 2, 2, 0];
    let of = |reduction| SoftmaxCrossEntropy::new().weights([1.0, 2.0, 0.5, 1.0]).reduction(reduction);
    let half = of(Reduction::Sum).of(logits, &labels) * 0.5;
    assert_same("labels", of(Reduction::BatchMean).of(logits, &labels), half, &[logits]);
}

#[test]
fn likelihood_is_the_cross_entropy_of_softmax() {
    let tape = Tape::<f64>::new();
    let logits = tape.tensor(spread(6, 4, 0.4));
    let labels = [3, 0, 9, 1, 1, 2];
    for reduction in [Reduction::Mean, Reduction::Sum, Reduction::BatchMean, Reduction::None] {
        for weights in [[1.0; 4], [0.5, 0.0, 2.0, 0.25]] {
            let of_logits = SoftmaxCrossEntropy::new().weights(weights).ignore(9).reduction(reduction);
            let nll = NegativeLogLikelihood::new().weights(weights).ignore(9).reduction(reduction);
            let loss = nll.of(logits.log_softmax(1), &labels);
            assert_same("nll", loss, of_logits.of(logits, &labels), &[logits]);
        }
    }
    let nothing = NegativeLogLikelihood::new().ignore(9).of(logits, &[9; 6]);
    assert_eq!((nothing.value()[[]], nothing.to_scalar().backward().wrt(logits).sum()), (0.0, 0.0));
    // What is impossible, but does not count, costs nothing.
    let impossible = tape.tensor(array![[f64::NEG_INFINITY, 0.0]]);
    let weighted = NegativeLogLikelihood::new().weights([0.0, 1.0]).reduction(Reduction::Sum);
    assert_eq!(weighted.of(impossible, &[0]).value()[[]], 0.0);
    assert_eq!(impossible.nll(&[0]).value(), f64::INFINITY);
}

#[test]
fn methods_are_means() {
    let tape = Tape::<f32>::new();
    let (x, y) = (tape.tensor(spread(5, 3, 0.5)), spread::<f32>(5, 3, 0.9));
    assert_eq!(x.mae(&y).value(), AbsoluteError::new().of(x, &y).value()[[]]);
    assert_eq!(x.huber(0.5, &y).value(), HuberLoss::new(0.5).of(x, &y).value()[[]]);
    let labels = [0, 2, 1, 1, 0];
    assert_eq!(x.nll(&labels).value(), NegativeLogLikelihood::new().of(x, &labels).value()[[]]);
}

#[test]
fn faults_are_named() {
    let tape = Tape::<f64>::new();
    let x = tape.tensor(array![[0.25, 0.5], [1.0, 1.5]]);
    let p = tape.tensor(array![[0.25, 0.5], [1.0, 0.0]]);
    let empty = tape.tensor(Array2::zeros((0, 2)));
    assert_text(
        x.try_mae(&array![1.0, 2.0, 3.0, 4.0]),
        ErrorKind::Shape,
        "mae: [2, 2] × [4]: prediction and targets differ in shape",
    );
    assert_text(
        x.try_huber(1.0, &[0.0]),
        ErrorKind::Shape,
        "huber: [2, 2]: one target for each of 4 predictions is expected, found 1",
    );
    assert_text(
        BinaryCrossEntropy::new().try_of(x, p),
        ErrorKind::Value,
        "binary_cross_entropy: [2, 2] × [2, 2]: the prediction 1.5 at index [1, 1] is outside [0, 1]",
    );
    assert_text(
        BinaryCrossEntropy::new().try_of(p, x),
        ErrorKind::Value,
        "binary_cross_entropy: [2, 2] × [2, 2]: the target 1.5 at index [1, 1] is outside [0, 1]",
    );
    assert_text(
        KlDivergence::new().try_of(x, -p),
        ErrorKind::Value,
        "kl_div: [2, 2] × [2, 2]: the target -0.25 at index [0, 0] is no probability",
    );
    assert_text(
        HingeLoss::new().try_of(x, &[1.0, -1.0, 0.0, 1.0]),
        ErrorKind::Value,
        "hinge: [2, 2] × [2, 2]: the target 0 at index [1, 0] is neither 1 nor -1",
    );
    assert_text(
        SmoothL1Loss::new(1.0).try_of(empty, empty),
        ErrorKind::Empty,
        "smooth_l1: [0, 2] × [0, 2]: there is no mean over no elements",
    );
    assert_text(
        KlDivergence::new().reduction(Reduction::BatchMean).try_of(empty, empty),
        ErrorKind::Empty,
        "kl_div: [0, 2] × [0, 2]: there is no mean over no elements",
    );
    let before = tape.len();
    assert_text(
        x.try_nll(&[0, 2]),
        ErrorKind::Value,
        "nll: [2, 2]: the label 2 of row 1 is none of the 2 classes",
    );
    assert_text(x.try_nll(&[0]), ErrorKind::Shape, "nll: [2, 2]: 2 labels expected, found 1");
    assert_text(
        tape.tensor(([], vec![1.0])).try_nll(&[0]),
        ErrorKind::Shape,
        "nll: []: an axis of classes is wanted",
    );
    assert_eq!(tape.len(), before + 1, "a wrong label leaves nothing behind");
    assert_text(
        NegativeLogLikelihood::new().weights([1.0; 3]).try_of(x, &[0, 1]),
        ErrorKind::Shape,
        "nll: [2, 2] × [2] × [3]: 2 weights expected, found 3",
    );
}

#[test]
#[should_panic(expected = "a bound is a number above 0, not 0")]
fn a_huber_loss_has_a_bound() {
    let _ = HuberLoss::new(0.0);
}

#[test]
#[should_panic(expected = "a bound is a number from 0, not -1")]
fn a_smooth_l1_loss_has_a_bound() {
    let _ = SmoothL1Loss::new(-1.0);
}
