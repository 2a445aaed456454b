//! What users of such engines have met, one test a row of the table in the design documents.

use std::fmt::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

use chainrule::prelude::*;
use ndarray::{ArrayD, array};
use nn::Generator;
use tape::{Arity, ErrorKind};

/// The text of a panic.
fn panic_text<V>(f: impl FnOnce() -> V) -> String {
    let payload = catch_unwind(AssertUnwindSafe(|| drop(f()))).expect_err("a panic is expected");
    let text = payload.downcast_ref::<String>().cloned();
    text.or_else(|| payload.downcast_ref::<&str>().map(ToString::to_string)).expect("a text")
}

/// Every gradient of `f` against central differences.
fn differences(f: impl for<'t> Fn(&[Tensor<'t>]) -> Scalar<'t>, inputs: &[ArrayD<f64>]) {
    let value = |inputs: &[ArrayD<f64>]| {
        let tape = Tape::new();
        let leaves: Vec<_> = inputs.iter().map(|x| tape.tensor(x)).collect();
        f(&leaves).value()
    };
    let tape = Tape::new();
    let leaves: Vec<_> = inputs.iter().map(|x| tape.tensor(x)).collect();
    let grads = f(&leaves).backward();
    for (which, input) in inputs.iter().enumerate() {
        let got = grads.wrt(leaves[which]);
        assert_eq!(got.shape(), input.shape(), "the gradient has the shape of input {which}");
        for (k, &got) in got.iter().enumerate() {
            let at = |step: f64| {
                let mut moved = inputs.to_vec();
                moved[which].as_slice_mut().unwrap()[k] += step;
                value(&moved)
            };
            let wanted = (at(1e-5) - at(-1e-5)) / 2e-5;
            let close = (got - wanted).abs() <= 1e-7 * wanted.abs().max(1.0);
            assert!(close, "input {which}, element {k}: {got} against {wanted}");
        }
    }
}

/// Different numbers in a shape.
fn ramp(shape: &[usize]) -> ArrayD<f64> {
    let mut k = 0.0;
    ArrayD::from_shape_simple_fn(shape, || {
        k += 1.0;
        0.3 + 0.17 * k + (k * 0.7_f64).sin() * 0.05
    })
}

#[test]
fn row_01_sums_of_sums() {
    let tape = Tape::new();
    let a = tape.scalar(3.0);
    let b = a + a;
    let c = b + b;
    let grads = c.backward();
    assert_eq!((c.value(), grads[a], grads[b], grads[c]), (12.0, 4.0, 2.0, 1.0));
}

#[test]
fn row_02_the_same_operand_twice() {
    let tape = Tape::new();
    let a = tape.scalar(3.0);
    assert_eq!((a * a).backward()[a], 6.0);
    assert_eq!((a - a).backward()[a], 0.0);
    assert_eq!((a / a).backward()[a], 0.0);
    let x = tape.tensor(array![[1.0, 2.0], [3.0, 4.0]]);
    assert_eq!((x * x).sum().backward().wrt(x), (&x.value() * 2.0).view());
    let both = Tensor::concat(&[x, x], 0) * tape.constant(array![[1.0], [10.0], [100.0], [1000.0]]);
    assert_eq!(both.sum().backward().wrt(x), array![[101.0, 101.0], [1010.0, 1010.0]].into_dyn());
    // d Σ (X X) = rows of 1 · Xᵀ, and Xᵀ · columns of 1.
    assert_eq!(x.matmul(x).sum().backward().wrt(x), array![[7.0, 11.0], [9.0, 13.0]].into_dyn());
    assert_eq!(Tensor::stack(&[a, a, a]).sum().backward()[a], 3.0);
}

#[test]
fn row_03_passes_do_not_add_up() {
    let tape = Tape::new();
    let (x, y) = (tape.scalar(2.0), tape.scalar(5.0));
    let w = tape.tensor(array![1.0, 2.0]);
    let (u, v) = ((w * x).sum() * y, x * y);
    let first = u.backward();
    let other = v.backward();
    let again = u.backward();
    for grads in [&first, &again] {
        assert_eq!((grads[x], grads[y]), (15.0, 6.0));
        assert_eq!(grads.wrt(w), array![10.0, 10.0].into_dyn());
    }
    assert_eq!((other[x], other[y]), (5.0, 2.0));
    assert!(other.get(w).is_none() && other.get(u).is_none());
}

