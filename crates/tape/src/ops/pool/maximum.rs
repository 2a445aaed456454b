//! The largest number of each window.

use super::{Pool, plane, with_plane};
use crate::element::Element;
use crate::error::{Error, ErrorKind, or_panic};
use crate::handles::Tensor;
use crate::kernels::pool::{Maxima, MaximaVjp};
use crate::kernels::windows::Axis;
use crate::listing::{Described, Description, Drawn, Sample, Special};
use crate::operation::{Forward, TensorOp, View, Vjp};
use crate::shape::{self, Shape};

/// The gradient goes to the first of equal numbers of a window. Their places in the windows are saved.
#[derive(Clone, Debug)]
pub(in crate::ops) struct MaxPool {
    options: Pool<2>,
    /// Over `[N, C, L]`: images of one line.
    line: bool,
}

impl MaxPool {
    fn axes(&self, shape: &[usize]) -> Result<[Axis; 2], Error> {
        self.options.axes(plane(shape, self.line)?)
    }

    fn checked_axes(&self, shape: &[usize]) -> [Axis; 2] {
        self.axes(shape).expect("the shape was checked")
    }
}

impl<T: Element> TensorOp<T> for MaxPool {
    fn name(&self) -> &str {
        if self.line { "max_pool1d" } else { "max_pool2d" }
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        let axes = self.axes(inputs[0].shape)?;
        // Places are kept as numbers of the tape's type.
        let places = axes[0].kernel * axes[1].kernel;
        let number = |place: usize| T::of(place as f64);
        if !(number(places) - number(places - 1)).is_one() {
            let text = format!("numbers of the tape cannot count {places} places of a window");
            return Err(Error::new(ErrorKind::Value, text));
        }
        Ok(with_plane(inputs[0].shape, axes.map(|axis| axis.output), self.line))
    }

    fn saved_len(&self, inputs: &[View<'_, T>]) -> usize {
        let axes = self.checked_axes(inputs[0].shape);
        let windows = with_plane(inputs[0].shape, axes.map(|axis| axis.output), self.line);
        shape::elements(&windows).expect("the output has as many elements")
    }

    fn forward(&self, pass: Forward<'_, T>) {
        let x = pass.inputs[0];
        let axes = self.checked_axes(x.shape);
        T::maxima(Maxima { axes, x: x.data, out: pass.output, places: pass.saved });
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let axes = self.checked_axes(pass.input(0).shape);
        let (places, g) = (pass.saved(), pass.upstream());
        if let Some(to) = pass.downstream(0) {
            T::maxima_vjp(MaximaVjp { axes, places, g, out: to.gradient, accumulate: to.accumulate });
        }
    }
}

impl Described for MaxPool {
    const DESCRIPTION: Description = Description {
        name: "max_pool2d",
        formula: "y = max x over a window",
        derivative: "g, in the largest element of its window",
        kinks: "between equal elements of a window all goes to the first, row by row",
    };

    fn samples() -> Vec<Sample<Self>> {
        let image = |options, x: &[usize]| Sample::new(Self { options, line: false }, [Drawn::real(x)]);
        let line = |options: Pool<1>, x: &[usize]| {
            Sample::new(Self { options: options.into(), line: true }, [Drawn::real(x)])
        };
        vec![
            image(Pool::new(2), &[2, 2, 4, 5]),
            image(Pool::new([3, 2]).stride(1), &[1, 2, 4, 3]),
            image(Pool::new(3).stride(2).padding(1), &[1, 1, 5, 4]),
            image(Pool::new(2).dilation(2).stride([1, 2]), &[1, 1, 4, 5]),
            image(Pool::new(2).ceil_mode(true), &[1, 2, 3, 5]),
            image(Pool::new([1, 4]).stride(3).padding([0, 2]).ceil_mode(true), &[1, 1, 2, 4]),
            image(Pool::new(1), &[2, 1, 1, 1]),
            image(Pool::new(2), &[0, 2, 2, 2]),
            line(Pool::new(2), &[2, 2, 5]),
            line(Pool::new(3).stride(1).padding(1), &[1, 2, 4]),
        ]
    }

