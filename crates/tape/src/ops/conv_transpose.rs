//! Transposed convolutions.

use super::conv::{
    Convolution, PerAxis, check_bias, check_numbers, contribute, contribute_bias, fault, operands, with_line,
};
use crate::element::Element;
use crate::error::{Error, ErrorKind, or_panic};
use crate::handles::Tensor;
use crate::kernels::conv::{Geometry, Job, Product, Start, scratch_len};
use crate::kernels::windows::Axis;
use crate::listing::{Described, Description, Drawn, Sample};
use crate::operation::{Forward, TensorOp, View, Vjp};
use crate::shape::Shape;

/// Operands: `x`, `w` and, where there is one, the bias. It is the way back through a convolution whose output has the
/// shape of `x`: what follows calls them by their places in that one.
#[derive(Clone, Debug)]
pub(super) struct ConvolveTransposed {
    options: Convolution<2>,
    output_padding: PerAxis<2>,
}

impl ConvolveTransposed {
    /// The convolution of which this is the way back.
    fn geometry(&self, x: &[usize], w: &[usize]) -> Result<Geometry, Error> {
        let Convolution { stride, padding, dilation, groups } = self.options;
        let [batch, channels, height, width] = with_line(x, false)?;
        let [filters, inputs, kernel_height, kernel_width] = with_line(w, false)?;
        if groups == 0 {
            return Err(Error::new(ErrorKind::Value, "0 groups"));
        }
        if channels != filters {
            return fault(format!("a weight for {filters} channels, and an input of {channels}"));
        }
        if channels % groups != 0 {
            return fault(format!("{channels} input channels cannot be shared by {groups} groups"));
        }
        let axis = |k: usize, output: usize, kernel: usize| {
            let (stride, padding, dilation) = (stride.get(k), padding.get(k), dilation.get(k));
            check_numbers(kernel, stride, padding, dilation)?;
            let more = self.output_padding.get(k);
            if more >= stride.max(dilation) {
                let text = format!(
                    "an output padding of {more} for a stride of {stride} and a dilation of {dilation}: less than one of them expected"
                );
                return Err(Error::new(ErrorKind::Value, text));
            }
            if output == 0 {
                return Err(Error::new(ErrorKind::Empty, format!("axis {} is empty", k + 2)));
            }
            let padded = (output - 1)
                .checked_mul(stride)
                .and_then(|all| all.checked_add((kernel - 1) * dilation + more + 1));
            match padded.and_then(|padded| padded.checked_sub(2 * padding)) {
                Some(input @ 1..) => Ok(Axis { input, output, kernel, stride, padding, dilation }),
                _ => fault(format!("a padding of {padding} leaves nothing of the output")),
            }
        };
        let axes = [axis(0, height, kernel_height)?, axis(1, width, kernel_width)?];
        Ok(Geometry { batch, groups, inputs, outputs: filters / groups, axes })
    }

    fn of<T>(&self, inputs: &[View<'_, T>]) -> Geometry {
        self.geometry(inputs[0].shape, inputs[1].shape).expect("the shapes were checked")
    }
}

impl<T: Element> TensorOp<T> for ConvolveTransposed {
    fn name(&self) -> &str {
        "conv_transpose2d"
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        let geometry = self.geometry(inputs[0].shape, inputs[1].shape)?;
        let channels = geometry.groups * geometry.inputs;
        check_bias(inputs.get(2), channels)?;
        let [height, width] = geometry.axes.map(|axis| axis.input);
        Ok(Shape::from_slice(&[geometry.batch, channels, height, width]))
    }

    fn forward(&self, mut pass: Forward<'_, T>) {
        let geometry = &self.of(pass.inputs);
        let [y, w] = [pass.inputs[0].data, pass.inputs[1].data];
        let start = pass.inputs.get(2).map_or(Start::Nothing, |bias| Start::Channels(bias.data));
        let (out, scratch) = pass.scratch(scratch_len::<T>(geometry, false));
        T::convolve(Job { geometry, product: Product::Input { y, w }, start, out, scratch });
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let geometry = &self.of(pass.inputs());
        let [y, w] = [0, 1].map(|k| pass.input(k).data);
        let x = pass.upstream();
        if let Some(to) = pass.downstream(0) {
            contribute(to, geometry, Product::Output { x, w });
        }
        if let Some(to) = pass.downstream(1) {
            contribute(to, geometry, Product::Weight { x, y });
        }
        let biased = pass.inputs().len() == 3;
        if biased && let Some(to) = pass.downstream(2) {
            contribute_bias(to, x, geometry.batch);
        }
    }

