//! Gradients made smaller.

use tape::Element;

use super::ParamGradients;

impl<T: Element> ParamGradients<T> {
    /// Multiplies all gradients by a number.
    ///
    /// Gradients of a batch that is too large for one pass are those of its parts, added up: with losses that are means
    /// over the rows and `k` parts of as many rows each, the sum times `1/k` is the gradient of the whole.
    ///
    /// ```
    /// use ndarray::{Axis, array};
    /// use nn::prelude::*;
    /// let mut params = Params::<f64>::seeded(42);
    /// let layer = Linear::new(&mut params, 2, 2);
    /// let (x, labels) = (array![[1.0, 2.0], [0.5, -1.0], [0.0, 3.0], [-1.0, 1.0]], [0, 1, 1, 0]);
    /// let mut tape = tape::Tape::new();
    /// let mut sum: Option<ParamGradients<f64>> = None;
    /// for (x, labels) in x.axis_chunks_iter(Axis(0), 2).zip(labels.chunks(2)) {
    ///     let net = params.on(&tape);
    ///     let grads = net.backward(layer.forward(&net, tape.constant(x)).softmax_cross_entropy(labels));
    ///     tape.reset();
    ///     match &mut sum {
    ///         Some(sum) => sum.add(grads),
    ///         None => sum = Some(grads),
    ///     }
    /// }
    /// let mut grads = sum.unwrap();
    /// grads.scale(1.0 / 2.0);
    ///
    /// let net = params.on(&tape);
    /// let whole = net.backward(layer.forward(&net, tape.constant(&x)).softmax_cross_entropy(&labels));
    /// assert!((&grads.wrt(layer.weight) - &whole.wrt(layer.weight)).iter().all(|d| d.abs() < 1e-15));
    /// ```
    pub fn scale(&mut self, factor: T) {
        self.for_each_mut(|_, gradient| gradient.iter_mut().for_each(|g| *g = *g * factor));
    }

    /// Limits the [norm](Self::norm) of all gradients together, and returns what it was. Where it was above `max`, all are
    /// multiplied by `max / (norm + 1e-6)`, so that their direction stays.
    ///
    /// If the norm is infinite or not a number, there is no direction to keep: nothing is changed, and the answer tells.
    ///
    /// ```
    /// use nn::Params;
    /// let mut params = Params::<f64>::seeded(42);
    /// let w = params.insert("w", ([2], vec![3.0, -4.0]));
    /// let tape = tape::Tape::new();
    /// let net = params.on(&tape);
    /// let mut grads = net.backward(net.param(w).square().sum());
    /// assert_eq!(grads.clip_norm(1.0), 10.0);
    /// assert!((grads.wrt(w)[0] - 0.6).abs() < 1e-6 && (grads.wrt(w)[1] + 0.8).abs() < 1e-6);
    /// ```
    ///
    /// # Panics
    /// `max` is negative or not a number.
    ///
    /// Source: R. Pascanu, T. Mikolov, Y. Bengio, *On the difficulty of training recurrent neural networks* (ICML 2013);
    /// `PyTorch`, `torch.nn.utils.clip_grad_norm_`, for the 1e-6.
    #[track_caller]
    pub fn clip_norm(&mut self, max: T) -> T {
        assert!(max >= T::zero(), "a norm is limited to a number from 0, not {max}");
        let norm = self.norm();
        self.clip_from(norm, max);
        norm
    }

    /// As [`clip_norm`](Self::clip_norm), of gradients whose norm is known.
    pub(crate) fn clip_from(&mut self, norm: T, max: T) {
        let factor = max / (norm + T::of(1e-6));
        if norm.is_finite() && factor < T::one() {
            self.scale(factor);
        }
    }

    /// Limits each number of the gradients to `−limit … limit`. What is not a number stays so.
    ///
    /// ```
    /// use nn::Params;
    /// let mut params = Params::<f64>::seeded(42);
    /// let w = params.insert("w", ([3], vec![3.0, -4.0, 0.25]));
    /// let tape = tape::Tape::new();
    /// let net = params.on(&tape);
    /// let mut grads = net.backward(net.param(w).square().sum());
    /// grads.clip_value(1.0);
    /// assert_eq!(grads.wrt(w).as_slice(), Some(&[1.0, -1.0, 0.5][..]));
    /// ```
    ///
    /// # Panics
    /// `limit` is negative or not a number.
    ///
    /// Source: `PyTorch`, `torch.nn.utils.clip_grad_value_`.
    #[track_caller]
    pub fn clip_value(&mut self, limit: T) {
        assert!(limit >= T::zero(), "a gradient is limited to a number from 0, not {limit}");
        let clip = |g: T| {
            if g > limit {
                limit
            } else if g < -limit {
                -limit
            } else {
                g
            }
        };
        self.for_each_mut(|_, gradient| gradient.iter_mut().for_each(|g| *g = clip(*g)));
    }
}
