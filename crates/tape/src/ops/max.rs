//! The largest and the smallest element, over axes.

use smallvec::smallvec;

use super::sum::{Axes, samples};
use crate::element::Element;
use crate::error::{Error, or_panic};
use crate::handles::{Scalar, Tensor};
use crate::kernels::{extrema, reduce};
use crate::listing::{Described, Description, Sample, Special};
use crate::operation::{Forward, TensorOp, View, Vjp};
use crate::shape::Shape;

/// The largest (or, if `LEAST`, the smallest) numbers.
fn forward<T: Element, const LEAST: bool>(axes: &Axes, pass: &mut Forward<'_, T>) {
    let x = pass.inputs[0];
    extrema::values::<T, LEAST>(x.data, x.shape, &axes.axes, pass.output);
}

/// The derivatives that the numbers carry are shared as [`to_all`] shares gradients: by those of the first of equal elements,
/// which stand in the output, and by how far the others are from them.
fn share<T: Element>(axes: &Axes, pass: &mut Forward<'_, T>) {
    if T::BARE {
        return;
    }
    let (x, kept) = (pass.inputs[0], axes.kept(pass.inputs[0].shape));
    let (n, m) = (x.data.len(), pass.output.len());
    let (y, room) = pass.scratch(2 * (n + m) + reduce::sum_axes_scratch(x.shape, &axes.axes));
    let ([equal, apart], room) = halves(room, n);
    let ([ties, all], room) = halves(room, m);
    reduce::broadcast(y, &kept, x.shape, apart, false);
    for ((equal, apart), &x) in equal.iter_mut().zip(&mut *apart).zip(x.data) {
        (*equal, *apart) = if x == *apart { (T::one(), x - *apart) } else { (T::zero(), T::zero()) };
    }
    reduce::sum_axes(equal, x.shape, &axes.axes, ties, room);
    reduce::sum_axes(apart, x.shape, &axes.axes, all, room);
    for ((y, &ties), &all) in y.iter_mut().zip(&*ties).zip(&*all) {
        // A NaN equals nothing.
        *y = if ties > T::zero() { *y + all / ties } else { *y };
    }
}

/// Twice so many numbers, and the rest.
fn halves<T>(room: &mut [T], len: usize) -> ([&mut [T]; 2], &mut [T]) {
    let (first, room) = room.split_at_mut(len);
    let (second, room) = room.split_at_mut(len);
    ([first, second], room)
}