#[test]
fn row_04_a_million_nodes_on_a_small_stack() {
    const NODES: usize = 1_000_000;
    let small = std::thread::Builder::new().stack_size(1 << 20);
    let work = || {
        let tape = Tape::new();
        let x = tape.scalar(1.0);
        let mut y = x;
        for _ in 0..NODES {
            y += 1e-6;
        }
        assert_eq!(tape.len(), NODES + 1);
        let grads = y.backward();
        assert_eq!(grads[x], 1.0);
        let mut text = String::new();
        for node in tape.nodes().skip(NODES - 10) {
            writeln!(text, "{node}").unwrap();
        }
        assert_eq!(text.lines().count(), 11);
        assert!(text.contains("%1000000 = add %999999, 0.000001"), "{text}");
        drop(grads);
        drop(tape);
        let tape = Tape::<f64>::new();
        let x = tape.tensor(array![1.0, 2.0]);
        let mut y = x;
        for _ in 0..100_000 {
            y = -y;
        }
        assert_eq!(y.sum().backward().wrt(x), array![1.0, 1.0].into_dyn());
    };
    small.spawn(work).unwrap().join().expect("no overflow of the stack");
}

#[test]
fn row_05_a_diamond_forty_deep() {
    let tape = Tape::new();
    let x = tape.scalar(1.0);
    let t = tape.tensor(array![1.0, -1.0]);
    let (mut y, mut u) = (x, t);
    for _ in 0..40 {
        (y, u) = (y + y, u + u);
    }
    assert_eq!(y.backward()[x], 2f64.powi(40));
    assert_eq!(u.sum().backward().wrt(t), array![2f64.powi(40), 2f64.powi(40)].into_dyn());
}

#[test]
fn row_08_broadcasting() {
    let pairs: [(&[usize], &[usize]); 7] = [
        (&[2, 3], &[3]),
        (&[4, 1], &[1, 4]),
        (&[], &[2, 3, 2]),
        (&[2, 3, 2], &[]),
        (&[2, 1, 3], &[4, 1]),
        (&[1], &[3]),
        (&[1, 1], &[2]),
    ];
    for (a, b) in pairs {
        for rule in 0..6 {
            differences(
                |x| {
                    let y = match rule {
                        0 => x[0] + x[1],
                        1 => x[0] - x[1],
                        2 => x[0] * x[1],
                        3 => x[0] / x[1],
                        4 => x[0].pow(x[1]),
                        _ => x[0].atan2(x[1]),
                    };
                    (y * x[0].tape().constant(ramp(y.shape()))).sum()
                },
                &[ramp(a), ramp(b)],
            );
        }
    }
    let tape = Tape::<f64>::new();
    let (a, b) = (tape.tensor(ramp(&[2, 3])), tape.tensor(ramp(&[2])));
    let wanted = format!(
        "add: [2, 3] × [2]: extents 3 and 2 differ at axis 1 and neither is 1 (at tests/faults.rs:{})",
        line!() + 2
    );
    assert_eq!(panic_text(|| a + b), wanted);
}

#[test]
fn row_09_scalar_times_tensor() {
    let tape = Tape::new();
    let k = tape.scalar(2.0);
    let x = tape.tensor(array![[1.0, 2.0], [3.0, 4.0]]);
    for y in [k * x, x * k] {
        let grads = y.sum().backward();
        assert_eq!(grads[k], 10.0);
        assert_eq!(grads.wrt(x), array![[2.0, 2.0], [2.0, 2.0]].into_dyn());
    }
}

