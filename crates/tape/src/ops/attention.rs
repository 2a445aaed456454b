//! Scaled dot-product attention.

use smallvec::SmallVec;

use crate::element::{Element, Matrix};
use crate::error::{Error, ErrorKind, or_panic};
use crate::handles::Tensor;
use crate::kernels::attention::{Back, MaskKind, MaskPart, Weights};
use crate::kernels::reduce;
use crate::listing::{Described, Description, Drawn, Sample};
use crate::operation::{Forward, TensorOp, View, Vjp};
use crate::shape::{self, Shape};

/// Which keys a query looks at, and how sharply.
#[derive(Clone, Copy, Debug)]
pub struct AttentionOptions<'t, T: Element> {
    /// Query `i` looks at keys `0..=i` only.
    pub causal: bool,
    /// What scores are multiplied by; `1/√E` where it is not given.
    pub scale: Option<f64>,
    /// Which keys count.
    pub mask: Option<AttentionMask<'t, T>>,
}

impl<T: Element> Default for AttentionOptions<'_, T> {
    fn default() -> Self {
        Self { causal: false, scale: None, mask: None }
    }
}

/// Which keys count for which queries. A mask is spread over `[…, L, S]` as in `NumPy`.
#[derive(Clone, Copy, Debug)]
pub enum AttentionMask<'t, T: Element> {
    /// A key counts where the mask is not 0. It is data: no gradient flows to it.
    Allowed(Tensor<'t, T>),
    /// The mask is added to the scores: −∞ takes a key out. Gradients flow to it.
    Added(Tensor<'t, T>),
}

/// Operands: queries, keys, values, and a mask where there is one.
#[derive(Clone, Debug)]
pub(super) struct Attention {
    causal: bool,
    scale: Option<f64>,
    mask: Option<MaskKind>,
}

/// The extents of all matrices, and how many of each there are.
#[derive(Clone, Copy)]
struct Extents {
    count: usize,
    queries: usize,
    keys: usize,
    features: usize,
    values: usize,
}

impl Extents {
    fn of<T>(inputs: &[View<'_, T>]) -> Self {
        let (batch, [queries, features]) = matrix(inputs[0].shape);
        let (_, [keys, _]) = matrix(inputs[1].shape);
        let (_, [_, values]) = matrix(inputs[2].shape);
        Self { count: batch.iter().product(), queries, keys, features, values }
    }

    /// Weights of a query for each key, in all matrices.
    fn weights(self) -> usize {
        self.count * self.queries * self.keys
    }
}

/// The last two axes, and those before. Shapes that have fewer are refused before they come here.
fn matrix(shape: &[usize]) -> (&[usize], [usize; 2]) {
    let &[ref batch @ .., rows, columns] = shape else { unreachable!("shapes were checked") };
    (batch, [rows, columns])
}

/// Part `k` of equal parts.
fn part<T>(data: &[T], k: usize, rows: usize, columns: usize) -> Matrix<'_, T> {
    let len = rows * columns;
    Matrix::new(&data[k * len..(k + 1) * len], rows, columns)
}

/// The shape of the scores.
fn scores(inputs: &[Shape; 2]) -> Shape {
    let mut shape = inputs[0].clone();
    let last = shape.len() - 1;
    shape[last] = inputs[1][inputs[1].len() - 2];
    shape
}

/// Where the part of a mask begins that lies over matrix `k`, and its strides.
fn mask_part(mask: &[usize], scores: &[usize], k: usize) -> (usize, (usize, usize)) {
    let lead = scores.len() - mask.len();
    let mut strides = Shape::from_elem(0, scores.len());
    let mut step = 1;
    for axis in (0..mask.len()).rev() {
        strides[lead + axis] = if mask[axis] == 1 { 0 } else { step };
        step *= mask[axis];
    }
    let (batch, [rows, columns]) = matrix(&strides);
    let index = shape::unravel(k, &scores[..batch.len()]);
    (index.iter().zip(batch).map(|(&k, &stride)| k * stride).sum(), (rows, columns))
}

/// 1 for the keys that a query may look at when it looks at none behind itself, else 0.
fn past<T: Element>(scores: Tensor<'_, T>) -> Tensor<'_, T> {
    let (_, [queries, keys]) = matrix(scores.shape());
    let numbers = (0..queries * keys).map(|k| if k % keys <= k / keys { T::one() } else { T::zero() });
    scores.tape().constant(([queries, keys], numbers.collect::<Vec<_>>())).named("past")
}

impl Attention {
    fn scale(&self, features: usize) -> f64 {
        self.scale.unwrap_or_else(|| (features as f64).sqrt().recip())
    }
}

impl<T: Element> TensorOp<T> for Attention {
    fn name(&self) -> &str {
        "scaled_dot_product_attention"
    }

    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        let fault = |text: String| Err(Error::new(ErrorKind::Shape, text));
        let [q, k, v] = [inputs[0].shape, inputs[1].shape, inputs[2].shape];
        if [q, k, v].iter().any(|shape| shape.len() < 2) {
            return fault("queries, keys and values are matrices, or batches of them".to_owned());
        }
        let ((batch, [_, features]), (of_k, [keys, of_keys]), (of_v, [values, width])) =
            (matrix(q), matrix(k), matrix(v));
        if batch != of_k || batch != of_v {
            return fault(format!("the batch axes {batch:?}, {of_k:?} and {of_v:?} differ"));
        }
        if features != of_keys {
            return fault(format!("queries of {features} features and keys of {of_keys}"));
        }
        if keys != values {
            return fault(format!("{keys} keys and {values} values"));
        }
        if features == 0 {
            return Err(Error::new(ErrorKind::Empty, "queries and keys have no features"));
        }
        if self.scale.is_some_and(|scale| !scale.is_finite()) {
            return Err(Error::new(ErrorKind::Value, "the scale is not finite"));
        }
        let wanted = scores(&[q.into(), k.into()]);
        if let Some(mask) = inputs.get(3)
            && !shape::broadcast(mask.shape, &wanted).is_ok_and(|shape| shape == wanted)
        {
            return fault(format!("a mask of shape {:?} does not spread over {wanted:?}", mask.shape));
        }
        let mut shape = Shape::from_slice(q);
        shape[q.len() - 1] = width;
        Ok(shape)
    }

    fn saved_len(&self, inputs: &[View<'_, T>]) -> usize {
        Extents::of(inputs).weights()
    }

    fn forward(&self, pass: Forward<'_, T>) {
        let inputs = pass.inputs;
        let Extents { count, queries, keys, features, values } = Extents::of(inputs);
        let (causal, scale, kind) = (self.causal, self.scale(features), self.mask);
        let shape = scores(&[inputs[0].shape.into(), inputs[1].shape.into()]);
        let (mask, mask_shape) = inputs.get(3).map_or((&[][..], &[][..]), |mask| (mask.data, mask.shape));
        let work = count * queries * keys * (features + values);
        let from = [inputs[0].data, inputs[1].data, inputs[2].data, mask];
        T::parts(count, work, from, [pass.saved, pass.output], |at, [q, k, v, mask], [weights, out]| {
            let (q, k) = (part(q, at, queries, features), part(k, at, keys, features));
            T::gemm(q, k.t(), weights, false);
            let mask = kind.map(|kind| {
                let (start, strides) = mask_part(mask_shape, &shape, at);
                MaskPart { kind, data: mask.get(start..).unwrap_or_default(), strides }
            });
            T::run(Weights { scores: weights, n: keys, scale, causal, mask });
            T::gemm(Matrix::new(weights, queries, keys), part(v, at, keys, values), out, false);
        });
    }

    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (inputs, g, p) = (pass.inputs(), pass.upstream(), pass.saved());
        let Extents { count, queries, keys, features, values } = Extents::of(inputs);
        let [q, k, v] = [inputs[0].data, inputs[1].data, inputs[2].data];
        let (size, scale) = (count * queries * keys, T::of(self.scale(features)));
        // Gradients of the scores, times a factor.
        let through = |room: &mut [T], factor: T| {
            let from = [p, g, v, std::slice::from_ref(&factor)];
            T::parts(count, size * values, from, [room], |at, [p, g, v, factor], [room]| {
                T::gemm(part(g, at, queries, values), part(v, at, keys, values).t(), room, false);
                let p = part(p, at, queries, keys).data;
                T::run(Back { p, n: keys, g: room, factor: factor[0] });
            });
        };
        if let Some(to) = pass.downstream(2) {
            let accumulate = to.accumulate;
            T::parts(count, size * values, [p, g], [to.gradient], |at, [p, g], [out]| {
                T::gemm(part(p, at, queries, keys).t(), part(g, at, queries, values), out, accumulate);
            });
        }
        let mut ready = false;
        if self.mask == Some(MaskKind::Added)
            && let Some(mut to) = pass.downstream(3)
        {
            let shape = scores(&[inputs[0].shape.into(), inputs[1].shape.into()]);
            let (mask, accumulate) = (inputs[3].shape, to.accumulate);
            let (gradient, room) = to.scratch(size + reduce::sum_to_scratch(&shape, mask));
            let (room, more) = room.split_at_mut(size);
            through(room, T::one());
            reduce::sum_to(room, &shape, mask, gradient, accumulate, more);
            room.iter_mut().for_each(|x| *x = *x * scale);
            ready = true;
        }
        for position in [0, 1] {
            let Some(mut to) = pass.downstream(position) else { continue };
            let accumulate = to.accumulate;
            let (gradient, room) = to.scratch(size);
            if !ready {
                through(room, scale);
                ready = true;
            }
            let other = if position == 0 { k } else { q };
            T::parts(count, size * features, [room, other], [gradient], |at, [scores, other], [out]| {
                let scores = part(scores, at, queries, keys);
                if position == 0 {
                    T::gemm(scores, part(other, at, keys, features), out, accumulate);
                } else {
                    T::gemm(scores.t(), part(other, at, queries, features), out, accumulate);
                }
            });
        }
    }

    /// Scores, and what they weigh.
    fn multiply_adds(&self, inputs: &[View<'_, T>], _: &[usize]) -> u64 {
        let extents = Extents::of(inputs);
        extents.weights() as u64 * (extents.features + extents.values) as u64
    }

    fn in_parts<'t>(&self, inputs: &[Tensor<'t, T>]) -> Option<Tensor<'t, T>> {
        let [q, k, v] = [inputs[0], inputs[1], inputs[2]];
        let (&[_, features], &[keys, _]) = (q.shape().last_chunk()?, k.shape().last_chunk()?);
        if keys == 0 {
            return None;
        }
        let scores = q.matmul_nt(k) * T::of(self.scale(features));
        let scores = match self.mask {
            Some(MaskKind::Added) => scores + inputs[3],
            Some(MaskKind::Allowed) => Tensor::select(inputs[3], scores, -T::infinity()),
            None => scores,
        };
        let scores = if self.causal { Tensor::select(past(scores), scores, -T::infinity()) } else { scores };
        Some(scores.softmax(-1).matmul(v))
    }
}

