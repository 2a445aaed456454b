//! Shapes, strides, axes and broadcasting: the arithmetic of indices.

use smallvec::SmallVec;

use crate::error::{Error, ErrorKind};

/// The extent along each axis. Up to four axes are kept without an allocation.
pub type Shape = SmallVec<[usize; 4]>;

/// The number of elements of a shape, or an error where the product overflows.
///
/// ```
/// assert_eq!(tape::shape::elements(&[2, 3]).unwrap(), 6);
/// assert_eq!(tape::shape::elements(&[]).unwrap(), 1);
/// assert!(tape::shape::elements(&[usize::MAX, 2]).is_err());
/// ```
///
/// # Errors
/// The product of the extents does not fit a `usize` (an extent of 0 elsewhere does not excuse it).
#[inline]
pub fn elements(shape: &[usize]) -> Result<usize, Error> {
    let (mut product, mut empty) = (Some(1usize), false);
    for &extent in shape {
        empty |= extent == 0;
        product = product.and_then(|product| product.checked_mul(extent.max(1)));
    }
    match product {
        Some(product) if isize::try_from(product).is_ok() => Ok(if empty { 0 } else { product }),
        _ => Err(Error::new(ErrorKind::Memory, "the number of elements overflows").shapes([shape])),
    }
}

/// Row-major strides, in elements.
///
/// ```
/// assert_eq!(tape::shape::strides(&[2, 3, 4]).as_slice(), [12, 4, 1]);
/// ```
pub fn strides(shape: &[usize]) -> Shape {
    let mut strides = Shape::from_elem(1, shape.len());
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis];
    }
    strides
}

/// The index along each axis of the element at a position in row-major order.
///
/// ```
/// assert_eq!(tape::shape::unravel(5, &[2, 3]).as_slice(), [1, 2]);
/// ```
pub fn unravel(position: usize, shape: &[usize]) -> Shape {
    strides(shape).iter().zip(shape).map(|(&stride, &extent)| position / stride % extent).collect()
}

/// The shape that two operands have in common under `NumPy`'s rule: aligned at the last axis, extents equal or 1.
///
/// ```
/// assert_eq!(tape::shape::broadcast(&[4, 1], &[3]).unwrap().as_slice(), [4, 3]);
/// assert!(tape::shape::broadcast(&[2], &[3]).is_err());
/// ```
///
/// # Errors
/// Two extents differ and neither is 1.
pub fn broadcast(a: &[usize], b: &[usize]) -> Result<Shape, Error> {
    let rank = a.len().max(b.len());
    let extent =
        |shape: &[usize], axis: usize| (axis + shape.len()).checked_sub(rank).map_or(1, |k| shape[k]);
    (0..rank)
        .map(|axis| match (extent(a, axis), extent(b, axis)) {
            (1, n) | (n, 1) => Ok(n),
            (n, m) if n == m => Ok(n),
            (n, m) => {
                let text = format!("extents {n} and {m} differ at axis {axis} and neither is 1");
                Err(Error::new(ErrorKind::Shape, text).shapes([a, b]))
            }
        })
        .collect()
}

/// An axis counted from the front; a negative one counts from the back.
///
/// ```
/// assert_eq!(tape::shape::axis(-1, 3).unwrap(), 2);
/// assert!(tape::shape::axis(3, 3).is_err());
/// ```
///
/// # Errors
/// The axis lies outside `-rank..rank`.
pub fn axis(axis: isize, rank: usize) -> Result<usize, Error> {
    let from_front = if axis < 0 { axis + rank as isize } else { axis };
    usize::try_from(from_front).ok().filter(|&k| k < rank).ok_or_else(|| {
        Error::new(ErrorKind::OutOfRange, format!("axis {axis} is outside a tensor of {rank} axes"))
    })
}

/// Several axes, sorted and counted from the front.
///
/// # Errors
/// An axis lies outside the shape, or is named twice.
pub fn axes(axes: &[isize], rank: usize) -> Result<Shape, Error> {
    let mut sorted = axes.iter().map(|&k| axis(k, rank)).collect::<Result<Shape, _>>()?;
    sorted.sort_unstable();
    match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(Error::new(ErrorKind::OutOfRange, format!("axis {} is named twice", pair[0]))),
        None => Ok(sorted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zero_extent_does_not_excuse_an_overflow() {
        assert_eq!(elements(&[0, 7]).unwrap(), 0);
        assert!(elements(&[0, usize::MAX, 2]).is_err());
        assert!(elements(&[1 << 62, 2]).is_err(), "more than isize::MAX elements cannot be addressed");
    }

    #[test]
    fn axes_are_sorted_and_unique() {
        assert_eq!(axes(&[-1, 0], 3).unwrap().as_slice(), [0, 2]);
        assert!(axes(&[0, -3], 3).unwrap_err().to_string().contains("named twice"));
        assert!(axis(-4, 3).is_err());
    }

    #[test]
    fn broadcasting_names_the_axis() {
        assert_eq!(broadcast(&[], &[2, 0]).unwrap().as_slice(), [2, 0]);
        assert_eq!(
            broadcast(&[4, 2, 3], &[5, 3]).unwrap_err().to_string(),
            "[4, 2, 3] × [5, 3]: extents 2 and 5 differ at axis 1 and neither is 1"
        );
    }
}
