//! Attention of several heads.

use std::panic::Location;

use tape::{AttentionMask, AttentionOptions, Element, Error, ErrorKind, Span, Tensor};

use super::{Dropout, Layer, Linear, vacant};
use crate::composite::Affine;
use crate::init::Init;
use crate::layout::ParamId;
use crate::net::{Mode, Net};
use crate::or_panic;
use crate::params::Params;

/// Attention of several heads: each has queries, keys and values of its own, a part of the features, and an affine map
/// puts together what they find. As a [`Layer`] it is self-attention; [`attend`](Self::attend) takes keys and values from
/// elsewhere, and a mask.
///
/// # Shapes
/// `[N, steps, features]`, and the same. `in_proj_weight` is `[features, 3 · features]`, for queries, keys and values one
/// after another, and `out_proj.weight` `[features, features]`: transposed, compared with `PyTorch`.
///
/// # Example
/// ```
/// use nn::{Layer, Params, layers::MultiHeadAttention};
/// let mut params = Params::<f32>::seeded(42);
/// let layer = MultiHeadAttention::new(&mut params, 16, 4).causal();
/// let tape = tape::Tape::new();
/// let x = tape.constant(([2, 5, 16], vec![0.5; 160]));
/// assert_eq!(layer.forward(&params.on(&tape), x).shape(), [2, 5, 16]);
/// ```
///
/// Source: A. Vaswani et al., *Attention Is All You Need* (2017), arXiv:1706.03762.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MultiHeadAttention {
    /// `[features, 3 · features]`
    pub in_proj_weight: ParamId,
    /// `[3 · features]`
    pub in_proj_bias: ParamId,
    /// What puts the heads together.
    pub out_proj: Linear,
    /// How many heads share the features.
    pub heads: usize,
    causal: bool,
    dropout: f64,
}

impl MultiHeadAttention {
    /// For so many features, shared by so many heads. Weights begin with [`Init::GlorotUniform`], biases with zeros. The
    /// parameters are named `multi_head_attention.0.in_proj_weight`, `….in_proj_bias`, `….out_proj.weight` and
    /// `….out_proj.bias` with the first number that is free.
    ///
    /// # Panics
    /// As [`named`](Self::named) fails.
    #[track_caller]
    pub fn new<T: Element>(params: &mut Params<T>, features: usize, heads: usize) -> Self {
        let name = vacant(params, NAME);
        or_panic(Self::named(params, &name, features, heads))
    }

    /// With parameters named `name.in_proj_weight` and so on.
    ///
    /// # Errors
    /// The heads do not share the features evenly; a name is taken; or as of [`Init::fill`]. No parameter is added then.
    #[track_caller]
    pub fn named<T: Element>(
        params: &mut Params<T>,
        name: &str,
        features: usize,
        heads: usize,
    ) -> Result<Self, Error> {
        if features == 0 || heads == 0 || !features.is_multiple_of(heads) {
            let text = format!("{name:?}: {features} features cannot be shared evenly by {heads} heads");
            return Err(Error::new(ErrorKind::Value, text).operation(NAME).at(Location::caller()));
        }
        let before = params.len();
        let layer = Self::parts(params, name, features, heads);
        params.undo_if_failed(before, layer)
    }

    #[track_caller]
    fn parts<T: Element>(
        params: &mut Params<T>,
        name: &str,
        features: usize,
        heads: usize,
    ) -> Result<Self, Error> {
        let shape = [features, 3 * features];
        let in_proj_weight = params.try_add(format!("{name}.in_proj_weight"), &shape, Init::GlorotUniform)?;
        params.mark_transposed(in_proj_weight);
        let in_proj_bias = params.try_add(format!("{name}.in_proj_bias"), &shape[1..], Init::Zeros)?;
        let out_proj = format!("{name}.out_proj");
        let out_proj = Linear::named(params, &out_proj, features, features, Init::GlorotUniform)?;
        Ok(Self { in_proj_weight, in_proj_bias, out_proj, heads, causal: false, dropout: 0.0 })
    }

    /// The same in which step `i` looks at steps `0..=i` only.
    #[must_use]
    pub fn causal(self) -> Self {
        Self { causal: true, ..self }
    }

    /// The same with [`Dropout`] of the weights of attention, in training.
    ///
    /// # Panics
    /// `p` is not at least 0 and below 1.
    #[track_caller]
    #[must_use]
    pub fn dropout(self, p: f64) -> Self {
        Self { dropout: Dropout::new(p).p(), ..self }
    }

