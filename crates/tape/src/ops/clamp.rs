//! Values kept within bounds.

use crate::element::{Element, Literal};
use crate::error::{Error, ErrorKind, or_panic};
use crate::handles::{Scalar, Tensor};

/// Bounds must be in order; NaN is in order with nothing.
#[track_caller]
fn bounds<T: Element>(min: T, max: T) -> Result<(T, T), Error> {
    if min <= max {
        return Ok((min, max));
    }
    let text = format!("the lower bound {min} is not below the upper bound {max}");
    Err(Error::new(ErrorKind::Value, text).operation("clamp").at(std::panic::Location::caller()))
}

impl<T: Element> Scalar<'_, T> {
    /// The value, but no less than `min` and no more than `max`: [`clamp_min`](Self::clamp_min), then
    /// [`clamp_max`](Self::clamp_max). NaN stays NaN.
    ///
    /// # Derivative
    /// `1` within the bounds, `0` outside.
    ///
    /// # At kinks
    /// `1` at the bounds, as in `PyTorch`.
    ///
    /// # Example
    /// ```
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.scalar(3.0);
    /// let y = x.clamp(-1.0, 1.0);
    /// assert_eq!((y.value(), y.backward()[x]), (1.0, 0.0));
    /// ```
    ///
    /// # Panics
    /// As [`try_clamp`](Self::try_clamp) fails.
    #[track_caller]
    #[must_use]
    pub fn clamp(self, min: impl Literal<T>, max: impl Literal<T>) -> Self {
        or_panic(self.try_clamp(min, max))
    }

    /// The value, but no less than `min` and no more than `max`.
    ///
    /// # Errors
    /// `min` is larger than `max`, or one of them is NaN.
    #[track_caller]
    pub fn try_clamp(self, min: impl Literal<T>, max: impl Literal<T>) -> Result<Self, Error> {
        let (min, max) = bounds(min.literal(), max.literal())?;
        Ok(self.clamp_min(min).clamp_max(max))
    }
}

impl<T: Element> Tensor<'_, T> {
    /// Each number, but no less than `min` and no more than `max`: [`clamp_min`](Self::clamp_min), then
    /// [`clamp_max`](Self::clamp_max). NaN stays NaN.
    ///
    /// # Derivative
    /// `1` within the bounds, `0` outside.
    ///
    /// # At kinks
    /// `1` at the bounds, as in `PyTorch`.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![-3.0, 0.5, 1.0]);
    /// let y = x.clamp(-1.0, 1.0);
    /// assert_eq!(y.value(), array![-1.0, 0.5, 1.0].into_dyn());
    /// assert_eq!(y.sum().backward().wrt(x), array![0.0, 1.0, 1.0].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_clamp`](Self::try_clamp) fails.
    #[track_caller]
    #[must_use]
    pub fn clamp(self, min: impl Literal<T>, max: impl Literal<T>) -> Self {
        or_panic(self.try_clamp(min, max))
    }

    /// Each number, but no less than `min` and no more than `max`.
    ///
    /// # Errors
    /// `min` is larger than `max`, or one of them is NaN.
    #[track_caller]
    pub fn try_clamp(self, min: impl Literal<T>, max: impl Literal<T>) -> Result<Self, Error> {
        let (min, max) = bounds(min.literal(), max.literal())?;
        Ok(self.clamp_min(min).clamp_max(max))
    }
}

#[cfg(test)]
mod tests {
    use crate::Tape;

    const INFINITY: f64 = f64::INFINITY;

    #[test]
    fn bounds_belong_to_what_flows() {
        let tape = Tape::<f64>::new();
        let points = [-2.0, -1.0, 0.0, 1.0, 2.0, -INFINITY, INFINITY];
        let (values, slopes) = ([-1.0, -1.0, 0.0, 1.0, 1.0, -1.0, 1.0], [0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0]);
        let x = tape.tensor(([7], points.to_vec()));
        let y = x.clamp(-1.0, 1.0);
        assert_eq!(y.value().as_slice(), Some(&values[..]));
        assert_eq!(y.sum().backward().wrt(x).as_slice(), Some(&slopes[..]));
        for ((x, value), slope) in points.into_iter().zip(values).zip(slopes) {
            let x = tape.scalar(x);
            let y = x.clamp(-1.0, 1.0);
            assert_eq!((y.value(), y.backward()[x]), (value, slope));
        }
        assert!(tape.scalar(f64::NAN).clamp(-1.0, 1.0).value().is_nan());
        assert!(tape.tensor(([1], vec![f64::NAN])).clamp(-1.0, 1.0).value()[0].is_nan());
        assert_eq!(tape.scalar(5.0).clamp(2.0, 2.0).value(), 2.0);
    }

    #[test]
    fn bounds_out_of_order_are_refused() {
        let tape = Tape::<f64>::new();
        let (x, k) = (tape.tensor(([1], vec![0.0])), tape.scalar(0.0));
        for (min, max, text) in [
            (2.0, 1.0, "clamp: the lower bound 2 is not below the upper bound 1 (at "),
            (f64::NAN, 1.0, "clamp: the lower bound NaN is not below the upper bound 1 (at "),
        ] {
            for error in [x.try_clamp(min, max).map(|_| ()), k.try_clamp(min, max).map(|_| ())] {
                let error = error.unwrap_err().to_string();
                assert!(error.starts_with(text) && error.contains("clamp.rs:"), "{error}");
            }
        }
    }
}
