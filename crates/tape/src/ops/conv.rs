//! Convolutions of sequences and of images.

use smallvec::SmallVec;

use crate::element::Element;
use crate::error::{Error, ErrorKind, or_panic};
use crate::handles::Tensor;
use crate::kernels::conv::{Geometry, Job, Product, Start, scratch_len};
use crate::kernels::reduce;
use crate::kernels::windows::Axis;
use crate::listing::{Described, Description, Drawn, Sample};
use crate::operation::{Downstream, Forward, TensorOp, View, Vjp};
use crate::shape::Shape;

/// A number for each of `N` axes: `2` is 2 along all of them, `[2, 1]` is 2 along the first and 1 along the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PerAxis<const N: usize>(
    /// Half as wide as the numbers that it is made of, so that operations stay small enough to stand in their nodes. What
    /// does not fit becomes the largest number, which no operation takes.
    pub(super) [u32; N],
);

impl<const N: usize> PerAxis<N> {
    pub(super) fn get(self, axis: usize) -> usize {
        self.0[axis] as usize
    }
}

impl<const N: usize> From<usize> for PerAxis<N> {
    fn from(all: usize) -> Self {
        [all; N].into()
    }
}

impl<const N: usize> From<[usize; N]> for PerAxis<N> {
    fn from(each: [usize; N]) -> Self {
        Self(each.map(|number| u32::try_from(number).unwrap_or(u32::MAX)))
    }
}

impl<const N: usize> From<PerAxis<N>> for [usize; N] {
    fn from(each: PerAxis<N>) -> Self {
        each.0.map(|number| number as usize)
    }
}

/// How the windows of a convolution over `N` axes lie: see [`Tensor::conv1d`] and [`Tensor::conv2d`].
///
/// # Example
/// ```
/// use tape::Convolution;
/// let same = Convolution::new().stride(2).padding([1, 0]).groups(4);
/// assert_eq!(same, Convolution::<2>::new().groups(4).padding([1, 0]).stride([2, 2]));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convolution<const N: usize> {
    pub(super) stride: PerAxis<N>,
    pub(super) padding: PerAxis<N>,
    pub(super) dilation: PerAxis<N>,
    pub(super) groups: usize,
}

impl<const N: usize> Default for Convolution<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> Convolution<N> {
    /// Windows around every place, without padding, of all channels together.
    #[must_use]
    pub fn new() -> Self {
        Self { stride: 1.into(), padding: 0.into(), dilation: 1.into(), groups: 1 }
    }

    /// From one window to the next.
    #[must_use]
    pub fn stride(self, stride: impl Into<PerAxis<N>>) -> Self {
        Self { stride: stride.into(), ..self }
    }

    /// Zeros in front of each axis, and as many behind it.
    #[must_use]
    pub fn padding(self, padding: impl Into<PerAxis<N>>) -> Self {
        Self { padding: padding.into(), ..self }
    }

    /// From one place in a window to the next.
    #[must_use]
    pub fn dilation(self, dilation: impl Into<PerAxis<N>>) -> Self {
        Self { dilation: dilation.into(), ..self }
    }

    /// Groups of channels that know nothing of one another.
    #[must_use]
    pub fn groups(self, groups: usize) -> Self {
        Self { groups, ..self }
    }
}

impl From<Convolution<1>> for Convolution<2> {
    /// Over images of one line.
    fn from(line: Convolution<1>) -> Self {
        let ([stride], [padding], [dilation]) = (line.stride.0, line.padding.0, line.dilation.0);
        Self {
            stride: PerAxis([1, stride]),
            padding: PerAxis([0, padding]),
            dilation: PerAxis([1, dilation]),
            groups: line.groups,
        }
    }
}

/// Extents from which on a count of numbers is taken for a mistake.
pub(super) const LIMIT: usize = 1 << 31;

pub(super) fn fault<T>(text: String) -> Result<T, Error> {
    Err(Error::new(ErrorKind::Shape, text))
}

