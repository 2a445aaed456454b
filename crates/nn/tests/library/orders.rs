//! Second derivatives of the composite nodes, against the same losses made of primitive operations.

use nn::{Affine, Losses, Reduction, SigmoidCrossEntropy, SoftmaxCrossEntropy, SquaredError};
use tape::{Dual, Scalar, Tape, Tensor};

type Number = Dual<f64>;
/// An operand as shape and numbers.
type Operand<'a> = (&'a [usize], &'a [f64]);

/// Values, gradients, and derivatives of the gradients along a direction, of all operands one after another.
fn second(
    f: impl for<'t> Fn(&[Tensor<'t, Number>]) -> Scalar<'t, Number>,
    operands: &[Operand<'_>],
) -> Vec<f64> {
    let tape = Tape::new();
    let mut step = 0.3;
    let leaves: Vec<_> = operands
        .iter()
        .map(|(shape, numbers)| {
            let moving = numbers.iter().map(|&x| {
                step = (step * 7.7 + 0.13) % 2.0;
                Dual::new(x, step - 1.0)
            });
            tape.tensor((*shape, moving.collect::<Vec<_>>()))
        })
        .collect();
    let loss = f(&leaves);
    let gradients = loss.backward();
    let mut all = vec![loss.value().value, loss.value().tangent];
    for leaf in leaves {
        all.extend(gradients.wrt(leaf).iter().flat_map(|g| [g.value, g.tangent]));
    }
    all
}

#[track_caller]
fn agree(
    composite: impl for<'t> Fn(&[Tensor<'t, Number>]) -> Scalar<'t, Number>,
    primitive: impl for<'t> Fn(&[Tensor<'t, Number>]) -> Scalar<'t, Number>,
    operands: &[Operand<'_>],
) {
    let (got, want) = (second(composite, operands), second(primitive, operands));
    for (k, (got, want)) in got.iter().zip(&want).enumerate() {
        assert!((got - want).abs() <= 1e-13 * want.abs().max(1.0), "number {k}: {got}, not {want}");
    }
}

const LOGITS: Operand<'_> = (&[2, 3], &[0.0, 0.0, 0.0, 1.5, -0.5, 1.5]);

#[test]
fn sigmoid_cross_entropy_at_zero_logits_and_whole_targets() {
    let targets: Operand<'_> = (&[2, 3], &[0.0, 1.0, 0.25, 1.0, 0.0, 0.5]);
    agree(
        |x| SigmoidCrossEntropy::new().positive_weight(3.0).of(x[0], x[1]).to_scalar(),
        |x| ((1.0 - x[1]) * x[0].softplus() + x[1] * 3.0 * (-x[0]).softplus()).mean(),
        &[LOGITS, targets],
    );
    agree(
        |x| SigmoidCrossEntropy::new().reduction(Reduction::None).of(x[0], x[1]).square().sum(),
        |x| ((1.0 - x[1]) * x[0].softplus() + x[1] * (-x[0]).softplus()).square().sum(),
        &[LOGITS, targets],
    );
}

#[test]
fn softmax_cross_entropy_of_labels() {
    agree(
        |x| x[0].softmax_cross_entropy(&[2, 0]),
        |x| {
            let logs = x[0].log_softmax(-1);
            -(logs.get([0, 2]) + logs.get([1, 0])) / 2.0
        },
        &[LOGITS],
    );
    agree(
        |x| {
            SoftmaxCrossEntropy::new()
                .weights([1.0, 2.0, 0.5])
                .label_smoothing(0.1)
                .of(x[0], &[2, 0])
                .to_scalar()
        },
        |x| {
            let logs = x[0].log_softmax(-1);
            let factor = |row: usize, class: usize| {
                let hit = f64::from(u8::from([2, 0][row] == class));
                [1.0, 2.0, 0.5][class] * (0.9 * hit + 0.1 / 3.0)
            };
            let terms = (0..2).flat_map(|row| (0..3).map(move |class| (row, class)));
            let sum: Scalar<'_, Number> =
                terms.map(|(row, class)| logs.get([row, class]) * -factor(row, class)).sum();
            sum / 1.5
        },
        &[LOGITS],
    );
}

/// Probabilities of 0 are variables like others: what the loss owes to them is not left out.
#[test]
fn softmax_cross_entropy_of_probabilities() {
    let rows: Operand<'_> = (&[2, 3], &[0.0, 1.0, 0.0, 0.25, 0.25, 0.5]);
    agree(
        |x| x[0].softmax_cross_entropy_probs(x[1]),
        |x| -(x[0].log_softmax(-1) * x[1]).sum() / 2.0,
        &[LOGITS, rows],
    );
}

#[test]
fn squared_errors_and_affine_maps() {
    let (w, b): (Operand<'_>, Operand<'_>) =
        ((&[3, 2], &[0.3, -0.2, 0.5, 0.7, -1.1, 0.4]), (&[2], &[0.1, -0.3]));
    agree(
        |x| SquaredError::new().of(x[0], x[1]).to_scalar(),
        |x| (x[0] - x[1]).square().mean(),
        &[LOGITS, (&[2, 3], &[0.5, 0.0, -1.0, 1.5, 0.25, 2.0])],
    );
    agree(
        |x| x[0].affine(x[1], x[2]).tanh().square().sum(),
        |x| (x[0].matmul(x[1]) + x[2]).tanh().square().sum(),
        &[LOGITS, w, b],
    );
}