impl Described for Attention {
    const DESCRIPTION: Description = Description {
        name: "scaled_dot_product_attention",
        formula: "Y = P·V, P = softmax(s Q·Kᵀ + mask) along rows",
        derivative: "V: Pᵀ·G; with D = P ⊙ (G·Vᵀ − rows' Σ (G·Vᵀ) ⊙ P): Q: s D·K; K: s Dᵀ·Q; mask: D",
        kinks: "",
    };

    fn samples() -> Vec<Sample<Self>> {
        let case = |causal, scale, mask: Option<(MaskKind, Drawn)>, shapes: [&[usize]; 3]| {
            let operation = Self { causal, scale, mask: mask.as_ref().map(|(kind, _)| *kind) };
            let operands = shapes.map(Drawn::real).into_iter().chain(mask.map(|(_, mask)| mask));
            Sample::new(operation, operands)
        };
        let allowed =
            |shape: &[usize], numbers: &[f64]| Some((MaskKind::Allowed, Drawn::given(shape, numbers)));
        let added = |shape: &[usize]| Some((MaskKind::Added, Drawn::real(shape)));
        vec![
            case(false, None, None, [&[2, 2, 4, 3], &[2, 2, 4, 3], &[2, 2, 4, 3]]),
            case(false, Some(0.3), None, [&[3, 2], &[5, 2], &[5, 4]]),
            case(true, None, None, [&[2, 4, 3], &[2, 3, 3], &[2, 3, 2]]),
            case(true, Some(1.0), added(&[2, 1, 5]), [&[2, 3, 2], &[2, 5, 2], &[2, 5, 1]]),
            case(false, None, added(&[2, 3]), [&[2, 2, 2, 4], &[2, 2, 3, 4], &[2, 2, 3, 2]]),
            case(
                false,
                None,
                allowed(&[3, 2], &[1.0, 0.0, 0.0, 0.0, 1.0, 1.0]),
                [&[2, 3, 4], &[2, 2, 4], &[2, 2, 3]],
            ),
            case(false, None, allowed(&[2, 1, 1, 3], &[1.0, 1.0, 0.0, 0.0, 1.0, 1.0]), [&[2, 2, 3, 3]; 3]),
            case(false, None, None, [&[1, 1], &[1, 1], &[1, 1]]),
            case(true, None, None, [&[0, 2, 3], &[0, 4, 3], &[0, 4, 2]]),
            case(false, None, None, [&[2, 3], &[0, 3], &[0, 2]]),
        ]
    }
}

