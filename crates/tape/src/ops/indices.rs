//! What is asked of operands that are indices: constants that hold whole numbers. Nothing flows back to them.

use crate::element::Element;
use crate::error::{Error, ErrorKind};
use crate::kernels::indexed;
use crate::operation::View;
use crate::shape;

/// Indices must be whole numbers, from 0 to the last position of the axis.
pub(super) fn check<T: Element>(indices: View<'_, T>, axis: usize, extent: usize) -> Result<(), Error> {
    let wrong = |index: &T| indexed::position(*index, extent).is_none();
    let Some(k) = indices.data.iter().position(wrong) else { return Ok(()) };
    let (index, at) = (indices.data[k], shape::unravel(k, indices.shape));
    Err(if index.fract().is_zero() {
        let text = format!("index {index} at {at:?} is outside axis {axis} of extent {extent}");
        Error::new(ErrorKind::OutOfRange, text)
    } else {
        Error::new(ErrorKind::Value, format!("index {index} at {at:?} is no whole number"))
    })
}

/// Indices of single numbers must have the shape of the tensor but for the axis.
pub(super) fn check_along<T: Element>(
    shape: &[usize],
    indices: View<'_, T>,
    axis: usize,
) -> Result<(), Error> {
    let same = |(k, (a, b))| k == axis || a == b;
    if indices.shape.len() != shape.len() || !indices.shape.iter().zip(shape).enumerate().all(same) {
        let text =
            format!("the shape of the indices differs from the tensor's elsewhere than at axis {axis}");
        return Err(Error::new(ErrorKind::Shape, text));
    }
    check(indices, axis, shape[axis])
}

#[cfg(test)]
mod tests {
    use crate::{Tape, Tensor};

    fn text(result: Result<Tensor<'_>, crate::Error>) -> String {
        result.map(|_| ()).unwrap_err().to_string()
    }

    #[test]
    fn a_bad_index_is_named_with_its_place_and_the_extent() {
        let tape = Tape::<f64>::new();
        let table = tape.tensor(([3, 2], vec![0.0; 6]));
        for (bad, wrong) in [
            (3.0, "index 3 at [1, 0] is outside axis 0 of extent 3"),
            (-1.0, "index -1 at [1, 0] is outside axis 0 of extent 3"),
            (1e300, "is outside axis 0 of extent 3"),
            (0.5, "index 0.5 at [1, 0] is no whole number"),
            (-0.5, "index -0.5 at [1, 0] is no whole number"),
            (f64::NAN, "index NaN at [1, 0] is no whole number"),
            (f64::INFINITY, "index inf at [1, 0] is no whole number"),
        ] {
            let indices = tape.constant(([2, 2], vec![0.0, 2.0, bad, 1.0]));
            for (name, error) in [
                ("embedding: [3, 2] × [2, 2]: ", text(table.try_embedding(indices))),
                ("embedding: [3, 2] × [2, 2]: ", text(table.try_embedding_with_padding(indices, 1))),
                ("gather: [3, 2] × [2, 2]: ", text(table.try_gather(0, indices))),
                ("scatter_add: [3, 2] × [2, 2] × [2, 2]: ", text(table.try_scatter_add(0, indices, indices))),
            ] {
                let named = error.starts_with(name) && error.contains(wrong);
                assert!(named && error.contains(" (at ") && error.contains("indices.rs:"), "{error}");
            }
        }
        let error = text(table.try_index_select(-1, &[0, 2]));
        assert!(
            error.starts_with("index_select: [3, 2]: index 2 at [1] is outside axis 1 of extent 2 (at "),
            "{error}"
        );
        assert!(table.try_embedding(tape.constant(([1], vec![-0.0]))).is_ok(), "a zero is a zero");
    }

    #[test]
    fn shapes_must_agree_but_for_the_axis() {
        let tape = Tape::<f64>::new();
        let x = tape.tensor(([3, 2], vec![0.0; 6]));
        let [one, three] = [1, 3].map(|n| tape.constant(([2, n], vec![0.0; 2 * n])));
        for (error, start) in [
            (
                text(x.try_gather(0, one)),
                "gather: [3, 2] × [2, 1]: the shape of the indices differs from the tensor's elsewhere than at axis 0 (at ",
            ),
            (
                text(x.try_gather(1, tape.constant(([3], vec![0.0; 3])))),
                "gather: [3, 2] × [3]: the shape of the indices differs from the tensor's elsewhere than at axis 1 (at ",
            ),
            (
                text(three.try_scatter_add(1, one, three)),
                "scatter_add: [2, 3] × [2, 1] × [2, 3]: [2, 1] indices for [2, 3] numbers (at ",
            ),
            (text(x.try_gather(2, one)), "gather: [3, 2]: axis 2 is outside a tensor of 2 axes (at "),
            (
                text(tape.tensor(([3], vec![0.0; 3])).try_embedding(one)),
                "embedding: [3] × [2, 1]: a table has two axes: rows, and the numbers of each (at ",
            ),
            (
                text(x.try_embedding_with_padding(one, 3)),
                "embedding: [3, 2] × [2, 1]: the padding 3 is none of the 3 rows (at ",
            ),
        ] {
            assert!(error.starts_with(start) && error.contains("indices.rs:"), "{error}");
        }
    }
}