#[test]
fn row_10_reductions_over_axes() {
    let x = ramp(&[2, 3, 4]);
    let axes: [(&[isize], &[usize], &[usize]); 5] = [
        (&[0, 2], &[3], &[1, 3, 1]),
        (&[-1], &[2, 3], &[2, 3, 1]),
        (&[-1, 0], &[3], &[1, 3, 1]),
        (&[], &[2, 3, 4], &[2, 3, 4]),
        (&[0, 1, 2], &[], &[1, 1, 1]),
    ];
    for (axes, dropped, kept) in axes {
        for keepdims in [false, true] {
            for which in 0..4 {
                differences(
                    |leaves| {
                        let x = leaves[0];
                        let y = match which {
                            0 => x.sum_axes(axes, keepdims),
                            1 => x.mean_axes(axes, keepdims),
                            2 => x.amax_axes(axes, keepdims),
                            _ => x.logsumexp_axes(axes, keepdims),
                        };
                        assert_eq!(y.shape(), if keepdims { kept } else { dropped });
                        (y * x.tape().constant(ramp(y.shape()))).sum()
                    },
                    std::slice::from_ref(&x),
                );
            }
        }
    }
    let tape = Tape::new();
    let x = tape.tensor(&x);
    assert_eq!(x.try_sum_axes(&[3], false).unwrap_err().kind(), ErrorKind::OutOfRange);
    assert_eq!(x.try_sum_axes(&[-4], false).unwrap_err().kind(), ErrorKind::OutOfRange);
    assert!(x.try_mean_axes(&[1, -2], false).unwrap_err().to_string().contains("axis 1 is named twice"));
}

#[test]
fn row_11_kinks_at_zero() {
    let tape = Tape::<f64>::new();
    let x = tape.scalar(0.0);
    let slope = |y: Scalar<'_>| y.backward()[x];
    assert_eq!([slope(x.relu()), slope(x.abs()), slope(x.leaky_relu(0.1))], [0.0, 0.0, 0.1]);
    assert_eq!(slope(x.max(0.0)), 0.5, "a tie is shared");
    let t = tape.tensor(array![0.0]);
    let slope = |y: Tensor<'_>| y.sum().backward().wrt(t)[0];
    assert_eq!(
        [slope(t.relu()), slope(t.abs()), slope(t.leaky_relu(0.1)), slope(t.max(0.0))],
        [0.0, 0.0, 0.1, 0.5]
    );
}

#[test]
fn row_12_ties_of_max() {
    let tape = Tape::<f64>::new();
    let x = tape.tensor(array![[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]]);
    let third = 1.0 / 3.0;
    let first = x.max_axes(&[1], false).sum().backward();
    assert_eq!(first.wrt(x), array![[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]].into_dyn());
    let shared = x.amax_axes(&[1], false).sum().backward();
    assert_eq!(shared.wrt(x), array![[0.0, 0.5, 0.5], [third, third, third]].into_dyn());
    assert_eq!(x.max_all().backward().wrt(x).sum(), 1.0);
    let (a, b) = (tape.scalar(2.0), tape.scalar(2.0));
    let grads = a.max(b).backward();
    assert_eq!((grads[a], grads[b]), (0.5, 0.5));
}

#[test]
fn row_13_a_branch_without_a_value() {
    let tape = Tape::<f64>::new();
    let x = tape.scalar(-4.0);
    assert_eq!(Scalar::select(x > 0.0, x.sqrt(), x).backward()[x], 1.0);
    let t = tape.tensor(array![-4.0, 4.0, 0.0]);
    let y = Tensor::select(t.gt(0.0), t.sqrt(), t);
    assert_eq!(y.sum().backward().wrt(t), array![1.0, 0.25, 1.0].into_dyn());
}

#[test]
fn row_14_a_division_not_taken() {
    let tape = Tape::<f64>::new();
    let (a, zero) = (tape.scalar(1.0), tape.scalar(0.0));
    let grads = Scalar::select(false, a / zero, 1.0).backward();
    assert_eq!((grads[a], grads[zero]), (0.0, 0.0));
    let (a, zero) = (tape.tensor(array![1.0]), tape.tensor(array![0.0]));
    let grads = Tensor::select(tape.constant(array![0.0]), a / zero, 1.0).sum().backward();
    assert_eq!((grads.wrt(a)[0], grads.wrt(zero)[0]), (0.0, 0.0));
}

