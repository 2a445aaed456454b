//! The loops that are compiled against a rule.
//!
//! Code size is the design here: there are some sixty rules, and each is compiled for each element type and for the
//! instruction sets of [`dispatch`](super::dispatch). So there are two loops, one for the value and one for what
//! flows to an operand, and they are reached through a function pointer. [`Element`] hands that out, so that those of
//! `f32` and `f64` are compiled with this crate and not again with every crate that uses it. Nothing in them is a closure: a closure
//! that is not inlined would be compiled without the instructions that its caller names.

use std::marker::PhantomData;
use std::ops::Range;

use crate::element::Element;
use crate::kernels::dispatch::{Loop, Stored};
use crate::kernels::runs::CHUNK;
use crate::rules::{Law, Rule, Visitor};

/// `run(a, b, out)`
pub(crate) type ValueRun<T> = fn(&[T], &[T], &mut [T]);
/// `run(a, b, y, upstream, out)`
pub(crate) type VjpRun<T> = fn(&[T], &[T], &[T], &[T], &mut [T]);

fn value_run<L: Law, T: Element>(a: &[T], b: &[T], out: &mut [T]) {
    T::run(All(Values::<L, T> { a, b, out, law: PhantomData }));
}

fn vjp_run<L: Law, T: Element, const SECOND: bool>(a: &[T], b: &[T], y: &[T], upstream: &[T], out: &mut [T]) {
    T::run(All(Products::<L, T, SECOND> { a, b, y, upstream, out, law: PhantomData }));
}

/// `out = L(a, b)`
struct Values<'a, L, T> {
    a: &'a [T],
    b: &'a [T],
    out: &'a mut [T],
    law: PhantomData<L>,
}

impl<L: Law, T: Element> Each<T> for Values<'_, L, T> {
    type Law = L;

    #[inline(always)]
    fn operands(&self) -> (&[T], &[T]) {
        (self.a, self.b)
    }

    #[inline(always)]
    fn many<N: Stored<T>>(&mut self, range: Range<usize>) {
        let (a, b) = (N::numbers(&self.a[range.clone()]), N::numbers(&self.b[range.clone()]));
        for ((out, &a), &b) in N::numbers_mut(&mut self.out[range]).iter_mut().zip(a).zip(b) {
            *out = L::value(a, b);
        }
    }
}

/// `out = ∂L · upstream`
struct Products<'a, L, T, const SECOND: bool> {
    a: &'a [T],
    b: &'a [T],
    y: &'a [T],
    upstream: &'a [T],
    out: &'a mut [T],
    law: PhantomData<L>,
}

impl<L: Law, T: Element, const SECOND: bool> Each<T> for Products<'_, L, T, SECOND> {
    type Law = L;

    #[inline(always)]
    fn operands(&self) -> (&[T], &[T]) {
        (self.a, self.b)
    }

    #[inline(always)]
    fn many<N: Stored<T>>(&mut self, range: Range<usize>) {
        let (a, b) = (N::numbers(&self.a[range.clone()]), N::numbers(&self.b[range.clone()]));
        let (y, upstream) = (N::numbers(&self.y[range.clone()]), N::numbers(&self.upstream[range.clone()]));
        let out = N::numbers_mut(&mut self.out[range]);
        for ((((out, &a), &b), &y), &upstream) in out.iter_mut().zip(a).zip(b).zip(y).zip(upstream) {
            let (first, second) = L::local(a, b, y);
            *out = N::chain(if SECOND { second } else { first }, upstream);
        }
    }
}

/// What is done to each element alike. Its methods are to be inlined into the functions that name the instructions,
/// which is why they are no closures.
trait Each<T: Element> {
    type Law: Law;

    fn operands(&self) -> (&[T], &[T]);

    /// Writes a range of the output.
    fn many<N: Stored<T>>(&mut self, range: Range<usize>);
}

/// A loop over elements as numbers `N`, but for those at which the operands stand apart.
struct All<E>(E);

impl<T: Element, E: Each<T>> Loop<T> for All<E> {
    type Output = ();

    #[inline(always)]
    fn run<N: Stored<T>>(self) {
        let Self(mut each) = self;
        let n = each.operands().0.len();
        if !(N::VECTORS && E::Law::APART) {
            return each.many::<N>(0..n);
        }
        // Where zeros stand apart, everything does.
        if E::Law::apart(N::zero(), N::zero()) {
            return each.many::<T>(0..n);
        }
        for start in (0..n).step_by(CHUNK) {
            let range = start..n.min(start + CHUNK);
            each.many::<N>(range.clone());
            let (a, b) = each.operands();
            let operands = N::numbers(&a[range.clone()]).iter().zip(N::numbers(&b[range.clone()]));
            if operands.fold(false, |some, (&a, &b)| some | E::Law::apart(a, b)) {
                one_by_one(&mut each, range);
            }
        }
    }
}

/// Writes the elements of a range at which the operands stand apart.
#[cold]
#[inline(never)]
fn one_by_one<T: Element, E: Each<T>>(each: &mut E, range: Range<usize>) {
    for k in range {
        let (a, b) = each.operands();
        if E::Law::apart(a[k], b[k]) {
            each.many::<T>(k..k + 1);
        }
    }
}

struct PickValue<T>(PhantomData<T>);
struct PickVjp<T, const SECOND: bool>(PhantomData<T>);

impl<T: Element> Visitor for PickValue<T> {
    type Output = ValueRun<T>;
    fn visit<L: Law>(self) -> ValueRun<T> {
        value_run::<L, T>
    }
}

impl<T: Element, const SECOND: bool> Visitor for PickVjp<T, SECOND> {
    type Output = VjpRun<T>;
    fn visit<L: Law>(self) -> VjpRun<T> {
        vjp_run::<L, T, SECOND>
    }
}

/// The loop of the value, `run(a, b, out)`.
pub(crate) fn pick_value<T: Element>(rule: Rule) -> ValueRun<T> {
    rule.visit(PickValue(PhantomData))
}

/// The loop of what flows to the first or second operand, `run(a, b, y, upstream, out)`.
pub(crate) fn pick_vjp<T: Element>(rule: Rule, second: bool) -> VjpRun<T> {
    if second {
        rule.visit(PickVjp::<T, true>(PhantomData))
    } else {
        rule.visit(PickVjp::<T, false>(PhantomData))
    }
}