impl<'t, T: Element> Tensor<'t, T> {
    /// `softmax(scale · Q · Kᵀ + mask) · V`, row by row: each query's mean of the values, weighed by how well its key fits.
    /// This tensor has the queries. One node: the weights are kept for the way back.
    ///
    /// A query to which all keys are masked gives zeros, and so does one for which there are none.
    ///
    /// # Shapes
    /// `[…, L, E]`, `[…, S, E]`, `[…, S, V]` → `[…, L, V]`, with the same axes in front. A mask is spread over `[…, L, S]`.
    ///
    /// # Derivative
    /// With weights `P`, an upstream gradient `G` and `D = P ⊙ (G·Vᵀ − Σ G·Vᵀ ⊙ P)`, summed along rows: `scale · D · K` in
    /// the queries, `scale · Dᵀ · Q` in the keys, `Pᵀ · G` in the values, `D` in a mask that is added.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// use tape::{AttentionOptions, Tape};
    /// let tape = Tape::<f64>::new();
    /// let q = tape.tensor(array![[1.0, 0.0], [0.0, 1.0]]);
    /// let v = tape.tensor(array![[1.0], [5.0]]);
    /// let y = q.scaled_dot_product_attention(q, v, AttentionOptions { causal: true, ..Default::default() });
    /// assert_eq!(y.value()[[0, 0]], 1.0);
    /// let sharp = AttentionOptions { scale: Some(1e4), ..Default::default() };
    /// assert_eq!(q.scaled_dot_product_attention(q, v, sharp).value(), v.value());
    /// ```
    ///
    /// # Panics
    /// As [`try_scaled_dot_product_attention`](Self::try_scaled_dot_product_attention) fails.
    ///
    /// Source: Vaswani et al., *Attention Is All You Need* (2017), arXiv:1706.03762.
    #[track_caller]
    #[must_use]
    pub fn scaled_dot_product_attention(
        self,
        keys: Self,
        values: Self,
        options: AttentionOptions<'t, T>,
    ) -> Self {
        or_panic(self.try_scaled_dot_product_attention(keys, values, options))
    }

    /// Attention.
    ///
    /// # Errors
    /// An operand is no matrix; the axes in front, the features of queries and keys, or the numbers of keys and values
    /// differ; there are no features; the mask does not spread over the scores; the scale is not finite.
    #[track_caller]
    pub fn try_scaled_dot_product_attention(
        self,
        keys: Self,
        values: Self,
        options: AttentionOptions<'t, T>,
    ) -> Result<Self, Error> {
        let AttentionOptions { causal, scale, mask } = options;
        let (kind, mask) = match mask {
            Some(AttentionMask::Allowed(mask)) => (Some(MaskKind::Allowed), Some(mask)),
            Some(AttentionMask::Added(mask)) => (Some(MaskKind::Added), Some(mask)),
            None => (None, None),
        };
        let operands: SmallVec<[Self; 4]> = [self, keys, values].into_iter().chain(mask).collect();
        Self::of_tensors(Attention { causal, scale, mask: kind }, &operands)
    }
}