#[test]
fn row_15_norms_of_nothing() {
    let tape = Tape::<f64>::new();
    let (x, y) = (tape.scalar(0.0), tape.scalar(0.0));
    for norm in [x.hypot(y), x.hypot(y).square(), (x * x + y * y).sqrt().square()] {
        let grads = norm.backward();
        assert_eq!((norm.value(), grads[x], grads[y]), (0.0, 0.0, 0.0));
    }
    let t = tape.tensor(array![0.0, 0.0]);
    assert_eq!(t.hypot(t).sum().backward().wrt(t), array![0.0, 0.0].into_dyn());
}

#[test]
fn row_16_the_root_of_zero() {
    let tape = Tape::<f64>::new();
    let x = tape.scalar(0.0);
    assert_eq!((x.sqrt() * 0.0).backward()[x], 0.0);
    assert_eq!(x.sqrt().backward()[x], f64::INFINITY);
    let t = tape.tensor(array![0.0, 4.0]);
    assert_eq!(t.sqrt().backward_with(array![0.0, 1.0]).wrt(t), array![0.0, 0.25].into_dyn());
    assert_eq!(t.sqrt().backward_with(array![1.0, 1.0]).wrt(t), array![f64::INFINITY, 0.25].into_dyn());
    tape.check_finite(true);
    let error = x.sqrt().try_backward().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFinite);
    assert!(error.to_string().starts_with("check_finite: sqrt sent back"), "{error}");
    let error = t.sqrt().try_backward_with(array![1.0, 1.0]).unwrap_err().to_string();
    assert!(
        error.starts_with("check_finite: sqrt of [2] sent back") && error.contains("at index [0]"),
        "{error}"
    );
}

#[test]
fn row_17_powers() {
    let both = |x: f64, p: f64| {
        let tape = Tape::<f64>::new();
        let (a, b) = (tape.scalar(x), tape.scalar(p));
        let y = a.pow(b);
        let grads = y.backward();
        let (s, t) = (tape.tensor(array![x]), tape.tensor(array![p]));
        let z = s.pow(t);
        let of_tensors = z.sum().backward();
        for (one, other) in
            [(y.value(), z.value()[0]), (grads[a], of_tensors.wrt(s)[0]), (grads[b], of_tensors.wrt(t)[0])]
        {
            assert!(one == other || (one.is_nan() && other.is_nan()), "pow({x}, {p}): {one} and {other}");
        }
        (y.value(), grads[a], grads[b])
    };
    assert_eq!(both(0.0, 0.0), (1.0, 0.0, 0.0));
    assert_eq!(both(0.0, 2.0), (0.0, 0.0, 0.0));
    assert_eq!(both(0.0, 0.5).0, 0.0);
    assert_eq!(both(0.0, 0.5).1, f64::INFINITY);
    let (y, dx, dp) = both(-2.0, 3.0);
    assert_eq!((y, dx), (-8.0, 12.0));
    assert!(dp.is_nan(), "only where the exponent is a variable");
    assert!(both(-2.0, 0.5).0.is_nan());
    let tape = Tape::<f64>::new();
    let x = tape.scalar(-2.0);
    assert_eq!(
        (x.powf(3.0).backward()[x], x.powi(3).backward()[x], x.powi(-1).backward()[x]),
        (12.0, 12.0, -0.25)
    );
    let zero = tape.scalar(0.0);
    assert_eq!((zero.powi(0).backward()[zero], zero.powi(1).backward()[zero]), (0.0, 1.0));
}

#[test]
fn row_18_logarithms_at_zero() {
    let tape = Tape::<f64>::new();
    let x = tape.scalar(0.0);
    let y = x.ln();
    assert_eq!((y.value(), y.backward()[x]), (f64::NEG_INFINITY, f64::INFINITY));
    let y = (x * x.ln()).value();
    assert!(y.is_nan(), "a product knows nothing of the logarithm: {y}");
    assert_eq!(x.xlogy(x).value(), 0.0);
    let p = tape.tensor(([3], vec![0.0, 0.25, 0.75]));
    let entropy = -p.xlogy(p).sum();
    assert!((entropy.value() - (0.25 * 4f64.ln() + 0.75 * (4f64 / 3.0).ln())).abs() < 1e-15);
    let grads = entropy.backward();
    let wanted = [f64::INFINITY, -0.25f64.ln() - 1.0, -0.75f64.ln() - 1.0];
    assert_eq!(grads.wrt(p).as_slice(), Some(&wanted[..]));
}

