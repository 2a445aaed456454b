//! Derivatives as functions: a function of numbers goes in, its derivative at a point comes out.
//!
//! A function is written over a slice of [`Scalar`]s, or of [`Dual`]s where it is run forward. Tensors are made of them by
//! [`Tensor::stack`](crate::Tensor::stack). Where a derivative is taken in a derivative, the elements are numbers made of
//! numbers, and every order comes from nesting:
//!
//! ```
//! // d/dx of x · d/dy (x y²) at y = x, which is x · 2x².
//! let outer = tape::gradient(
//!     |x| {
//!         let inner = tape::gradient(|y| y[0].square() * x[0], &[x[0]]);
//!         x[0] * inner[0]
//!     },
//!     &[3.0],
//! );
//! assert_eq!(outer, [54.0]);
//! ```

use std::panic::Location;

use ndarray::Array2;

use crate::dual::Dual;
use crate::element::Element;
use crate::error::{Error, ErrorKind, or_panic};
use crate::graph::forward;
use crate::graph::gradients::Handle;
use crate::graph::tape::Tape;
use crate::handles::Scalar;
use crate::id::NodeId;

/// The gradient of a function at `x`, by one sweep back.
///
/// # Example
/// ```
/// let g = tape::gradient(|x| x[0] * x[1].sin(), &[2.0, 0.0]);
/// assert_eq!(g, [0.0, 2.0]);
/// ```
///
/// A function that does not depend on `x` has a gradient of zeros.
#[must_use]
pub fn gradient<T: Element>(f: impl for<'t> FnOnce(&[Scalar<'t, T>]) -> Scalar<'t, T>, x: &[T]) -> Vec<T> {
    grad(f, x).1
}

/// The value and the gradient of a function at `x`.
///
/// # Example
/// ```
/// let (value, g) = tape::grad(|x| x[0].square() + 3.0 * x[1], &[2.0, 1.0]);
/// assert_eq!((value, g), (7.0, vec![4.0, 3.0]));
/// ```
#[must_use]
pub fn grad<T: Element>(f: impl for<'t> FnOnce(&[Scalar<'t, T>]) -> Scalar<'t, T>, x: &[T]) -> (T, Vec<T>) {
    let tape = Tape::new();
    let leaves = leaves(&tape, x);
    let y = f(&leaves);
    (y.value(), slopes(y, &leaves))
}

/// The Jacobian matrix of a function at `x`: row `i` is the gradient of output `i`.
///
/// The function is recorded once. Then it is swept over back from each output; or forward from the inputs, several at a
/// time, where there are fewer of these and the record holds nothing but scalars: a tensor operation has no forward
/// sweep on a tape of plain numbers. ([`jvp`] goes forward through everything.)
///
/// # Example
/// ```
/// use ndarray::array;
/// let j = tape::jacobian(|x| vec![x[0] * x[1], x[0].square(), 5.0 * x[1]], &[2.0, 3.0]);
/// assert_eq!(j, array![[3.0, 2.0], [4.0, 0.0], [0.0, 5.0]]);
/// ```
#[must_use]
pub fn jacobian<T: Element>(
    f: impl for<'t> FnOnce(&[Scalar<'t, T>]) -> Vec<Scalar<'t, T>>,
    x: &[T],
) -> Array2<T> {
    let tape = Tape::new();
    let leaves = leaves(&tape, x);
    let outputs = f(&leaves);
    let mut matrix = Array2::from_elem((outputs.len(), x.len()), T::zero());
    let forward = x.len() < outputs.len() && {
        let ids: Vec<_> = leaves.iter().map(|leaf| leaf.node_id()).collect();
        let outputs: Vec<_> = outputs.iter().map(|output| position(*output)).collect();
        forward::derivatives(&tape, &ids, &outputs, |row, column, slope| matrix[[row, column]] = slope)
    };
    if !forward {
        for (output, mut row) in outputs.iter().zip(matrix.rows_mut()) {
            row.iter_mut().zip(slopes(*output, &leaves)).for_each(|(to, slope)| *to = slope);
        }
    }
    matrix
}

/// The Jacobian matrix times a vector, `J v`: the derivative of every output along the direction `v`, by one run forward.
///
/// # Example
/// ```
/// let dy = tape::jvp(|x| vec![x[0] * x[1], x[0].exp()], &[0.0, 3.0], &[1.0, 10.0]);
/// assert_eq!(dy, [3.0, 1.0]);
/// ```
///
/// # Panics
/// As [`try_jvp`] fails.
#[track_caller]
#[must_use]
pub fn jvp<T: Element>(f: impl FnOnce(&[Dual<T>]) -> Vec<Dual<T>>, x: &[T], v: &[T]) -> Vec<T> {
    or_panic(try_jvp(f, x, v))
}