/// The numbers that say how windows lie are such that there are windows.
pub(super) fn check_numbers(
    kernel: usize,
    stride: usize,
    padding: usize,
    dilation: usize,
) -> Result<(), Error> {
    let value = |text| Err(Error::new(ErrorKind::Value, text));
    for (name, number) in
        [("kernel", kernel), ("stride", stride), ("dilation", dilation), ("padding", padding)]
    {
        match number {
            0 if name != "padding" => return value(format!("a {name} of 0")),
            LIMIT.. => return value(format!("a {name} of {LIMIT} or more")),
            _ => {}
        }
    }
    Ok(())
}

/// Windows along one axis, where there are any.
pub(super) fn windows(
    input: usize,
    kernel: usize,
    stride: usize,
    padding: usize,
    dilation: usize,
) -> Result<Axis, Error> {
    check_numbers(kernel, stride, padding, dilation)?;
    let axis = Axis { input, output: 0, kernel, stride, padding, dilation };
    let (extent, padded) = (axis.reach() + 1, input + 2 * padding);
    if extent > padded {
        return fault(format!(
            "a kernel that reaches over {extent} is larger than the padded input of {padded}"
        ));
    }
    Ok(Axis { output: (padded - extent) / stride + 1, ..axis })
}

/// Operands: `x`, `w` and, where there is one, the bias.
#[derive(Clone, Debug)]
pub(super) struct Convolve {
    options: Convolution<2>,
    /// Over `[N, C, L]`: images of one line.
    line: bool,
}

/// A shape with all of its axes, where images of one line are written without that axis.
pub(super) fn with_line(shape: &[usize], line: bool) -> Result<[usize; 4], Error> {
    match (shape, line) {
        (&[n, c, l], true) => Ok([n, c, 1, l]),
        (&[n, c, h, w], false) => Ok([n, c, h, w]),
        _ => {
            let (rank, axes) = if line { (3, "[N, C, L]") } else { (4, "[N, C, H, W]") };
            fault(format!("{rank} axes {axes} expected, found {}", shape.len()))
        }
    }
}

/// The bias has a number for each channel.
pub(super) fn check_bias<T: Element>(bias: Option<&View<'_, T>>, channels: usize) -> Result<(), Error> {
    match bias {
        Some(bias) if bias.shape != [channels] => {
            fault(format!("a bias of shape [{channels}] expected, found {:?}", bias.shape))
        }
        _ => Ok(()),
    }
}

impl Convolve {
    fn geometry(&self, x: &[usize], w: &[usize]) -> Result<Geometry, Error> {
        let Convolution { stride, padding, dilation, groups } = self.options;
        let [batch, channels, height, width] = with_line(x, self.line)?;
        let [filters, inputs, kernel_height, kernel_width] = with_line(w, self.line)?;
        if groups == 0 {
            return Err(Error::new(ErrorKind::Value, "0 groups"));
        }
        if channels != inputs * groups {
            return fault(format!(
                "a weight for {inputs} channels in each of {groups} groups, and an input of {channels}"
            ));
        }
        if filters % groups != 0 {
            return fault(format!("{filters} output channels cannot be shared by {groups} groups"));
        }
        let axis =
            |k: usize, input, kernel| windows(input, kernel, stride.get(k), padding.get(k), dilation.get(k));
        let axes = [axis(0, height, kernel_height)?, axis(1, width, kernel_width)?];
        Ok(Geometry { batch, groups, inputs, outputs: filters / groups, axes })
    }

    fn of<T>(&self, inputs: &[View<'_, T>]) -> Geometry {
        self.geometry(inputs[0].shape, inputs[1].shape).expect("the shapes were checked")
    }
}

/// Adds one of the products to a gradient, or writes it.
pub(super) fn contribute<T: Element>(
    mut to: Downstream<'_, T>,
    geometry: &Geometry,
    product: Product<'_, T>,
) {
    let start = Start::to(to.accumulate);
    let of_weight = matches!(product, Product::Weight { .. });
    let (out, scratch) = to.scratch(scratch_len::<T>(geometry, of_weight));
    T::convolve(Job { geometry, product, start, out, scratch });
}

/// Adds the sums of each channel to the gradient of a bias, or writes them.
pub(super) fn contribute_bias<T: Element>(mut to: Downstream<'_, T>, upstream: &[T], batch: usize) {
    let (accumulate, channels) = (to.accumulate, to.gradient.len());
    let plane = upstream.len().checked_div(batch * channels).unwrap_or(0);
    let (from, kept) = ([batch, channels, plane], [1, channels, 1]);
    let (out, scratch) = to.scratch(reduce::sum_to_scratch(&from, &kept));
    reduce::sum_to(upstream, &from, &kept, out, accumulate, scratch);
}

impl<T: Element> TensorOp<T> for Convolve {
    fn name(&self) -> &str {
        if self.line { "conv1d" } else { "conv2d" }
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        let geometry = self.geometry(inputs[0].shape, inputs[1].shape)?;
        let channels = geometry.groups * geometry.outputs;
        check_bias(inputs.get(2), channels)?;
        let mut shape = Shape::from_slice(&[geometry.batch, channels]);
        shape.extend(geometry.axes.iter().skip(usize::from(self.line)).map(|axis| axis.output));
        Ok(shape)
    }