#[test]
fn row_19_huge_logits() {
    let tape = Tape::<f64>::new();
    tape.check_finite(true);
    let x = tape.tensor(array![[1e4, -1e4, 0.0], [-1e4, -1e4, 1e4]]);
    let outputs = [
        x.softmax(1).square().sum(),
        x.log_softmax(1).sum(),
        x.logsumexp_axes(&[1], false).sum(),
        x.softmax_cross_entropy(&[1, 0]),
    ];
    for (y, wanted) in outputs.iter().zip([2.0, -7e4, 2e4, 2e4]) {
        assert!((y.value() - wanted).abs() < 1e-9, "{y} is not {wanted}");
        assert!(y.backward().wrt(x).iter().all(|g| g.is_finite()));
    }
    assert_eq!(outputs[3].backward().wrt(x), array![[0.5, -0.5, 0.0], [-0.5, 0.0, 0.5]].into_dyn());
}

#[test]
fn row_20_softmax_at_every_width() {
    for columns in [1, 2, 7, 8, 127, 128, 129] {
        let tape = Tape::<f64>::new();
        let x = tape.tensor(([3, columns], vec![2.5; 3 * columns]));
        let y = x.softmax(1);
        let even = 1.0 / columns as f64;
        assert!(y.value().iter().all(|y| (y - even).abs() < 1e-15), "{columns} columns");
        // Columns of −∞ beside it change nothing.
        let wide = Tensor::concat(&[x, tape.constant(([3, 5], vec![f64::NEG_INFINITY; 15]))], 1).softmax(1);
        assert!(
            (wide.slice(&[(..).into(), (..columns).into()]).value().iter().all(|y| (y - even).abs() < 1e-15))
        );
        assert!(wide.slice(&[(..).into(), (columns..).into()]).value().iter().all(|&y| y == 0.0));
        assert!(wide.get([0, 0]).backward().wrt(x).iter().all(|g| g.is_finite()));
    }
    let tape = Tape::<f64>::new();
    let none = tape.tensor(([2, 0], vec![]));
    assert_eq!(none.try_softmax(1).unwrap_err().kind(), ErrorKind::Empty);
    assert_eq!(none.try_log_softmax(1).unwrap_err().kind(), ErrorKind::Empty);
    assert_eq!(none.try_softmax_cross_entropy(&[0, 0]).unwrap_err().kind(), ErrorKind::Empty);
}

#[test]
fn row_21_labels_out_of_range() {
    let tape = Tape::<f64>::new();
    let logits = tape.tensor(ramp(&[3, 4]));
    let (error, line) = (logits.try_softmax_cross_entropy(&[3, 7, 0]).unwrap_err(), line!());
    let wanted = format!(
        "softmax_cross_entropy: [3, 4]: the label 7 of row 1 is none of the 4 classes (at tests/faults.rs:{line})"
    );
    assert_eq!(error.to_string(), wanted);
    assert_eq!(error.kind(), ErrorKind::Value);
    let minus_one = (-1_isize) as usize;
    let error = logits.try_softmax_cross_entropy(&[0, 0, minus_one]).unwrap_err().to_string();
    assert!(error.contains("of row 2 is none of the 4 classes"), "{error}");
    let error = logits.try_softmax_cross_entropy(&[0, 0]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Shape);
}