/// The Jacobian matrix times a vector: the twin of [`jvp`] that returns its error.
///
/// # Errors
/// `v` is not as long as `x`.
#[track_caller]
pub fn try_jvp<T: Element>(
    f: impl FnOnce(&[Dual<T>]) -> Vec<Dual<T>>,
    x: &[T],
    v: &[T],
) -> Result<Vec<T>, Error> {
    let moving = along("jvp", x, v)?;
    Ok(f(&moving).into_iter().map(|y| y.tangent).collect())
}

/// A vector times the Jacobian matrix, `uᵀ J`: the gradient of `Σ uᵢ yᵢ`, by one sweep back.
///
/// # Example
/// ```
/// let g = tape::vjp(|x| vec![x[0] * x[1], x[0].exp()], &[0.0, 3.0], &[1.0, 10.0]);
/// assert_eq!(g, [13.0, 0.0]);
/// ```
///
/// # Panics
/// As [`try_vjp`] fails.
#[track_caller]
#[must_use]
pub fn vjp<T: Element>(
    f: impl for<'t> FnOnce(&[Scalar<'t, T>]) -> Vec<Scalar<'t, T>>,
    x: &[T],
    u: &[T],
) -> Vec<T> {
    or_panic(try_vjp(f, x, u))
}

/// A vector times the Jacobian matrix: the twin of [`vjp`] that returns its error.
///
/// # Errors
/// `u` is not as long as the output.
#[track_caller]
pub fn try_vjp<T: Element>(
    f: impl for<'t> FnOnce(&[Scalar<'t, T>]) -> Vec<Scalar<'t, T>>,
    x: &[T],
    u: &[T],
) -> Result<Vec<T>, Error> {
    let tape = Tape::new();
    let leaves = leaves(&tape, x);
    let outputs = f(&leaves);
    if outputs.len() != u.len() {
        let text = format!(
            "a vector as long as the output of {} numbers is expected, found {}",
            outputs.len(),
            u.len()
        );
        return Err(Error::new(ErrorKind::Shape, text).operation("vjp").at(Location::caller()));
    }
    let sum = outputs.into_iter().zip(u).map(|(output, &weight)| output * weight).sum();
    Ok(slopes(sum, &leaves))
}

/// The Hessian matrix times a vector, `H v`, by one sweep back over numbers that go forward along `v`.
///
/// # Example
/// ```
/// let hv = tape::hvp(|x| x[0].cube() * x[1], &[2.0, 3.0], &[1.0, 0.0]);
/// assert_eq!(hv, [36.0, 12.0]);
/// ```
///
/// # Panics
/// As [`try_hvp`] fails.
#[track_caller]
#[must_use]
pub fn hvp<T: Element>(
    f: impl for<'t> FnOnce(&[Scalar<'t, Dual<T>>]) -> Scalar<'t, Dual<T>>,
    x: &[T],
    v: &[T],
) -> Vec<T> {
    or_panic(try_hvp(f, x, v))
}

/// The Hessian matrix times a vector: the twin of [`hvp`] that returns its error.
///
/// # Errors
/// `v` is not as long as `x`.
#[track_caller]
pub fn try_hvp<T: Element>(
    f: impl for<'t> FnOnce(&[Scalar<'t, Dual<T>>]) -> Scalar<'t, Dual<T>>,
    x: &[T],
    v: &[T],
) -> Result<Vec<T>, Error> {
    let moving = along("hvp", x, v)?;
    Ok(gradient(f, &moving).into_iter().map(|slope| slope.tangent).collect())
}

