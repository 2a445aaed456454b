//! Structured operations under nesting: second derivatives by the checker, third ones in two ways, and masked entries.

use ndarray::{ArrayD, array};
use tape::{Check, Dual, Element, Scalar, Tape, Tensor, check_second_order};

fn inputs() -> [ArrayD<f64>; 2] {
    [
        array![[0.3, -0.7, 1.1], [0.9, 0.2, -0.4]].into_dyn(),
        array![[0.5, -0.2, 0.8], [-1.3, 0.6, 0.1], [0.4, 1.2, -0.9]].into_dyn(),
    ]
}

/// A function of two matrices, `[2, 3]` and `[3, 3]`, over every element type.
macro_rules! functions {
    ($($name:ident: |$a:ident, $b:ident| $body:expr;)*) => {
        $(fn $name<'t, T: Element>(x: &[Tensor<'t, T>]) -> Scalar<'t, T> {
            let ($a, $b) = (x[0], x[1]);
            $body
        })*

        #[test]
        fn second_derivatives() {
            $(
                let report = check_second_order(&|x| $name(x), &inputs());
                let report = report.unwrap_or_else(|error| panic!("{}: {error}", stringify!($name)));
                assert!(report.kinks.is_empty(), "{}: {report}", stringify!($name));
            )*
        }

        /// Along one direction thrice: forward thrice against forward twice over reverse.
        #[test]
        fn third_derivatives() {
            type Twice = Dual<Dual<f64>>;
            let step = |k: usize| 0.7 - 0.3 * (k % 5) as f64;
            $({
                let thrice = |k: usize, x: f64| {
                    let twice = Dual::new(Dual::new(x, step(k)), Dual::new(step(k), 0.0));
                    Dual::<Twice>::new(twice, Dual::constant(Dual::constant(step(k))))
                };
                let tape = Tape::<Dual<Twice>>::new();
                let moving = inputs().map(|x| {
                    let numbers = x.iter().enumerate().map(|(k, &x)| thrice(k, x)).collect::<Vec<_>>();
                    tape.constant((x.shape().to_vec(), numbers))
                });
                let forward = $name(&moving).value().tangent.tangent.tangent;

                let tape = Tape::<Twice>::new();
                let leaves = inputs().map(|x| {
                    let numbers = x.iter().enumerate().map(|(k, &x)| thrice(k, x).value).collect::<Vec<_>>();
                    tape.tensor((x.shape().to_vec(), numbers))
                });
                let gradients = $name(&leaves).backward();
                let back: f64 = leaves
                    .iter()
                    .flat_map(|leaf| gradients.wrt(*leaf).iter().copied().enumerate().collect::<Vec<_>>())
                    .map(|(k, slope)| slope.tangent.tangent * step(k))
                    .sum();
                let close = (forward - back).abs() <= 1e-11 * back.abs().max(1.0);
                assert!(close, "{}: {forward}, {back}", stringify!($name));
            })*
        }
    };
}

functions! {
    products: |a, b| a.matmul(b).matmul(b.t()).tanh().sum();
    softmax_of_rows: |a, b| (a.matmul(b).softmax(1) * a).square().sum();
    softmax_of_columns: |a, b| (a.matmul(b).softmax(0) * a).square().sum();
    logarithms_of_rows: |a, b| (a.matmul(b).log_softmax(1) * a).sum();
    logarithms_of_columns: |a, b| (a.matmul(b).log_softmax(0) * a).sum();
    logsumexps: |a, b| a.logsumexp_axes(&[0], false).square().sum() * b.logsumexp() + b.logsumexp_axes(&[1], true).exp().sum();
    sums: |a, b| (a.sum_axes(&[1], true) * a).mean() * b.mean_axes(&[0], false).square().sum();
    extrema: |a, b| (a.square().max_axes(&[1], false).sum() + b.cube().amax_axes(&[0], true).sum()) * a.max_all();
    choices: |a, b| (Tensor::select(a.gt(T::zero()), a.exp(), a.square()) * b.slice(&[(..2).into()])).sum().square();
    arrangements: |a, b| (Tensor::concat(&[a, b], 0).reshape(&[3, 5]).permute(&[1, 0]).square() * b.get([1, 2])).sum().sin();
    bridges: |a, b| (Tensor::stack(&[a.get([0, 1]), b.sum(), a.mean()]) * b).square().sum() * a.get([1, 1]).exp();
    elementwise: |a, b| (a.gelu() * b.slice(&[(1..).into()]).softplus().powf(T::of(1.5)) / (a.hypot(a.sigmoid()) + T::one())).sum();
}