    /// What queries find among keys and values from elsewhere: `[N, L, features]`, and `[N, S, features]` of both. The
    /// mask is spread over `[N, heads, L, S]`.
    ///
    /// # Example
    /// ```
    /// use nn::{Params, layers::MultiHeadAttention};
    /// let mut params = Params::<f32>::seeded(42);
    /// let layer = MultiHeadAttention::new(&mut params, 8, 2);
    /// let tape = tape::Tape::new();
    /// let (decoder, encoder) =
    ///     (tape.constant(([1, 3, 8], vec![0.1; 24])), tape.constant(([1, 5, 8], vec![0.2; 40])));
    /// let y = layer.attend(&params.on(&tape), decoder, encoder, encoder, None);
    /// assert_eq!(y.shape(), [1, 3, 8]);
    /// ```
    ///
    /// # Panics
    /// The shapes do not fit; with dropout, nobody has said whether this is training.
    #[track_caller]
    #[must_use]
    pub fn attend<'t, T: Element>(
        &self,
        net: &Net<'_, 't, T>,
        queries: Tensor<'t, T>,
        keys: Tensor<'t, T>,
        values: Tensor<'t, T>,
        mask: Option<AttentionMask<'t, T>>,
    ) -> Tensor<'t, T> {
        let (weight, bias) = (net.param(self.in_proj_weight), net.param(self.in_proj_bias));
        let features = weight.shape()[0];
        let mut part = 0;
        let heads = [queries, keys, values].map(|x| {
            check(x, features);
            let span = Span::from(part * features..(part + 1) * features);
            part += 1;
            let projected = x.affine(weight.slice(&[Span::from(..), span]), bias.slice(&[span]));
            let [samples, steps] = [x.shape()[0], x.shape()[1]].map(usize::cast_signed);
            projected.reshape(&[samples, steps, self.heads.cast_signed(), -1]).permute(&[0, 2, 1, 3])
        });
        self.join(net, heads, mask)
    }

    /// What the heads find, put together. Each of the three is `[N, heads, steps, features / heads]`.
    #[track_caller]
    fn join<'t, T: Element>(
        &self,
        net: &Net<'_, 't, T>,
        [q, k, v]: [Tensor<'t, T>; 3],
        mask: Option<AttentionMask<'t, T>>,
    ) -> Tensor<'t, T> {
        let dropped = self.dropout > 0.0 && matches!(net.mode(NAME), Mode::Training(_));
        let found = if dropped {
            self.with_dropout(net, [q, k, v], mask)
        } else {
            q.scaled_dot_product_attention(k, v, AttentionOptions { causal: self.causal, scale: None, mask })
        };
        let [samples, _, steps, _] = *found.shape() else { unreachable!("heads have four axes") };
        let rows = [samples.cast_signed(), steps.cast_signed(), -1];
        self.out_proj.forward(net, found.permute(&[0, 2, 1, 3]).reshape(&rows))
    }

    /// Attention in its parts, since the weights are to be dropped in the midst of it.
    #[track_caller]
    fn with_dropout<'t, T: Element>(
        &self,
        net: &Net<'_, 't, T>,
        [q, k, v]: [Tensor<'t, T>; 3],
        mask: Option<AttentionMask<'t, T>>,
    ) -> Tensor<'t, T> {
        let (queries, keys) = (q.shape()[2], k.shape()[2]);
        let scale = 1.0 / (q.shape()[3] as f64).sqrt();
        let mut scores = q.matmul_nt(k) * T::of(scale);
        // −∞ would make NaNs of a query that may not look at any key. Its weights become 0 below.
        let least = T::of(-1e30);
        let mut allowed: Vec<Tensor<'t, T>> = Vec::new();
        match mask {
            Some(AttentionMask::Allowed(mask)) => allowed.push(mask),
            Some(AttentionMask::Added(mask)) => scores = scores + mask,
            None => {}
        }
        if self.causal {
            let seen = |at: usize| if at % keys <= at / keys { T::one() } else { T::zero() };
            let shape = tape::Shape::from_slice(&[queries, keys]);
            allowed.push(net.tape().constant(tape::TensorData::Written(shape, &seen)));
        }
        let masked = allowed.iter().fold(scores, |scores, &mask| Tensor::select(mask, scores, least));
        let weights = masked.softmax(-1);
        let weights = allowed.iter().fold(weights, |weights, &mask| Tensor::select(mask, weights, T::zero()));
        Dropout::new(self.dropout).forward(net, weights).matmul(v)
    }
}

const NAME: &str = "multi_head_attention";

#[track_caller]
fn check<T: Element>(x: Tensor<'_, T>, features: usize) {
    assert!(
        matches!(x.shape(), &[_, _, found] if found == features),
        "{NAME}: {:?}: sequences [N, steps, {features}] are wanted",
        x.shape()
    );
}

impl<T: Element> Layer<T> for MultiHeadAttention {
    #[track_caller]
    fn forward<'t>(&self, net: &Net<'_, 't, T>, x: Tensor<'t, T>) -> Tensor<'t, T> {
        let (weight, bias) = (net.param(self.in_proj_weight), net.param(self.in_proj_bias));
        check(x, weight.shape()[0]);
        let [samples, steps] = [x.shape()[0], x.shape()[1]].map(usize::cast_signed);
        let all = x.affine(weight, bias).reshape(&[samples, steps, 3, self.heads.cast_signed(), -1]);
        let all = all.permute(&[2, 0, 3, 1, 4]);
        self.join(net, [0, 1, 2].map(|part| all.index_axis(0, part)), None)
    }
}