/// The first of equal elements has all.
fn first<T: Element>(_: &Axes, _: &mut Forward<'_, T>) {}

/// All goes to the first of equal elements.
fn to_first<T: Element, const LEAST: bool>(axes: &Axes, pass: &mut Vjp<'_, T>) {
    let (x, upstream, scratch_len) = (pass.input(0), pass.upstream(), pass.output().data.len());
    let Some(mut to) = pass.downstream(0) else { return };
    if !to.accumulate {
        to.gradient.fill(T::zero());
    }
    let (gradient, again) = to.scratch(scratch_len);
    extrema::over_axes::<T, LEAST>(x.data, x.shape, &axes.axes, again, |output, first| {
        gradient[first] = gradient[first].plus(upstream[output]);
    });
}

/// Equal elements have equal shares.
fn to_all<T: Element, const LEAST: bool>(axes: &Axes, pass: &mut Vjp<'_, T>) {
    let (x, y, upstream) = (pass.input(0), pass.output().data, pass.upstream());
    let Some(mut to) = pass.downstream(0) else { return };
    let accumulate = to.accumulate;
    let (n, m) = (x.data.len(), y.len());
    let kept = axes.kept(x.shape);
    let (gradient, room) = to.scratch(2 * n + m + reduce::sum_axes_scratch(x.shape, &axes.axes));
    let ([equal, spread], room) = halves(room, n);
    let (ties, room) = room.split_at_mut(m);
    reduce::broadcast(y, &kept, x.shape, spread, false);
    for ((equal, &x), &y) in equal.iter_mut().zip(x.data).zip(&*spread) {
        *equal = if x == y { T::one() } else { T::zero() };
    }
    reduce::sum_axes(equal, x.shape, &axes.axes, ties, room);
    ties.iter_mut().zip(upstream).for_each(|(ties, &g)| *ties = g / *ties);
    reduce::broadcast(ties, &kept, x.shape, spread, false);
    for ((to, &equal), &share) in gradient.iter_mut().zip(&*equal).zip(&*spread) {
        let share = if equal > T::zero() { share } else { T::zero() };
        *to = if accumulate { to.plus(share) } else { share };
    }
}

/// One of the four: its name, whether it is the smallest, what goes back, and what is agreed at ties, which is shown by what
/// goes to the numbers 1, 3, 3 (of the smallest: −1, −3, −3).
macro_rules! extreme {
    ($Name:ident $name:literal, $least:literal, $ties:ident $vjp:ident, $formula:literal, $kinks:literal, $tie:expr) => {
        #[derive(Clone, Debug)]
        pub(super) struct $Name(Axes);

        impl<T: Element> TensorOp<T> for $Name {
            fn name(&self) -> &str {
                $name
            }

            fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
                self.0.reduced_nonempty(inputs[0].shape)
            }

            fn forward(&self, mut pass: Forward<'_, T>) {
                forward::<T, $least>(&self.0, &mut pass);
                $ties(&self.0, &mut pass);
            }

            fn vjp(&self, pass: &mut Vjp<'_, T>) {
                $vjp::<T, $least>(&self.0, pass);
            }
        }

        impl Described for $Name {
            const DESCRIPTION: Description = Description {
                name: $name,
                formula: $formula,
                derivative: "g where it is found, 0 elsewhere",
                kinks: $kinks,
            };

            fn samples() -> Vec<Sample<Self>> {
                samples(Self)
            }

            fn specials() -> Vec<Special<Self>> {
                let sign = if $least { -1.0 } else { 1.0 };
                vec![Special {
                    operation: Self(Axes { axes: smallvec![0], keepdims: true }),
                    operands: vec![(smallvec![3], vec![sign, 3.0 * sign, 3.0 * sign])],
                    output: vec![3.0 * sign],
                    gradients: vec![Some($tie.to_vec())],
                }]
            }
        }
    };
}

const FIRST: [f64; 3] = [0.0, 1.0, 0.0];
const SHARED: [f64; 3] = [0.0, 0.5, 0.5];

extreme!(Max "max", false, first to_first, "y = max x over the axes", "of equal elements the first has all", FIRST);
extreme!(Min "min", true, first to_first, "y = min x over the axes", "of equal elements the first has all", FIRST);
extreme!(Amax "amax", false, share to_all, "y = max x over the axes", "equal elements have equal shares", SHARED);
extreme!(Amin "amin", true, share to_all, "y = min x over the axes", "equal elements have equal shares", SHARED);

