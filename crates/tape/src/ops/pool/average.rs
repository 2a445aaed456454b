//! The mean of each window.

use super::{Pool, plane, with_plane};
use crate::element::Element;
use crate::error::{Error, ErrorKind, or_panic};
use crate::handles::Tensor;
use crate::kernels::pool::{Means, means, means_vjp};
use crate::listing::{Described, Description, Drawn, Sample};
use crate::operation::{Forward, TensorOp, View, Vjp};
use crate::ops::conv::{LIMIT, PerAxis};
use crate::shape::Shape;

/// Windows that move.
#[derive(Clone, Debug)]
pub(in crate::ops) struct AvgPool {
    options: Pool<2>,
    /// Over `[N, C, L]`: images of one line.
    line: bool,
}

/// As many windows as are asked for.
#[derive(Clone, Debug)]
pub(in crate::ops) struct AdaptiveAvgPool {
    outputs: PerAxis<2>,
}

impl AvgPool {
    fn axes(&self, shape: &[usize]) -> Result<[Means; 2], Error> {
        let axes = self.options.axes(plane(shape, self.line)?)?;
        Ok(axes.map(|axis| Means::Moving { axis, padding_counts: self.options.padding_counts }))
    }
}

impl AdaptiveAvgPool {
    fn outputs(&self) -> [usize; 2] {
        [self.outputs.get(0), self.outputs.get(1)]
    }

    fn axes(&self, shape: &[usize]) -> Result<[Means; 2], Error> {
        let [height, width] = plane(shape, false)?;
        if height == 0 || width == 0 {
            return Err(Error::new(ErrorKind::Empty, "planes without a number"));
        }
        let outputs = self.outputs();
        if outputs.iter().any(|output| !(1..LIMIT).contains(output)) {
            let [oh, ow] = outputs;
            return Err(Error::new(ErrorKind::Value, format!("an output of {oh} × {ow}")));
        }
        let axis = |input, output| Means::Shared { input, output };
        Ok([axis(height, outputs[0]), axis(width, outputs[1])])
    }
}

/// Each number of a window gets its share of what comes to their mean.
fn vjp<T: Element>(axes: &[Means; 2], pass: &mut Vjp<'_, T>) {
    let upstream = pass.upstream();
    if let Some(to) = pass.downstream(0) {
        means_vjp(axes, upstream, to.gradient, to.accumulate);
    }
}

impl<T: Element> TensorOp<T> for AvgPool {
    fn name(&self) -> &str {
        if self.line { "avg_pool1d" } else { "avg_pool2d" }
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        let axes = self.axes(inputs[0].shape)?;
        Ok(with_plane(inputs[0].shape, axes.map(|axis| axis.output()), self.line))
    }

    fn forward(&self, pass: Forward<'_, T>) {
        let x = pass.inputs[0];
        means(&self.axes(x.shape).expect("the shape was checked"), x.data, pass.output);
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        vjp(&self.axes(pass.input(0).shape).expect("the shape was checked"), pass);
    }
}

impl<T: Element> TensorOp<T> for AdaptiveAvgPool {
    fn name(&self) -> &str {
        "adaptive_avg_pool2d"
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        self.axes(inputs[0].shape)?;
        Ok(with_plane(inputs[0].shape, self.outputs(), false))
    }

    fn forward(&self, pass: Forward<'_, T>) {
        let x = pass.inputs[0];
        means(&self.axes(x.shape).expect("the shape was checked"), x.data, pass.output);
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        vjp(&self.axes(pass.input(0).shape).expect("the shape was checked"), pass);
    }
}

impl Described for AvgPool {
    const DESCRIPTION: Description = Description {
        name: "avg_pool2d",
        formula: "y = 1/n Σ x over a window, n its places with or without padding",
        derivative: "g/n, in each element of its window",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        let image = |options, x: &[usize]| Sample::new(Self { options, line: false }, [Drawn::real(x)]);
        let line = |options: Pool<1>, x: &[usize]| {
            Sample::new(Self { options: options.into(), line: true }, [Drawn::real(x)])
        };
        vec![
            image(Pool::new(2), &[2, 2, 4, 5]),
            image(Pool::new(3).stride([2, 1]).padding(1), &[1, 2, 4, 3]),
            image(Pool::new(3).stride(2).padding([0, 1]).count_include_pad(false), &[1, 1, 5, 4]),
            image(Pool::new(2).ceil_mode(true).padding(1), &[1, 1, 4, 3]),
            image(Pool::new(3).stride(2).ceil_mode(true).count_include_pad(false), &[1, 2, 4, 6]),
            image(Pool::new(2).dilation([2, 1]).stride(1), &[1, 1, 4, 3]),
            image(Pool::new(1), &[1, 2, 1, 1]),
            image(Pool::new(2), &[0, 2, 2, 2]),
            line(Pool::new(2), &[2, 1, 5]),
            line(Pool::new(3).stride(1).padding(1), &[1, 2, 4]),
        ]
    }
}