/// The Hessian matrix of a function at `x`, by [`hvp`] along each axis. It is symmetric to the last bit: an entry is
/// computed once and stands in both its places.
///
/// # Example
/// ```
/// use ndarray::array;
/// let h = tape::hessian(|x| x[0].cube() * x[1], &[2.0, 3.0]);
/// assert_eq!(h, array![[36.0, 12.0], [12.0, 0.0]]);
/// ```
#[must_use]
pub fn hessian<T: Element>(
    f: impl for<'t> Fn(&[Scalar<'t, Dual<T>>]) -> Scalar<'t, Dual<T>>,
    x: &[T],
) -> Array2<T> {
    let mut matrix = Array2::from_elem((x.len(), x.len()), T::zero());
    let mut moving: Vec<_> = x.iter().map(|&x| Dual::constant(x)).collect();
    let mut tape = Tape::new();
    for column in 0..x.len() {
        moving[column].tangent = T::one();
        let leaves = leaves(&tape, &moving);
        let slopes = slopes(f(&leaves), &leaves);
        for (row, slope) in slopes.into_iter().enumerate().skip(column) {
            matrix[[row, column]] = slope.tangent;
            matrix[[column, row]] = slope.tangent;
        }
        tape.reset();
        moving[column].tangent = T::zero();
    }
    matrix
}

fn leaves<'t, T: Element>(tape: &'t Tape<T>, x: &[T]) -> Vec<Scalar<'t, T>> {
    x.iter().map(|&x| tape.scalar(x)).collect()
}

/// The gradient of `output`, which may be a constant.
fn slopes<T: Element>(output: Scalar<'_, T>, leaves: &[Scalar<'_, T>]) -> Vec<T> {
    if position(output).is_none() {
        return vec![T::zero(); leaves.len()];
    }
    let gradients = output.backward();
    leaves.iter().map(|leaf| gradients[*leaf]).collect()
}

fn position<T: Element>(scalar: Scalar<'_, T>) -> Option<NodeId> {
    scalar.position().map(|(_, id)| id)
}