/// The methods of one of the four.
macro_rules! methods {
    ($Name:ident $name:literal, $all:ident $try_all:ident, $over:ident $try_over:ident,
        $(#[$all_doc:meta])*; $(#[$over_doc:meta])*) => {
        impl<'t, T: Element> Tensor<'t, T> {
            $(#[$all_doc])*
            ///
            /// # Panics
            /// The tensor is empty.
            #[track_caller]
            #[must_use]
            pub fn $all(self) -> Scalar<'t, T> {
                or_panic(self.$try_all())
            }

            #[doc = concat!("The twin of `", stringify!($all), "` that returns its error.")]
            ///
            /// # Errors
            /// The tensor is empty.
            #[track_caller]
            pub fn $try_all(self) -> Result<Scalar<'t, T>, Error> {
                self.record_scalar($Name(Axes::all(self.shape().len())))
            }

            $(#[$over_doc])*
            ///
            /// # Panics
            #[doc = concat!("As `", stringify!($try_over), "` fails.")]
            #[track_caller]
            #[must_use]
            pub fn $over(self, axes: &[isize], keepdims: bool) -> Self {
                or_panic(self.$try_over(axes, keepdims))
            }

            #[doc = concat!("The twin of `", stringify!($over), "` that returns its error.")]
            ///
            /// # Errors
            /// An axis lies outside the shape, is named twice, or is empty.
            #[track_caller]
            pub fn $try_over(self, axes: &[isize], keepdims: bool) -> Result<Self, Error> {
                self.record($Name(self.axes($name, axes, keepdims)?))
            }
        }
    };
}

methods! { Max "max", max_all try_max_all, max_axes try_max_axes,
    /// The largest of all elements. A NaN is larger than anything.
    ///
    /// # Derivative
    /// `1` in the largest element, 0 elsewhere.
    ///
    /// # At kinks
    /// Between equal elements, all goes to the first, in row-major order. See [`amax_all`](Self::amax_all).
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![1.0, 3.0, 3.0]);
    /// let largest = x.max_all();
    /// assert_eq!(largest.value(), 3.0);
    /// assert_eq!(largest.backward().wrt(x), array![0.0, 1.0, 0.0].into_dyn());
    /// ```
    ;
    /// The largest elements over some axes; at a tie the gradient goes to the first.
    ///
    /// # Shapes
    /// The shape without these axes, or with extent 1 there if `keepdims`.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![[1.0, 2.0], [4.0, 3.0]]);
    /// assert_eq!(x.max_axes(&[1], false).value(), array![2.0, 4.0].into_dyn());
    /// ```
}

methods! { Min "min", min_all try_min_all, min_axes try_min_axes,
    /// The smallest of all elements. A NaN is smaller than anything.
    ///
    /// # Derivative
    /// `1` in the smallest element, 0 elsewhere.
    ///
    /// # At kinks
    /// Between equal elements, all goes to the first, in row-major order. See [`amin_all`](Self::amin_all).
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![4.0, 2.0, 2.0]);
    /// let smallest = x.min_all();
    /// assert_eq!(smallest.value(), 2.0);
    /// assert_eq!(smallest.backward().wrt(x), array![0.0, 1.0, 0.0].into_dyn());
    /// ```
    ;
    /// The smallest elements over some axes; at a tie the gradient goes to the first.
    ///
    /// # Shapes
    /// The shape without these axes, or with extent 1 there if `keepdims`.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![[1.0, 2.0], [4.0, 3.0]]);
    /// assert_eq!(x.min_axes(&[1], false).value(), array![1.0, 3.0].into_dyn());
    /// ```
}

methods! { Amax "amax", amax_all try_amax_all, amax_axes try_amax_axes,
    /// The largest of all elements; the gradient is shared evenly between equal ones.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![1.0, 3.0, 3.0]);
    /// assert_eq!(x.amax_all().backward().wrt(x), array![0.0, 0.5, 0.5].into_dyn());
    /// ```
    ;
    /// The largest elements over some axes; the gradient is shared evenly between equal ones.
    ///
    /// # Shapes
    /// The shape without these axes, or with extent 1 there if `keepdims`.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![[1.0, 1.0], [4.0, 3.0]]);
    /// let grads = x.amax_axes(&[1], false).sum().backward();
    /// assert_eq!(grads.wrt(x), array![[0.5, 0.5], [1.0, 0.0]].into_dyn());
    /// ```
}

methods! { Amin "amin", amin_all try_amin_all, amin_axes try_amin_axes,
    /// The smallest of all elements; the gradient is shared evenly between equal ones.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![4.0, 3.0, 3.0]);
    /// assert_eq!(x.amin_all().backward().wrt(x), array![0.0, 0.5, 0.5].into_dyn());
    /// ```
    ;
    /// The smallest elements over some axes; the gradient is shared evenly between equal ones.
    ///
    /// # Shapes
    /// The shape without these axes, or with extent 1 there if `keepdims`.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// let tape = tape::Tape::<f64>::new();
    /// let x = tape.tensor(array![[1.0, 1.0], [4.0, 3.0]]);
    /// let grads = x.amin_axes(&[1], false).sum().backward();
    /// assert_eq!(grads.wrt(x), array![[0.5, 0.5], [0.0, 1.0]].into_dyn());
    /// ```
}