impl Described for AdaptiveAvgPool {
    const DESCRIPTION: Description = Description {
        name: "adaptive_avg_pool2d",
        formula: "y[o] = mean of x from ⌊o · H / oh⌋ to ⌈(o + 1) · H / oh⌉, along rows and columns",
        derivative: "g/n, in each of the n elements of its window",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        let case = |outputs: [usize; 2], x: &[usize]| {
            Sample::new(Self { outputs: outputs.into() }, [Drawn::real(x)])
        };
        vec![
            case([1, 1], &[2, 2, 3, 4]),
            case([2, 3], &[1, 2, 5, 4]),
            case([4, 3], &[1, 1, 2, 3]),
            case([1, 1], &[1, 1, 1, 1]),
            case([2, 1], &[0, 2, 3, 3]),
        ]
    }
}

impl<T: Element> Tensor<'_, T> {
    /// The mean of each window that moves over the planes of images. Padding is 0; it counts in the divisor unless
    /// [`count_include_pad`](Pool::count_include_pad) says no. What a window of [`ceil_mode`](Pool::ceil_mode) holds
    /// behind the padding does not count.
    ///
    /// # Shapes
    /// `[N, C, H, W]` → `[N, C, oh, ow]`, with `oh = ⌊(H + 2 padding − dilation (kh − 1) − 1) / stride⌋ + 1`, and `ow`
    /// alike; rounded up with `ceil_mode`.
    ///
    /// # Derivative
    /// `g/n` in each element of a window whose divisor is `n`.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// use tape::Pool;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![[[[1.0, 2.0, 6.0], [4.0, 1.0, 7.0]]]]);
    /// let y = x.avg_pool2d(Pool::new(2).stride(1));
    /// assert_eq!(y.value(), array![[[[2.0, 4.0]]]].into_dyn());
    /// assert_eq!(y.sum().backward().wrt(x), array![[[[0.25, 0.5, 0.25], [0.25, 0.5, 0.25]]]].into_dyn());
    /// let cut = x.avg_pool2d(Pool::new(2).ceil_mode(true));
    /// assert_eq!(cut.value(), array![[[[2.0, 6.5]]]].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_avg_pool2d`](Self::try_avg_pool2d) fails.
    #[track_caller]
    #[must_use]
    pub fn avg_pool2d(self, options: Pool<2>) -> Self {
        or_panic(self.try_avg_pool2d(options))
    }

    /// The mean of each window of images.
    ///
    /// # Errors
    /// There are not four axes; a plane is empty, or a window larger than it with its padding; the padding is more than
    /// half a window; a kernel, a stride or a dilation is 0.
    #[track_caller]
    pub fn try_avg_pool2d(self, options: Pool<2>) -> Result<Self, Error> {
        self.record(AvgPool { options, line: false })
    }

    /// The mean of each window that moves over sequences: [`avg_pool2d`](Self::avg_pool2d) with one axis less.
    ///
    /// # Shapes
    /// `[N, C, L]` → `[N, C, l]`.
    ///
    /// # Derivative
    /// As [`avg_pool2d`](Self::avg_pool2d).
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// use tape::Pool;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![[[1.0, 2.0, 5.0, 4.0]]]);
    /// assert_eq!(x.avg_pool1d(Pool::new(2)).value(), array![[[1.5, 4.5]]].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_avg_pool1d`](Self::try_avg_pool1d) fails.
    #[track_caller]
    #[must_use]
    pub fn avg_pool1d(self, options: Pool<1>) -> Self {
        or_panic(self.try_avg_pool1d(options))
    }

    /// The mean of each window of sequences.
    ///
    /// # Errors
    /// As [`try_avg_pool2d`](Self::try_avg_pool2d), of three axes.
    #[track_caller]
    pub fn try_avg_pool1d(self, options: Pool<1>) -> Result<Self, Error> {
        self.record(AvgPool { options: options.into(), line: true })
    }

    /// Means of as many windows of images as are asked for, as evenly as they can be: along an axis of `H` numbers, window
    /// `o` of `oh` holds those from `⌊o · H / oh⌋` to `⌈(o + 1) · H / oh⌉`. `[1, 1]` is the mean of each plane.
    ///
    /// # Shapes
    /// `[N, C, H, W]` → `[N, C, oh, ow]`.
    ///
    /// # Derivative
    /// `g/n` in each element of a window of `n`.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![[[[1.0, 2.0, 6.0], [4.0, 1.0, 7.0]]]]);
    /// assert_eq!(x.adaptive_avg_pool2d([1, 2]).value(), array![[[[2.0, 4.0]]]].into_dyn());
    /// assert_eq!(x.adaptive_avg_pool2d(1).value(), array![[[[3.5]]]].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_adaptive_avg_pool2d`](Self::try_adaptive_avg_pool2d) fails.
    #[track_caller]
    #[must_use]
    pub fn adaptive_avg_pool2d(self, outputs: impl Into<PerAxis<2>>) -> Self {
        or_panic(self.try_adaptive_avg_pool2d(outputs))
    }

    /// Means of as many windows as are asked for.
    ///
    /// # Errors
    /// There are not four axes; a plane is empty, or no window is asked for.
    #[track_caller]
    pub fn try_adaptive_avg_pool2d(self, outputs: impl Into<PerAxis<2>>) -> Result<Self, Error> {
        self.record(AdaptiveAvgPool { outputs: outputs.into() })
    }
}
