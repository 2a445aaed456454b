//! What products and reductions refuse, and what they do at the ends of the range of numbers.

use tape::{Dual, ErrorKind, Tape, Tensor};

fn leaf<'t>(tape: &'t Tape<f64>, shape: &[usize]) -> Tensor<'t> {
    tape.tensor((shape, vec![1.0; shape.iter().product()]))
}

#[test]
fn products_name_shapes_and_inner_dimensions() {
    let tape = Tape::<f64>::new();
    let x = |shape: &[usize]| leaf(&tape, shape);
    let texts = [
        (x(&[2, 3]).try_matmul(x(&[4])), "matmul: [2, 3] × [4]: inner dimensions 3 and 4 differ"),
        (x(&[3]).try_matmul(x(&[4])), "matmul: [3] × [4]: inner dimensions 3 and 4 differ"),
        (x(&[2]).try_matmul(x(&[3, 2])), "matmul: [2] × [3, 2]: inner dimensions 2 and 3 differ"),
        (x(&[2, 3]).try_matmul_tn(x(&[3, 4])), "matmul_tn: [2, 3] × [3, 4]: inner dimensions 2 and 3 differ"),
        (x(&[2, 3]).try_matmul_nt(x(&[3, 4])), "matmul_nt: [2, 3] × [3, 4]: inner dimensions 3 and 4 differ"),
        (x(&[2, 3]).try_matmul_tt(x(&[3, 4])), "matmul_tt: [2, 3] × [3, 4]: inner dimensions 2 and 4 differ"),
        (
            x(&[2, 1, 3]).try_matmul(x(&[4, 3, 2])),
            "matmul: [2, 1, 3] × [4, 3, 2]: the axes in front, [2] and [4], cannot be broadcast",
        ),
        (
            x(&[]).try_matmul(x(&[3])),
            "matmul: [] × [3]: an operand without axes has no inner dimension: multiply by it with *",
        ),
        (x(&[2, 3]).try_outer(x(&[3])), "outer: [2, 3] × [3]: both operands must be vectors"),
        (x(&[2]).try_dot(x(&[3])).map(|_| x(&[])), "dot: [2] × [3]: inner dimensions 2 and 3 differ"),
        (x(&[2, 1]).try_dot(x(&[2])).map(|_| x(&[])), "dot: [2, 1] × [2]: both operands must be vectors"),
    ];
    for (result, text) in texts {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Shape);
        assert!(
            error.to_string().starts_with(&format!("{text} (at crates/tape/tests/engine/linear_algebra.rs:")),
            "{error}"
        );
    }
}

#[test]
fn reductions_name_what_has_no_value() {
    let tape = Tape::<f64>::new();
    let x = leaf(&tape, &[2, 0, 3]);
    let error = x.try_var_axes(&[1], 0, false).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Empty);
    assert!(error.to_string().starts_with("var: [2, 0, 3]: axis 1 is empty (at "), "{error}");
    let error = leaf(&tape, &[2, 1]).try_std_axes(&[1], 1, false).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Value);
    let text = "std: [2, 1]: 1 numbers have no variance with a correction of 1 (at ";
    assert!(error.to_string().starts_with(text), "{error}");
    assert_eq!(x.try_min_all().unwrap_err().kind(), ErrorKind::Empty);
    assert_eq!(x.try_cumsum(3).unwrap_err().kind(), ErrorKind::OutOfRange);
    assert_eq!(x.try_diagonal(1, -2).unwrap_err().kind(), ErrorKind::OutOfRange);
    assert_eq!((x.prod().value(), x.norm().value()), (1.0, 0.0));
    assert_eq!(x.prod_axes(&[1], false).value().as_slice(), Some(&[1.0; 6][..]));
    assert_eq!(x.norm_axes(&[1], false).value().as_slice(), Some(&[0.0; 6][..]));
}