#[test]
fn row_23_empty_tensors() {
    let tape = Tape::<f64>::new();
    let x = tape.tensor(([2, 0, 3], vec![]));
    for error in [
        x.try_mean().map(drop),
        x.try_mean_axes(&[1], false).map(drop),
        x.try_max_axes(&[1], false).map(drop),
        x.try_amax_axes(&[-2], true).map(drop),
    ] {
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Empty);
    }
    assert!(panic_text(|| x.max_all()).starts_with("max: [2, 0, 3]: "));
    let sum = x.sum();
    assert_eq!((sum.value(), sum.backward().wrt(x).shape().to_vec()), (0.0, vec![2, 0, 3]));
    assert_eq!(x.sum_axes(&[1], false).value(), ArrayD::<f64>::zeros(vec![2, 3]));
    for &rule in Rule::ALL {
        let operands = match rule.arity() {
            Arity::Unary => vec![x.into()],
            Arity::Parameter => vec![x.into(), 2.0.into()],
            Arity::Binary => vec![x.into(), x.into()],
        };
        let y = Tensor::apply(rule, &operands).unwrap();
        let grads = y.backward_with(ArrayD::zeros(y.shape()));
        assert_eq!((y.shape(), grads.wrt(x).shape()), (x.shape(), x.shape()), "{}", rule.name());
    }
    // The shapes of structured operations; `every_operation` makes axes of each of them empty.
    macro_rules! each {
        ($($y:expr => $shape:expr),* $(,)?) => {$({
            let y: Tensor<'_> = $y;
            assert_eq!(y.shape(), $shape, "{}", stringify!($y));
            let grads = y.backward_with(&ArrayD::zeros(y.shape()));
            assert_eq!(grads.wrt(x).shape(), [2, 0, 3], "{}", stringify!($y));
        })*};
    }
    let s = [2, 0, 3];
    each! {
        Tensor::select(x.gt(0.0), x, 0.0) => s,
        x + tape.tensor(ramp(&[1, 3])) => s,
        x.reshape(&[0, 5]) => [0, 5],
        x.permute(&[1, 2, 0]) => [0, 3, 2],
        x.transpose(0, 1) => [0, 2, 3],
        x.broadcast_to(&[4, 2, 0, 3]) => [4, 2, 0, 3],
        x.slice(&[(1..).into()]) => [1, 0, 3],
        x.softmax(2) => s, x.log_softmax(-1) => s,
        x.sum_axes(&[1], true) => [2, 1, 3],
        x.sum_axes(&[2], false) => [2, 0],
        x.max_axes(&[2], false) => [2, 0],
        x.logsumexp_axes(&[2], false) => [2, 0],
        Tensor::concat(&[x, tape.tensor(ramp(&[2, 1, 3])), x], 1) => [2, 1, 3],
        x.slice(&[(..1).into()]).reshape(&[3, 0]).matmul(tape.tensor(([0, 4], vec![]))) => [3, 4],
        x.reshape(&[0, 3]).matmul(tape.tensor(ramp(&[3, 2]))) => [0, 2],
    }
    assert!(x.try_reshape(&[-1, 0]).is_err(), "−1 cannot be worked out");
    assert_eq!(x.try_get([0, 0, 0]).unwrap_err().kind(), ErrorKind::OutOfRange);
    assert!(Tensor::<f64>::try_concat(&[], 0).is_err() && Tensor::<f64>::try_stack(&[]).is_err());
}

#[test]
fn row_24_a_shape_that_overflows() {
    let tape = Tape::<f64>::new();
    let x = tape.tensor(array![1.0]);
    let huge = [usize::MAX / 2, 3];
    assert_eq!(tape.try_tensor((huge, vec![])).unwrap_err().kind(), ErrorKind::Memory);
    assert_eq!(x.try_broadcast_to(&huge).unwrap_err().kind(), ErrorKind::Memory);
    assert!(x.try_reshape(&[isize::MAX, 3]).is_err());
    // A product that wraps around to the right number is no excuse.
    assert!(tape.try_tensor(([1 << 32, 1 << 32], vec![])).is_err());
    assert_eq!(tape.len(), 1, "a failure records nothing");
}

#[test]
fn row_25_a_huge_valid_shape() {
    let tape = Tape::<f64>::new();
    let x = tape.tensor(array![1.0]);
    let error = x.try_broadcast_to(&[1 << 28, 1 << 28]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Memory);
    assert!(error.to_string().starts_with("broadcast_to: [1]"), "{error}");
    assert_eq!((x * 2.0).value()[0], 2.0, "the tape goes on");
}