    fn multiply_adds(&self, inputs: &[View<'_, T>], _: &[usize]) -> u64 {
        self.of(inputs).work() as u64
    }
}

impl Described for ConvolveTransposed {
    const DESCRIPTION: Description = Description {
        name: "conv_transpose2d",
        formula: "y[n, o, p] = b[o] + Σ w[c, o, k] x[n, c, q] over c, k and q with q · stride + k · dilation − padding = p",
        derivative: "conv2d of g with w, in x; Σ x g over all windows, in w; Σ g, in b",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        let case = |options: Convolution<2>, more: [usize; 2], x: &[usize], w: &[usize], biased: bool| {
            let mut operands = vec![Drawn::real(x), Drawn::real(w)];
            operands.extend(biased.then(|| Drawn::real(&[w[1] * options.groups])));
            Sample::new(Self { options, output_padding: more.into() }, operands)
        };
        let plain = Convolution::<2>::new();
        vec![
            case(plain, [0, 0], &[2, 2, 3, 2], &[2, 3, 2, 3], true),
            case(plain.stride(2).padding(1), [1, 1], &[1, 2, 3, 3], &[2, 1, 3, 3], false),
            case(plain.stride([3, 1]).padding([0, 1]), [2, 0], &[2, 1, 2, 3], &[1, 2, 2, 3], true),
            case(plain.dilation([2, 1]).padding([1, 0]), [1, 0], &[1, 1, 2, 3], &[1, 1, 2, 2], false),
            case(plain.groups(2).stride([1, 2]), [0, 0], &[2, 4, 2, 2], &[4, 3, 1, 2], true),
            case(plain, [0, 0], &[1, 1, 1, 1], &[1, 1, 1, 1], true),
            case(plain, [0, 0], &[0, 2, 2, 2], &[2, 1, 2, 2], true),
        ]
    }
}

impl<T: Element> Tensor<'_, T> {
    /// The transposed convolution of images with a weight, plus a bias for each output channel, as one node: every number
    /// of the input is multiplied by the weight and added to the output, where a convolution with the same options would
    /// read: `y[n, o, p] = b[o] + Σ w[c, o, k] · x[n, c, q]` over all `q · stride + k · dilation − padding = p`.
    ///
    /// The output padding is rows and columns more at the end of the output, of the shapes that the convolution would
    /// have made one of.
    ///
    /// # Shapes
    /// `x [N, C, H, W]`, `w [C, O / groups, kh, kw]` and `b [O]` → `[N, O, oh, ow]`, with
    /// `oh = (H − 1) stride − 2 padding + dilation (kh − 1) + output_padding + 1`, and `ow` alike.
    ///
    /// # Derivative
    /// In `x`, the convolution of `g` with `w`; in `w`, the sum of `x · g` over all windows; in `b`, the sum of `g` over
    /// images and places.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// use tape::Convolution;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![[[[1.0, 2.0]]]]);
    /// let w = tape.tensor(array![[[[1.0, 10.0, 100.0]]]]);
    /// let y = x.conv_transpose2d(w, None, Convolution::new(), 0);
    /// assert_eq!(y.value(), array![[[[1.0, 12.0, 120.0, 200.0]]]].into_dyn());
    /// let y = x.conv_transpose2d(w, None, Convolution::new().stride([1, 3]), [0, 1]);
    /// assert_eq!(y.value(), array![[[[1.0, 10.0, 100.0, 2.0, 20.0, 200.0, 0.0]]]].into_dyn());
    /// assert_eq!(y.sum().backward().wrt(x), array![[[[111.0, 111.0]]]].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_conv_transpose2d`](Self::try_conv_transpose2d) fails.
    #[track_caller]
    #[must_use]
    pub fn conv_transpose2d(
        self,
        weight: Self,
        bias: Option<Self>,
        options: Convolution<2>,
        output_padding: impl Into<PerAxis<2>>,
    ) -> Self {
        or_panic(self.try_conv_transpose2d(weight, bias, options, output_padding))
    }

    /// The transposed convolution of images.
    ///
    /// # Errors
    /// The shapes are not those of [`conv_transpose2d`](Self::conv_transpose2d); the channels of the input are not shared
    /// evenly by the groups; the kernel has no place, or the input no number along an axis; the padding leaves nothing; the output padding is not
    /// less than the stride or the dilation; a stride, a dilation or the number of groups is 0.
    #[track_caller]
    pub fn try_conv_transpose2d(
        self,
        weight: Self,
        bias: Option<Self>,
        options: Convolution<2>,
        output_padding: impl Into<PerAxis<2>>,
    ) -> Result<Self, Error> {
        let operation = ConvolveTransposed { options, output_padding: output_padding.into() };
        Self::of_tensors(operation, &operands(self, weight, bias))
    }
}
