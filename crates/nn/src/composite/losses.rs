//! The losses as methods of their predictions.

use tape::{Element, Error, Scalar, Tensor};

use super::{
    AbsoluteError, HuberLoss, NegativeLogLikelihood, SigmoidCrossEntropy, SoftmaxCrossEntropy, SquaredError,
    Target,
};
use crate::or_panic;

/// The losses in their usual form, the mean over the batch, as methods of a prediction. For weights, smoothing,
/// ignored labels and other reductions see [`SoftmaxCrossEntropy`], [`SigmoidCrossEntropy`],
/// [`NegativeLogLikelihood`], [`SquaredError`], [`AbsoluteError`] and [`HuberLoss`]; further losses are
/// [`SmoothL1Loss`](super::SmoothL1Loss), [`BinaryCrossEntropy`](super::BinaryCrossEntropy),
/// [`KlDivergence`](super::KlDivergence) and [`HingeLoss`](super::HingeLoss).
pub trait Losses<'t, T: Element>: Sized {
    /// The cross-entropy of the softmax of logits, against the index of each row's class: the mean over the rows, in
    /// nats.
    ///
    /// `ln Σⱼ e^(xⱼ) − x_label`, with the greatest logit taken out first, so that no finite logits overflow and a
    /// small loss keeps its digits.
    ///
    /// # Shapes
    /// `[N, C]` and `N` labels below `C` → a scalar. With `[C]` there is one label; other leading axes are all rows.
    ///
    /// # Derivative
    /// `(p − t)/N` with `p` the softmax of the row and `t` its label as a row of zeros and a one.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// use nn::Losses;
    /// let tape = tape::Tape::<f64>::new();
    /// let logits = tape.tensor(array![[0.0, 0.0], [1e4, -1e4]]);
    /// let loss = logits.softmax_cross_entropy(&[0, 0]);
    /// assert_eq!(loss.value(), 2f64.ln() / 2.0);
    /// assert_eq!(loss.backward().wrt(logits), array![[-0.25, 0.25], [0.0, 0.0]].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_softmax_cross_entropy`](Self::try_softmax_cross_entropy) fails.
    ///
    /// Source: C. Bishop, *Pattern Recognition and Machine Learning* (2006), equations 4.108 and 4.109.
    #[track_caller]
    fn softmax_cross_entropy(self, labels: &[usize]) -> Scalar<'t, T> {
        or_panic(self.try_softmax_cross_entropy(labels))
    }

    /// The cross-entropy of the softmax of logits, against class indices.
    ///
    /// ```
    /// use nn::Losses;
    /// let tape = tape::Tape::<f64>::new();
    /// let logits = tape.tensor(([2, 3], vec![0.0; 6]));
    /// let error = logits.try_softmax_cross_entropy(&[2, 3]).unwrap_err();
    /// let text = "softmax_cross_entropy: [2, 3]: the label 3 of row 1 is none of the 3 classes (at ";
    /// assert!(error.to_string().starts_with(text));
    /// ```
    ///
    /// # Errors
    /// There are no rows or no classes, there is not one label to each row, or a label is not below the number of
    /// classes.
    #[track_caller]
    fn try_softmax_cross_entropy(self, labels: &[usize]) -> Result<Scalar<'t, T>, Error>;

    /// The cross-entropy of the softmax of logits, against rows of probabilities: the mean over the rows, in nats.
    ///
    /// `Σⱼ tⱼ (ln Σₖ e^(xₖ) − xⱼ)`
    ///
    /// # Shapes
    /// `[N, C]` and `[N, C]` → a scalar.
    ///
    /// # Derivative
    /// `(p Σⱼtⱼ − t)/N` with `p` the softmax of the row.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// use nn::Losses;
    /// let tape = tape::Tape::<f64>::new();
    /// let logits = tape.tensor(array![[0.0, 0.0]]);
    /// let loss = logits.softmax_cross_entropy_probs(&array![[0.75, 0.25]]);
    /// assert_eq!(loss.value(), 2f64.ln());
    /// assert_eq!(loss.backward().wrt(logits), array![[-0.25, 0.25]].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_softmax_cross_entropy_probs`](Self::try_softmax_cross_entropy_probs) fails.
    #[track_caller]
    fn softmax_cross_entropy_probs(self, rows: impl Target<'t, T>) -> Scalar<'t, T> {
        or_panic(self.try_softmax_cross_entropy_probs(rows))
    }

    /// The cross-entropy of the softmax of logits, against rows of probabilities.
    ///
    /// # Errors
    /// There are no rows or no classes, the shapes differ, or a probability is negative or not finite. That a row
    /// sums to 1 is not asked for: a mixture that leaves something out is a target too.
    #[track_caller]
    fn try_softmax_cross_entropy_probs(self, rows: impl Target<'t, T>) -> Result<Scalar<'t, T>, Error>;

    /// The cross-entropy of the sigmoid of logits, for two classes: the mean over all elements, in nats.
    ///
    /// `max(x, 0) − x t + ln(1 + e^(−|x|))` with targets 0 or 1, or probabilities of class 1 between.
    ///
    /// # Shapes
    /// Logits and targets of one shape → a scalar; with logits `[N, 1]`, targets `[N]` are taken too.
    ///
    /// # Derivative
    /// `(σ(x) − t)/N`
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// use nn::Losses;
    /// let tape = tape::Tape::<f64>::new();
    /// let logits = tape.tensor(array![0.0, 1e4]);
    /// let loss = logits.sigmoid_cross_entropy(&[0.0, 1.0]);
    /// assert_eq!(loss.value(), 2f64.ln() / 2.0);
    /// assert_eq!(loss.backward().wrt(logits), array![0.25, 0.0].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_sigmoid_cross_entropy`](Self::try_sigmoid_cross_entropy) fails.
    #[track_caller]
    fn sigmoid_cross_entropy(self, targets: impl Target<'t, T>) -> Scalar<'t, T> {
        or_panic(self.try_sigmoid_cross_entropy(targets))
    }

    /// The cross-entropy of the sigmoid of logits.
    ///
    /// # Errors
    /// There are no elements, the shapes differ, or a target is outside `[0, 1]`.
    #[track_caller]
    fn try_sigmoid_cross_entropy(self, targets: impl Target<'t, T>) -> Result<Scalar<'t, T>, Error>;

    /// The mean of the squared differences, over all elements.
    ///
    /// # Shapes
    /// Prediction and targets of one shape → a scalar. Nothing is broadcast: `[N, 1]` against `[N]` is an error.
    ///
    /// # Derivative
    /// `2(x − t)/N` in the prediction, its negative in a target that is no constant.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// use nn::Losses;
    /// let tape = tape::Tape::<f64>::new();
    /// let y = tape.tensor(array![1.0, 4.0]);
    /// let loss = y.mse(&[0.0, 1.0]);
    /// assert_eq!(loss.value(), 5.0);
    /// assert_eq!(loss.backward().wrt(y), array![1.0, 3.0].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_mse`](Self::try_mse) fails.
    #[track_caller]
    fn mse(self, targets: impl Target<'t, T>) -> Scalar<'t, T> {
        or_panic(self.try_mse(targets))
    }

    /// The mean of the squared differences.
    ///
    /// # Errors
    /// There are no elements, or the shapes differ.
    #[track_caller]
    fn try_mse(self, targets: impl Target<'t, T>) -> Result<Scalar<'t, T>, Error>;

    /// The mean of the absolute differences, over all elements.
    ///
    /// # Shapes
    /// Prediction and targets of one shape → a scalar.
    ///
    /// # Derivative
    /// The sign of `x − t`, over `N`, in the prediction; its negative in a target that is no constant.
    ///
    /// # At kinks
    /// 0 where prediction and target are equal.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// use nn::Losses;
    /// let tape = tape::Tape::<f64>::new();
    /// let y = tape.tensor(array![1.0, 4.0]);
    /// let loss = y.mae(&[1.0, 1.0]);
    /// assert_eq!(loss.value(), 1.5);
    /// assert_eq!(loss.backward().wrt(y), array![0.0, 0.5].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_mae`](Self::try_mae) fails.
    #[track_caller]
    fn mae(self, targets: impl Target<'t, T>) -> Scalar<'t, T> {
        or_panic(self.try_mae(targets))
    }

    /// The mean of the absolute differences.
    ///
    /// # Errors
    /// There are no elements, or the shapes differ.
    #[track_caller]
    fn try_mae(self, targets: impl Target<'t, T>) -> Result<Scalar<'t, T>, Error>;

    /// The mean of the Huber losses: with `d = x − t`, `d²/2` where `|d| ≤ δ`, else `δ(|d| − δ/2)`.
    ///
    /// # Shapes
    /// Prediction and targets of one shape → a scalar.
    ///
    /// # Derivative
    /// `d` between `−δ` and `δ`, over `N`, in the prediction; its negative in a target that is no constant.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// use nn::Losses;
    /// let tape = tape::Tape::<f64>::new();
    /// let y = tape.tensor(array![1.0, 4.0]);
    /// let loss = y.huber(2.0, &[0.0, 0.0]);
    /// assert_eq!(loss.value(), 3.25);
    /// assert_eq!(loss.backward().wrt(y), array![0.5, 1.0].into_dyn());
    /// ```
    ///
    /// # Panics
    /// `delta` is not above 0, or as [`try_huber`](Self::try_huber) fails.
    #[track_caller]
    fn huber(self, delta: f64, targets: impl Target<'t, T>) -> Scalar<'t, T> {
        or_panic(self.try_huber(delta, targets))
    }

    /// The mean of the Huber losses.
    ///
    /// # Errors
    /// There are no elements, or the shapes differ.
    ///
    /// # Panics
    /// `delta` is not above 0.
    #[track_caller]
    fn try_huber(self, delta: f64, targets: impl Target<'t, T>) -> Result<Scalar<'t, T>, Error>;

    /// The negative log-likelihood of each row's class, from the logarithms of probabilities: the mean over the rows, in
    /// nats.
    ///
    /// # Shapes
    /// `[N, C]` and `N` labels below `C` → a scalar.
    ///
    /// # Derivative
    /// `−1/N` in the logarithm of the label, else 0.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// use nn::Losses;
    /// let tape = tape::Tape::<f64>::new();
    /// let logits = tape.tensor(array![[0.0, 0.0], [1e4, -1e4]]);
    /// assert_eq!(logits.log_softmax(1).nll(&[0, 0]).value(), logits.softmax_cross_entropy(&[0, 0]).value());
    /// ```
    ///
    /// # Panics
    /// As [`try_nll`](Self::try_nll) fails.
    #[track_caller]
    fn nll(self, labels: &[usize]) -> Scalar<'t, T> {
        or_panic(self.try_nll(labels))
    }

    /// The negative log-likelihood of each row's class.
    ///
    /// # Errors
    /// There are no rows or no classes, there is not one label to each row, or a label is not below the number of
    /// classes.
    #[track_caller]
    fn try_nll(self, labels: &[usize]) -> Result<Scalar<'t, T>, Error>;
}

impl<'t, T: Element> Losses<'t, T> for Tensor<'t, T> {
    #[track_caller]
    fn try_softmax_cross_entropy(self, labels: &[usize]) -> Result<Scalar<'t, T>, Error> {
        SoftmaxCrossEntropy::new().try_of(self, labels)?.try_to_scalar()
    }

    #[track_caller]
    fn try_softmax_cross_entropy_probs(self, rows: impl Target<'t, T>) -> Result<Scalar<'t, T>, Error> {
        SoftmaxCrossEntropy::new().try_of_probs(self, rows)?.try_to_scalar()
    }

    #[track_caller]
    fn try_sigmoid_cross_entropy(self, targets: impl Target<'t, T>) -> Result<Scalar<'t, T>, Error> {
        SigmoidCrossEntropy::new().try_of(self, targets)?.try_to_scalar()
    }

    #[track_caller]
    fn try_mse(self, targets: impl Target<'t, T>) -> Result<Scalar<'t, T>, Error> {
        SquaredError::new().try_of(self, targets)?.try_to_scalar()
    }

    #[track_caller]
    fn try_mae(self, targets: impl Target<'t, T>) -> Result<Scalar<'t, T>, Error> {
        AbsoluteError::new().try_of(self, targets)?.try_to_scalar()
    }

    #[track_caller]
    fn try_huber(self, delta: f64, targets: impl Target<'t, T>) -> Result<Scalar<'t, T>, Error> {
        HuberLoss::new(delta).try_of(self, targets)?.try_to_scalar()
    }

    #[track_caller]
    fn try_nll(self, labels: &[usize]) -> Result<Scalar<'t, T>, Error> {
        NegativeLogLikelihood::new().try_of(self, labels)?.try_to_scalar()
    }
}