#[test]
fn row_26_initial_values_of_a_shape_that_overflows() {
    let mut params = Params::<f64>::seeded(1);
    for init in [Init::Zeros, Init::GlorotUniform, Init::Normal { mean: 0.0, std: 1.0 }] {
        assert_eq!(params.try_add("w", &[usize::MAX / 2, 3], init).unwrap_err().kind(), ErrorKind::Memory);
        assert!(params.try_add("w", &[1 << 28, 1 << 28], init).is_err());
        let mut generator = Generator::seeded(1);
        assert!(init.fill::<f64>(&[usize::MAX, 2], &mut generator).is_err());
    }
    assert_eq!(params.len(), 0);
}

#[test]
fn row_26_names_the_line_of_the_caller() {
    let mut generator = Generator::seeded(1);
    let (error, line) = (Init::Zeros.fill::<f64>(&[usize::MAX, 2], &mut generator).unwrap_err(), line!());
    assert!(error.to_string().ends_with(&format!("(at tests/faults.rs:{line})")), "{error}");
    let mut params = Params::<f64>::seeded(1);
    let (error, line) = (params.try_add("w", &[usize::MAX, 2], Init::Zeros).unwrap_err(), line!());
    assert!(error.to_string().ends_with(&format!("(at tests/faults.rs:{line})")), "{error}");
}

/// Resident memory in bytes.
fn resident() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").expect("Linux");
    text.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

#[test]
#[cfg(target_os = "linux")]
fn row_27_a_hundred_thousand_steps() {
    // In a process of its own: other tests must not blur the memory.
    if std::env::var_os("ROW_27_ALONE").is_none() {
        let name = "row_27_a_hundred_thousand_steps";
        let mut alone = std::process::Command::new(std::env::current_exe().unwrap());
        let output = alone.args(["--exact", name, "--nocapture"]).env("ROW_27_ALONE", "1").output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && text.contains("1 passed"), "{text}");
        return;
    }
    let mut params = Params::<f64>::seeded(3);
    let model = Mlp::new(&mut params, &[2, 3, 1], Activation::Tanh);
    let mut optimizer = Sgd::new(0.01);
    let x = array![[0.0, 1.0], [1.0, 0.0]];
    let mut tape = Tape::new();
    let (mut nodes, mut before) = (0, 0);
    for step in 0..100_000 {
        let net = params.on(&tape);
        let loss = model.forward(&net, tape.constant(&x)).mse(&[1.0, -1.0]);
        let grads = net.backward(loss);
        if step == 1_000 {
            (nodes, before) = (tape.len(), resident());
        }
        assert!(step < 1_000 || tape.len() == nodes, "step {step} has {} nodes", tape.len());
        tape.reset();
        optimizer.step(&mut params, &grads);
    }
    let grown = resident().saturating_sub(before);
    assert!(nodes > 0 && grown < 1 << 20, "{grown} bytes more");
}

#[test]
fn row_38_the_first_number_that_is_none() {
    let tape = Tape::<f64>::new();
    tape.check_finite(true);
    let x = tape.scalar(0.0).named("x");
    let (text, line) = (panic_text(|| x.ln()), line!());
    assert!(
        text.starts_with(&format!("check_finite: ln of 0 made -inf (at tests/faults.rs:{line})\n")),
        "{text}"
    );
    assert!(text.contains("└ %0 = leaf \"x\""), "{text}");
    let t = tape.tensor(array![[1.0, 4.0], [0.0, -1.0]]);
    let (text, line) = (panic_text(|| t.sqrt()), line!());
    let wanted = format!(
        "check_finite: sqrt of [2, 2] made NaN at index [1, 1] (1 of 4 numbers is not finite), where the operand is -1 \
         (at tests/faults.rs:{line})\n"
    );
    assert!(text.starts_with(&wanted), "{text}");
    let (y, line) = (x.sqrt(), line!());
    let error = y.try_backward().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFinite);
    let text = error.to_string();
    let wanted = "check_finite: sqrt sent back a gradient of inf to leaf \"x\": local inf × upstream 1";
    assert!(text.starts_with(&format!("{wanted} (at tests/faults.rs:{line})\n")), "{text}");
    assert_eq!(panic_text(|| y.backward()), text);
}