/// Rows of ordinary, huge, tiny and subnormal numbers, zeros, an infinity and a NaN; by rows and by columns.
#[test]
fn norms_neither_overflow_nor_underflow() {
    let (tape, tiny, inf) = (Tape::<f64>::new(), f64::from_bits(1), f64::INFINITY);
    let rows = [
        ([3.0, 4.0], 5.0, [0.6, 0.8]),
        ([3e300, -4e300], 5e300, [0.6, -0.8]),
        ([-3e-300, 4e-300], 5e-300, [-0.6, 0.8]),
        ([3.0 * tiny, 4.0 * tiny], 5.0 * tiny, [0.6, 0.8]),
        ([0.0, 0.0], 0.0, [0.0, 0.0]),
        ([1.0, -inf], inf, [0.0, f64::NAN]),
        ([f64::NAN, 1.0], f64::NAN, [f64::NAN, f64::NAN]),
        ([f64::MAX, 0.0], f64::MAX, [1.0, 0.0]),
    ];
    let same =
        |x: f64, y: f64| (x - y).abs() <= 2.0 * f64::EPSILON * y.abs() || x == y || x.is_nan() && y.is_nan();
    let numbers: Vec<f64> = rows.iter().flat_map(|(x, ..)| *x).collect();
    let x = tape.tensor(([8, 2], numbers));
    let columns = x.t();
    for (y, axis) in [(x.norm_axes(&[1], false), 1), (columns.norm_axes(&[0], false), 0)] {
        let grads = y.backward_with(([8], vec![1.0; 8]));
        for (k, (numbers, norm, gradient)) in rows.iter().enumerate() {
            assert!(same(y.value()[k], *norm), "{numbers:?}: {}, over axis {axis}", y.value()[k]);
            let got = [grads.wrt(x)[[k, 0]], grads.wrt(x)[[k, 1]]];
            assert!((0..2).all(|c| same(got[c], gradient[c])), "{numbers:?}: {got:?}, over axis {axis}");
        }
    }
    let single = Tape::<f32>::new();
    assert_eq!(single.tensor(([2], vec![3e30f32, 4e30])).norm().value(), 5e30);
    assert_eq!(single.tensor(([2], vec![3e-30f32, 4e-30])).norm().value(), 5e-30);
}

#[test]
fn a_variance_far_from_zero_keeps_its_digits() {
    let tape = Tape::<f64>::new();
    let numbers: Vec<f64> = (0..1000).map(|k| 1e9 + f64::from(k % 5)).collect();
    for shape in [[1, 1000], [1000, 1]] {
        let x = tape.tensor((shape, numbers.clone()));
        assert_eq!(x.var(0).value(), 2.0);
        assert_eq!(x.std(0).value(), 2f64.sqrt());
    }
}

/// `∂²(x y z)/∂x ∂y = z`, where both `x` and `y` are 0 and every first derivative is.
#[test]
fn second_derivatives_of_a_product_of_zeros() {
    let tape = Tape::<Dual<f64>>::new();
    let x = tape.tensor(([3], vec![Dual::new(0.0, 1.0), Dual::new(0.0, 0.0), Dual::new(3.0, 0.0)]));
    let grads = x.prod().backward();
    assert!(grads.wrt(x).iter().all(|g| g.value == 0.0));
    assert_eq!(grads.wrt(x).iter().map(|g| g.tangent).collect::<Vec<_>>(), [0.0, 3.0, 0.0]);
}

/// Where nothing varies, a deviation and a norm have a derivative of 0, and so have their gradients.
#[test]
fn roots_of_zero_over_numbers_with_derivatives() {
    let tape = Tape::<Dual<f64>>::new();
    let x = tape.tensor(([2], vec![Dual::new(0.0, 1.0), Dual::new(0.0, -2.0)]));
    for y in [x.std(0), x.norm()] {
        assert_eq!((y.value().value, y.value().tangent), (0.0, 0.0));
        let grads = y.backward();
        assert!(grads.wrt(x).iter().all(|g| (g.value, g.tangent) == (0.0, 0.0)));
    }
}