    fn specials() -> Vec<Special<Self>> {
        let case = |options, shape: &[usize], numbers: &[f64], output: &[f64], gradient: &[f64]| Special {
            operation: Self { options, line: false },
            operands: vec![(shape.into(), numbers.to_vec())],
            output: output.to_vec(),
            gradients: vec![Some(gradient.to_vec())],
        };
        let inf = f64::INFINITY;
        vec![
            case(Pool::new(2), &[1, 1, 2, 2], &[1.0, 3.0, 3.0, 3.0], &[3.0], &[0.0, 1.0, 0.0, 0.0]),
            case(Pool::new(2), &[1, 1, 2, 2], &[-inf; 4], &[-inf], &[1.0, 0.0, 0.0, 0.0]),
            // An element that two windows share.
            case(Pool::new([1, 2]).stride(1), &[1, 1, 1, 3], &[1.0, 2.0, 2.0], &[2.0, 2.0], &[0.0, 2.0, 0.0]),
            // Padding is less than any element.
            case(Pool::new(3).padding(1), &[1, 1, 1, 1], &[-inf], &[-inf], &[1.0]),
        ]
    }
}

impl<T: Element> Tensor<'_, T> {
    /// The largest element of each window that moves over the planes of images. A NaN is larger than anything.
    ///
    /// # Shapes
    /// `[N, C, H, W]` → `[N, C, oh, ow]`, with `oh = ⌊(H + 2 padding − dilation (kh − 1) − 1) / stride⌋ + 1`, and `ow`
    /// alike; rounded up with [`ceil_mode`](Pool::ceil_mode).
    ///
    /// # Derivative
    /// Each gradient goes to the largest element of its window.
    ///
    /// # At kinks
    /// Between equal elements, all goes to the first of the window, row by row.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// use tape::Pool;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![[[[1.0, 2.0, 5.0], [4.0, 3.0, 5.0]]]]);
    /// let y = x.max_pool2d(Pool::new(2).stride(1));
    /// assert_eq!(y.value(), array![[[[4.0, 5.0]]]].into_dyn());
    /// assert_eq!(y.sum().backward().wrt(x), array![[[[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]]].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_max_pool2d`](Self::try_max_pool2d) fails.
    #[track_caller]
    #[must_use]
    pub fn max_pool2d(self, options: Pool<2>) -> Self {
        or_panic(self.try_max_pool2d(options))
    }

    /// The largest element of each window of images.
    ///
    /// # Errors
    /// There are not four axes; a plane is empty, or a window larger than it with its padding; the padding is more than
    /// half a window; a kernel, a stride or a dilation is 0.
    #[track_caller]
    pub fn try_max_pool2d(self, options: Pool<2>) -> Result<Self, Error> {
        self.record(MaxPool { options, line: false })
    }

    /// The largest element of each window that moves over sequences: [`max_pool2d`](Self::max_pool2d) with one axis less.
    ///
    /// # Shapes
    /// `[N, C, L]` → `[N, C, l]`.
    ///
    /// # Derivative
    /// As [`max_pool2d`](Self::max_pool2d).
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// use tape::Pool;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![[[1.0, 2.0, 5.0, 4.0]]]);
    /// assert_eq!(x.max_pool1d(Pool::new(2)).value(), array![[[2.0, 5.0]]].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_max_pool1d`](Self::try_max_pool1d) fails.
    #[track_caller]
    #[must_use]
    pub fn max_pool1d(self, options: Pool<1>) -> Self {
        or_panic(self.try_max_pool1d(options))
    }

    /// The largest element of each window of sequences.
    ///
    /// # Errors
    /// As [`try_max_pool2d`](Self::try_max_pool2d), of three axes.
    #[track_caller]
    pub fn try_max_pool1d(self, options: Pool<1>) -> Result<Self, Error> {
        self.record(MaxPool { options: options.into(), line: true })
    }
}