#[test]
fn row_39_two_tapes() {
    let (one, other) = (Tape::<f64>::new(), Tape::<f64>::new());
    let number = |tape: &Tape<f64>| format!("{tape:?}").split(" with").next().unwrap().to_lowercase();
    let (a, b) = (one.scalar(1.0), other.scalar(2.0));
    let (x, y) = (one.tensor(array![[1.0]]), other.tensor(array![[2.0]]));
    let texts = [
        ("add", panic_text(|| x + y)),
        ("matmul", panic_text(|| x.matmul(y))),
        ("concat", panic_text(|| Tensor::concat(&[x, y], 0))),
        ("mul", panic_text(|| a * y)),
        ("stack", panic_text(|| Tensor::stack(&[a, b]))),
        ("gradients", panic_text(|| a.backward()[b])),
    ];
    for (operation, text) in texts {
        assert!(text.starts_with(&format!("{operation}: ")), "{text}");
        assert!(text.contains(&number(&one)) && text.contains(&number(&other)), "{text}");
        assert!(text.contains("(at tests/faults.rs:"), "{text}");
    }
}

#[test]
fn row_39_two_tapes_of_scalars() {
    let (one, other) = (Tape::<f64>::new(), Tape::<f64>::new());
    let (a, b) = (one.scalar(1.0), other.scalar(2.0));
    let (text, line) = (panic_text(|| a * b), line!());
    assert!(text.ends_with(&format!("(at tests/faults.rs:{line})")), "{text}");
}

#[test]
fn leaves_that_are_not_used() {
    let tape = Tape::new();
    let (x, unused) = (tape.scalar(2.0), tape.scalar(3.0));
    let idle = tape.tensor(ramp(&[2, 3]));
    let grads = (x * x).backward();
    assert!(grads.get(unused).is_none() && grads.get(idle).is_none());
    assert_eq!((grads[unused], grads.wrt(unused)), (0.0, 0.0));
    assert_eq!(grads.wrt(idle), ArrayD::<f64>::zeros(vec![2, 3]));
    let later = tape.scalar(1.0);
    assert!(grads.get(later).is_none() && grads[later] == 0.0, "recorded after the pass");
}

#[test]
fn the_text_of_a_shape_error() {
    let tape = Tape::<f64>::new();
    let a = tape.tensor(([32, 784], vec![0.0; 32 * 784]));
    let b = tape.tensor(([512, 10], vec![0.0; 5120]));
    let text = |line| {
        format!(
            "matmul: [32, 784] × [512, 10]: inner dimensions 784 and 512 differ (at tests/faults.rs:{line})"
        )
    };
    let (error, line) = (a.try_matmul(b).unwrap_err(), line!());
    assert_eq!(error.to_string(), text(line));
    assert_eq!(error.location().map(std::panic::Location::line), Some(line));
    let (panic, line) = (panic_text(|| a.matmul(b)), line!());
    assert_eq!(panic, text(line), "the plain name says the same");
}

#[test]
fn gradients_from_before_a_reset() {
    let mut tape = Tape::new();
    let grads = {
        let x = tape.scalar(2.0);
        (x * x).backward()
    };
    tape.reset();
    let x = tape.scalar(3.0);
    let text = panic_text(|| grads[x]);
    assert!(text.starts_with("gradients: these gradients are from before tape "), "{text}");
    assert!(text.contains("tests/faults.rs:"), "{text}");
}

#[test]
fn a_pruned_gradient_that_was_not_asked_for() {
    let tape = Tape::new();
    let (x, y) = (tape.scalar(2.0), tape.scalar(3.0));
    let grads = (x * y).backward_for([x.node_id()]);
    assert_eq!(grads[x], 3.0);
    let text = panic_text(|| grads[y]);
    assert_eq!(text, "the gradient of node %1 was not asked for in this backward pass");
}