/// The point `x`, moving along `v`.
#[track_caller]
fn along<T: Element>(operation: &'static str, x: &[T], v: &[T]) -> Result<Vec<Dual<T>>, Error> {
    if x.len() != v.len() {
        let text = format!(
            "a direction of {} numbers is expected, as many as the point has; found {}",
            x.len(),
            v.len()
        );
        return Err(Error::new(ErrorKind::Shape, text).operation(operation).at(Location::caller()));
    }
    Ok(x.iter().zip(v).map(|(&value, &tangent)| Dual { value, tangent }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Tensor, rules::Rule};

    #[test]
    fn constants_have_zero_derivatives() {
        let x = [1.0, 2.0];
        assert_eq!(grad(|_| Scalar::constant(7.0), &x), (7.0, vec![0.0; 2]));
        assert_eq!(jacobian(|_| vec![Scalar::constant(7.0); 3], &x), Array2::<f64>::zeros((3, 2)));
        assert_eq!(
            jacobian(|x| vec![Scalar::constant(7.0), x[1]], &x),
            ndarray::array![[0.0, 0.0], [0.0, 1.0]]
        );
        assert_eq!(hessian(|_| Scalar::constant(Dual::constant(7.0)), &x), Array2::<f64>::zeros((2, 2)));
        assert_eq!(vjp(|_| vec![Scalar::constant(7.0)], &x, &[2.0]), [0.0; 2]);
        assert_eq!(gradient(|_| Scalar::constant(7.0), &[]), Vec::<f64>::new());
        assert_eq!(jacobian(|_| Vec::new(), &x).shape(), [0, 2]);
    }

    #[test]
    fn wrong_lengths_are_errors() {
        let text = |error: Result<Vec<f64>, Error>| error.unwrap_err().to_string();
        let line = text(try_jvp(<[_]>::to_vec, &[1.0, 2.0], &[1.0]));
        assert!(line.starts_with(
            "jvp: a direction of 2 numbers is expected, as many as the point has; found 1 (at "
        ));
        let line = text(try_hvp(|x| x[0], &[1.0, 2.0], &[1.0; 3]));
        assert!(line.starts_with(
            "hvp: a direction of 2 numbers is expected, as many as the point has; found 3 (at "
        ));
        let line = text(try_vjp(|x| vec![x[0], x[1]], &[1.0, 2.0], &[1.0; 3]));
        assert!(
            line.starts_with("vjp: a vector as long as the output of 2 numbers is expected, found 3 (at ")
        );
    }

    /// Many outputs, so that the way is forward: against the way back, output by output.
    #[test]
    fn forward_and_back_agree() {
        fn f<'t>(x: &[Scalar<'t, f64>]) -> Vec<Scalar<'t, f64>> {
            let (a, b) = (x[0] * x[1].exp(), x[2].sqrt() * x[0].stop_gradient());
            let mut outputs: Vec<_> = (0..5).map(|k| a.powi(k) + b * f64::from(k)).collect();
            outputs.extend([
                x[4],
                x[3].max(x[4]),
                Scalar::constant(2.0),
                2.0 / x[1],
                Scalar::select(true, a, b.ln()),
            ]);
            outputs
        }
        let x = [0.3, 0.7, 1.9, -0.4, 0.8];
        let matrix = jacobian(f, &x);
        assert_eq!(matrix.shape(), [10, 5]);
        for row in 0..10 {
            for (column, back) in gradient(|x| f(x)[row], &x).into_iter().enumerate() {
                let forward = matrix[[row, column]];
                assert!((forward - back).abs() <= 1e-15 * back.abs(), "[{row}, {column}]: {forward}, {back}");
            }
        }
    }

    #[test]
    fn a_tensor_on_the_way_turns_it_around() {
        let matrix = jacobian(
            |x| {
                let y = Tensor::stack(x).square();
                (0..2).map(|k| y.get([k])).chain([x[0], y.sum() * x[1]]).collect()
            },
            &[2.0, 3.0],
        );
        assert_eq!(matrix, ndarray::array![[4.0, 0.0], [0.0, 6.0], [1.0, 0.0], [12.0, 31.0]]);
        // A tensor beside the way does not.
        let matrix = jacobian(
            |x| {
                let y = Tensor::stack(&[x[0].stop_gradient() * 2.0]).gt(1.0).sum();
                vec![x[0] * y, y, x[0]]
            },
            &[2.0],
        );
        assert_eq!(matrix, ndarray::array![[1.0], [0.0], [1.0]]);
    }

    #[test]
    fn zero_times_infinity_is_zero_forward_too() {
        let x = [0.0];
        let matrix =
            jacobian(|x| vec![Scalar::select(x[0] > 0.0, x[0].sqrt(), x[0]), (x[0] * 0.0).sqrt()], &x);
        assert_eq!(matrix, ndarray::array![[1.0], [0.0]]);
        assert_eq!(jvp(|x| vec![Dual::select(x[0] > 0.0, x[0].sqrt(), x[0])], &x, &[1.0]), [1.0]);
    }

    #[test]
    fn a_hessian_is_symmetric_to_the_last_bit() {
        let f = |x: [f64; 3]| hessian(|x| (x[0] * x[1]).sin() * x[2].exp() + x[1].hypot(x[2]).pow(x[0]), &x);
        let h = f([0.3, 0.7, 1.1]);
        assert_eq!(h, h.t());
        assert!(h.iter().all(|x| x.is_finite()));
    }

    #[test]
    fn third_derivatives_in_every_way_of_nesting() {
        // f = x⁴ eˣ at 0.5, third derivative by hand.
        let (x, e) = (0.5f64, 0.5f64.exp());
        let want = e * (x.powi(4) + 12.0 * x.powi(3) + 36.0 * x * x + 24.0 * x);
        let close = |got: f64| assert!((got - want).abs() < 1e-12, "{got}, not {want}");

        let tape = Tape::<Dual<Dual<f64>>>::new();
        let leaf = tape.scalar(Dual::variable(Dual::variable(x)));
        close((leaf.powi(4) * leaf.exp()).backward()[leaf].tangent.tangent);

        let inner = Tape::<f64>::new();
        let middle = Tape::new();
        let outer = Tape::new();
        let a = inner.scalar(x);
        let b = middle.scalar(a);
        let c = outer.scalar(b);
        let first = (c.powi(4) * c.exp()).backward()[c];
        let second = first.backward()[b];
        close(second.backward()[a]);

        let second = |x: Dual<f64>| hessian(|x| x[0].powi(4) * x[0].exp(), &[x])[[0, 0]];
        close(second(Dual::variable(x)).tangent);
        let third =
            gradient(|x| gradient(|x| gradient(|x| x[0].powi(4) * x[0].exp(), &[x[0]])[0], &[x[0]])[0], &[x]);
        close(third[0]);
    }

    #[test]
    fn rules_by_name_go_forward_as_well() {
        // A rule that is known at run time only is one node, whatever the elements are.
        let tape = Tape::<Dual<f64>>::new();
        let x = tape.scalar(Dual::variable(2.0));
        let y = Scalar::apply(Rule::Powi, &[x, Scalar::constant(Dual::constant(3.0))]).unwrap();
        assert_eq!((y.value().tangent, y.backward()[x].tangent, tape.len()), (12.0, 12.0, 2));
    }
}