/// What is masked out has no part in any order.
#[test]
fn masked_entries_have_no_derivatives() {
    let x = [0.4, f64::NEG_INFINITY, -0.3];
    for f in [
        (|x: Tensor<'_, Dual<f64>>| x.softmax(0).square().sum())
            as for<'t> fn(Tensor<'t, Dual<f64>>) -> Scalar<'t, Dual<f64>>,
        |x| x.logsumexp().square(),
        |x| x.log_softmax(0).get([0]).exp(),
        |x| x.reshape(&[-1, 1]).softmax(0).square().sum(),
        |x| x.reshape(&[-1, 1]).logsumexp_axes(&[0], false).square().sum(),
    ] {
        let all = tape::hessian(|x| f(Tensor::stack(x)), &x);
        let kept = tape::hessian(|x| f(Tensor::stack(x)), &[x[0], x[2]]);
        for (i, row) in [0, 2].into_iter().enumerate() {
            assert_eq!(all[[row, 1]], 0.0);
            for (j, column) in [0, 2].into_iter().enumerate() {
                assert!((all[[row, column]] - kept[[i, j]]).abs() < 1e-15);
            }
        }
        assert_eq!(all[[1, 1]], 0.0);
    }
}

/// A gradient of 0 that has a derivative goes on: through scalars, tensors without axes, and broadcasts.
#[test]
fn a_zero_gradient_carries_its_derivative() {
    // At 0 the square sends back a gradient of 0 whose derivative is 2.
    let h = tape::hessian(
        |x| {
            let y = Tensor::stack(&[x[0], x[0], x[0]]).sum() * 1.0;
            (y * 1.0).square() + (Tensor::stack(&[y, y]) * y).mean()
        },
        &[0.0],
    );
    assert_eq!(h[[0, 0]], 36.0);
    let many = ArrayD::from_elem(vec![40, 30], 0.0);
    let report = Check::new()
        .directions(2)
        .second_order(&|x| (x[0].sum_axes(&[0], false).square() * x[0]).sum(), &[many]);
    report.unwrap();
}

/// What was stopped is a constant to every order, in both lanes.
#[test]
fn a_stopped_gradient_has_no_derivative_of_its_own() {
    let tape = Tape::new();
    let x = tape.scalar(Dual::variable(3.0));
    let slope = (x * x.stop_gradient()).backward()[x];
    assert_eq!((slope.value, slope.tangent), (3.0, 0.0));
    let x = tape.tensor(([1], vec![Dual::variable(3.0)]));
    let slope = (x * x.stop_gradient()).sum().backward().wrt(x)[0];
    assert_eq!((slope.value, slope.tangent), (3.0, 0.0));

    let inner = Tape::<f64>::new();
    let seed = inner.scalar(3.0);
    let outer = Tape::new();
    let x = outer.tensor(([1], vec![seed]));
    let slope = (x * x.stop_gradient()).sum().backward().wrt(x)[0];
    assert_eq!((slope.value(), slope.try_backward().map_or(0.0, |grads| grads[seed])), (3.0, 0.0));
}

/// Forward mode takes the same share of each of equal elements as the sweep gives back.
#[test]
fn equal_elements_share_the_tangent_of_the_largest() {
    let tape = Tape::new();
    let numbers =
        [(1.0, 0.0), (3.0, 1.0), (3.0, 0.0), (3.0, 5.0)].map(|(value, tangent)| Dual::new(value, tangent));
    let x = tape.tensor(([2, 2], numbers.to_vec()));
    let (all, last) = (x.amax_all().value(), x.amax_axes(&[1], false).value().to_owned());
    assert_eq!((all.value, all.tangent), (3.0, 2.0));
    assert_eq!([last[0], last[1]].map(|y| (y.value, y.tangent)), [(3.0, 1.0), (3.0, 2.5)]);
    assert_eq!((-x).amin_all().value().tangent, -2.0);
    assert_eq!(x.max_all().value().tangent, 1.0, "the first has all");
}