    fn forward(&self, mut pass: Forward<'_, T>) {
        let geometry = &self.of(pass.inputs);
        let [x, w] = [pass.inputs[0].data, pass.inputs[1].data];
        let start = pass.inputs.get(2).map_or(Start::Nothing, |bias| Start::Channels(bias.data));
        let (out, scratch) = pass.scratch(scratch_len::<T>(geometry, false));
        T::convolve(Job { geometry, product: Product::Output { x, w }, start, out, scratch });
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let geometry = &self.of(pass.inputs());
        let [x, w] = [0, 1].map(|k| pass.input(k).data);
        let y = pass.upstream();
        if let Some(to) = pass.downstream(0) {
            contribute(to, geometry, Product::Input { y, w });
        }
        if let Some(to) = pass.downstream(1) {
            contribute(to, geometry, Product::Weight { x, y });
        }
        let biased = pass.inputs().len() == 3;
        if biased && let Some(to) = pass.downstream(2) {
            contribute_bias(to, y, geometry.batch);
        }
    }

    fn multiply_adds(&self, inputs: &[View<'_, T>], _: &[usize]) -> u64 {
        self.of(inputs).work() as u64
    }
}

impl Described for Convolve {
    const DESCRIPTION: Description = Description {
        name: "conv2d",
        formula: "y[n, o, p] = b[o] + Σ w[o, c, k] x[n, c, p · stride + k · dilation − padding] over c and k",
        derivative: "Σ w g over the windows that hold an element, in x; Σ x g over all windows, in w; Σ g, in b",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        let plane = Convolution::<2>::new();
        let image = |options, x: &[usize], w: &[usize], biased: bool| {
            let mut operands = vec![Drawn::real(x), Drawn::real(w)];
            operands.extend(biased.then(|| Drawn::real(&w[..1])));
            Sample::new(Self { options, line: false }, operands)
        };
        let line = |options: Convolution<1>, x: &[usize], w: &[usize]| {
            let operands = [Drawn::real(x), Drawn::real(w), Drawn::real(&w[..1])];
            Sample::new(Self { options: options.into(), line: true }, operands)
        };
        vec![
            image(plane, &[2, 2, 4, 5], &[3, 2, 3, 2], true),
            image(plane.padding(1), &[1, 2, 3, 3], &[2, 2, 3, 3], false),
            image(plane.stride([2, 3]).padding([2, 1]), &[2, 1, 5, 4], &[2, 1, 3, 2], true),
            image(plane.dilation([2, 1]).padding([2, 0]), &[1, 1, 4, 3], &[1, 1, 3, 2], false),
            image(plane.groups(2).padding([0, 1]).stride(2), &[2, 4, 3, 3], &[6, 2, 2, 3], true),
            image(plane.groups(3), &[1, 3, 2, 2], &[3, 1, 1, 1], false),
            image(plane, &[2, 1, 1, 1], &[2, 1, 1, 1], true),
            image(plane, &[0, 2, 3, 3], &[2, 2, 2, 2], true),
            image(plane, &[2, 0, 3, 3], &[2, 0, 2, 2], true),
            line(Convolution::new(), &[2, 2, 5], &[3, 2, 3]),
            line(Convolution::new().stride(2).padding(2).dilation(2).groups(2), &[1, 2, 6], &[2, 1, 3]),
        ]
    }
}

impl<T: Element> Tensor<'_, T> {
    /// The convolution of images with a weight, plus a bias for each output channel, as one node:
    /// `y[n, o, p] = b[o] + Σ w[o, c, k] · x[n, c, p · stride + k · dilation − padding]`, summed over the channels `c` of
    /// the group of `o` and the places `k` of the window (a cross-correlation, as in all libraries of neural networks).
    ///
    /// # Shapes
    /// `x [N, C, H, W]`, `w [O, C / groups, kh, kw]` and `b [O]` → `[N, O, oh, ow]`, with
    /// `oh = ⌊(H + 2 padding − dilation (kh − 1) − 1) / stride⌋ + 1`, and `ow` alike.
    ///
    /// # Derivative
    /// In `x`, the sum of `w · g` over all windows that hold the element; in `w`, the sum of `x · g` over all windows; in
    /// `b`, the sum of `g` over images and places.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// use tape::Convolution;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]]);
    /// let w = tape.tensor(array![[[[1.0, -1.0]]]]);
    /// let y = x.conv2d(w, None, Convolution::new());
    /// assert_eq!(y.value(), array![[[[-1.0, -1.0], [-1.0, -1.0]]]].into_dyn());
    /// let y = x.conv2d(w, Some(tape.tensor(array![0.5])), Convolution::new().padding([0, 1]).stride([1, 3]));
    /// assert_eq!(y.value(), array![[[[-0.5, 3.5], [-3.5, 6.5]]]].into_dyn());
    /// assert_eq!(y.sum().backward().wrt(w), array![[[[9.0, 5.0]]]].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_conv2d`](Self::try_conv2d) fails.
    #[track_caller]
    #[must_use]
    pub fn conv2d(self, weight: Self, bias: Option<Self>, options: Convolution<2>) -> Self {
        or_panic(self.try_conv2d(weight, bias, options))
    }

