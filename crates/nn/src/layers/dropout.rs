//! Dropout.

use tape::{Element, Tensor};

use super::Layer;
use crate::composite;
use crate::net::{Mode, Net};
use crate::or_panic;

/// In training, each number is 0 with the probability `p`, and else divided by `1 − p`, so that the mean stays; in
/// evaluation nothing happens. The random numbers are those of [`Training`](crate::Training).
///
/// # Shapes
/// Any, and the same.
///
/// # Derivative
/// `g/(1 − p)` in what was kept, 0 in what was not.
///
/// # Example
/// ```
/// use nn::{Layer, Params, Training, layers::Dropout};
/// let (params, tape) = (Params::<f32>::seeded(42), tape::Tape::new());
/// let x = tape.constant(([1000], vec![1.0; 1000]));
/// let training = Training::seeded(42);
/// let y = Dropout::new(0.25).forward(&params.on(&tape).training(&training), x);
/// let dropped = y.value().iter().filter(|&&y| y == 0.0).count();
/// assert!((200..300).contains(&dropped));
/// let y = Dropout::new(0.25).forward(&params.on(&tape).evaluation(), x);
/// assert_eq!(y.value(), x.value());
/// ```
///
/// # Panics
/// Nobody has said whether this is training: see [`Net::mode`].
///
/// Source: N. Srivastava et al., *Dropout: A Simple Way to Prevent Neural Networks from Overfitting*, JMLR 15 (2014).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dropout {
    p: f64,
    whole_channels: bool,
}

impl Dropout {
    /// With this probability for each number to be dropped.
    ///
    /// # Panics
    /// `p` is not at least 0 and below 1.
    #[track_caller]
    pub fn new(p: f64) -> Self {
        assert!((0.0..1.0).contains(&p), "dropout: a probability in [0, 1) is wanted, found {p}");
        Self { p, whole_channels: false }
    }

    /// With this probability for each channel of a sample `[N, C, …]` to be dropped as a whole, since neighbours in an
    /// image tell too much of one another: `PyTorch`'s `Dropout2d`.
    ///
    /// ```
    /// use nn::{Layer, Params, Training, layers::Dropout};
    /// let (params, tape) = (Params::<f32>::seeded(42), tape::Tape::new());
    /// let x = tape.constant(([1, 100, 2, 2], vec![1.0; 400]));
    /// let y = Dropout::of_channels(0.5).forward(&params.on(&tape).training(&Training::seeded(42)), x);
    /// assert!(y.value().as_slice().unwrap().chunks(4).all(|plane| plane == [0.0; 4] || plane == [2.0; 4]));
    /// ```
    ///
    /// # Panics
    /// `p` is not at least 0 and below 1.
    #[track_caller]
    pub fn of_channels(p: f64) -> Self {
        Self { whole_channels: true, ..Self::new(p) }
    }

    /// The probability to be dropped.
    pub fn p(self) -> f64 {
        self.p
    }
}

impl<T: Element> Layer<T> for Dropout {
    #[track_caller]
    fn forward<'t>(&self, net: &Net<'_, 't, T>, x: Tensor<'t, T>) -> Tensor<'t, T> {
        match net.mode("dropout") {
            Mode::Training(training) if self.p > 0.0 => {
                or_panic(composite::dropout(x, self.p, self.whole_channels, &mut training.generator()))
            }
            Mode::Training(_) | Mode::Evaluation => x,
        }
    }
}
