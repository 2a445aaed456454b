//! Constants for tapes whose numbers all live on the tape: an operation between constants is folded, and one between a
//! constant and a variable takes the tape's own operator with an `f64`. So every tape records the same operations.

#![cfg(any(feature = "reverse", feature = "rustquant"))]

use std::cmp::Ordering;
use std::ops::{Add, Mul, Sub};

use crate::workloads::real::Real;

/// What a tape's own number can do.
pub trait Recorded:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Add<f64, Output = Self>
    + Sub<f64, Output = Self>
    + Mul<f64, Output = Self>
{
    fn value(self) -> f64;
    /// `c − self`.
    fn subtracted_from(self, c: f64) -> Self;
    fn exp(self) -> Self;
    fn ln(self) -> Self;
    fn tanh(self) -> Self;
    fn sqrt(self) -> Self;
}

/// A constant, or a number on the tape.
#[derive(Clone, Copy)]
pub enum Folded<V> {
    Constant(f64),
    Variable(V),
}

use Folded::{Constant, Variable};

impl<V: Recorded> Folded<V> {
    pub fn value(self) -> f64 {
        match self {
            Constant(c) => c,
            Variable(v) => v.value(),
        }
    }

    /// What is on the tape.
    pub fn variable(self) -> V {
        match self {
            Variable(v) => v,
            Constant(_) => panic!("the result is a constant"),
        }
    }
}

macro_rules! binary {
    ($Trait:ident, $f:ident, $op:tt, |$c:ident, $v:ident| $reversed:expr) => {
        impl<V: Recorded> $Trait for Folded<V> {
            type Output = Self;
            #[inline(always)]
            fn $f(self, other: Self) -> Self {
                match (self, other) {
                    (Variable(a), Variable(b)) => Variable(a $op b),
                    (Variable(a), Constant(b)) => Variable(a $op b),
                    (Constant($c), Variable($v)) => Variable($reversed),
                    (Constant(a), Constant(b)) => Constant(a $op b),
                }
            }
        }
        impl<V: Recorded> $Trait<f64> for Folded<V> {
            type Output = Self;
            #[inline(always)]
            fn $f(self, other: f64) -> Self {
                self $op Constant(other)
            }
        }
    };
}
binary!(Add, add, +, |c, v| v + c);
binary!(Sub, sub, -, |c, v| v.subtracted_from(c));
binary!(Mul, mul, *, |c, v| v * c);

impl<V: Recorded> PartialEq for Folded<V> {
    fn eq(&self, other: &Self) -> bool {
        self.value() == other.value()
    }
}

impl<V: Recorded> PartialOrd for Folded<V> {
    #[inline(always)]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.value().partial_cmp(&other.value())
    }
}

macro_rules! unary {
    ($f:ident) => {
        #[inline(always)]
        fn $f(self) -> Self {
            match self {
                Constant(c) => Constant(c.$f()),
                Variable(v) => Variable(v.$f()),
            }
        }
    };
}

impl<V: Recorded> Real for Folded<V> {
    #[inline(always)]
    fn constant(value: f64) -> Self {
        Constant(value)
    }
    #[inline(always)]
    fn subtracted_from(self, c: f64) -> Self {
        Constant(c) - self
    }
    unary!(exp);
    unary!(ln);
    unary!(tanh);
    unary!(sqrt);
}