    /// The convolution of images.
    ///
    /// # Errors
    /// The shapes are not those of [`conv2d`](Self::conv2d); the channels of input or output are not shared evenly by the
    /// groups; the kernel has no place, or is larger than the padded input; a stride, a dilation or the number of groups
    /// is 0.
    #[track_caller]
    pub fn try_conv2d(
        self,
        weight: Self,
        bias: Option<Self>,
        options: Convolution<2>,
    ) -> Result<Self, Error> {
        Self::of_tensors(Convolve { options, line: false }, &operands(self, weight, bias))
    }

    /// The convolution of sequences with a weight, plus a bias for each output channel: [`conv2d`](Self::conv2d) with one
    /// axis less.
    ///
    /// # Shapes
    /// `x [N, C, L]`, `w [O, C / groups, k]` and `b [O]` → `[N, O, l]`, with
    /// `l = ⌊(L + 2 padding − dilation (k − 1) − 1) / stride⌋ + 1`.
    ///
    /// # Derivative
    /// As [`conv2d`](Self::conv2d).
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// use tape::Convolution;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.constant(array![[[1.0, 4.0, 9.0, 16.0]]]);
    /// let w = tape.tensor(array![[[-1.0, 1.0]]]);
    /// let y = x.conv1d(w, None, Convolution::new());
    /// assert_eq!(y.value(), array![[[3.0, 5.0, 7.0]]].into_dyn());
    /// assert_eq!(y.sum().backward().wrt(w), array![[[14.0, 29.0]]].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_conv1d`](Self::try_conv1d) fails.
    #[track_caller]
    #[must_use]
    pub fn conv1d(self, weight: Self, bias: Option<Self>, options: Convolution<1>) -> Self {
        or_panic(self.try_conv1d(weight, bias, options))
    }

    /// The convolution of sequences.
    ///
    /// # Errors
    /// As [`try_conv2d`](Self::try_conv2d).
    #[track_caller]
    pub fn try_conv1d(
        self,
        weight: Self,
        bias: Option<Self>,
        options: Convolution<1>,
    ) -> Result<Self, Error> {
        let operation = Convolve { options: options.into(), line: true };
        Self::of_tensors(operation, &operands(self, weight, bias))
    }
}

pub(super) fn operands<'t, T: Element>(
    x: Tensor<'t, T>,
    weight: Tensor<'t, T>,
    bias: Option<Tensor<'t, T>>,
) -> SmallVec<[Tensor<'t, T>; 3]> {
    [x, weight].into_iter().chain(bias).collect()
}
