//! A plain operation tape, the common unit of the scalar tables: records and values in two arrays, room reserved
//! beforehand, no names, no lines, no checks beyond the room. It is no engine: it shows what a straightforward tape costs,
//! and other tapes, that cannot be run here, have been measured against it.

use std::cell::UnsafeCell;
use std::cmp::Ordering;
use std::ops::{Add, Mul, Sub};

use crate::workloads::real::Real;

#[derive(Clone, Copy)]
#[repr(u32)]
enum Op {
    Leaf,
    Add,
    Sub,
    Mul,
    AddC,
    RSubC,
    MulC,
    Exp,
    Ln,
    Tanh,
    Sqrt,
}

#[derive(Clone, Copy)]
struct Record {
    op: Op,
    a: u32,
    b: u32,
}

struct Inner {
    records: Vec<Record>,
    values: Vec<f64>,
    constants: Vec<f64>,
}

/// The tape.
pub struct PlainTape(UnsafeCell<Inner>);

/// A number on it, or a constant.
#[derive(Clone, Copy)]
pub struct Variable<'t> {
    value: f64,
    index: u32,
    tape: Option<&'t PlainTape>,
}

impl PlainTape {
    /// A tape with room for so many records.
    pub fn new(room: usize) -> Self {
        let (records, values) = (Vec::with_capacity(room), Vec::with_capacity(room));
        Self(UnsafeCell::new(Inner { records, values, constants: Vec::with_capacity(room) }))
    }

    #[inline(always)]
    fn push(&self, op: Op, a: u32, b: u32, value: f64) -> u32 {
        // SAFETY: a tape does not leave its thread, and no reference into it outlives a call; the room is checked.
        unsafe {
            let t = &mut *self.0.get();
            let i = t.records.len();
            assert!(i < t.records.capacity());
            t.records.as_mut_ptr().add(i).write(Record { op, a, b });
            t.values.as_mut_ptr().add(i).write(value);
            t.records.set_len(i + 1);
            t.values.set_len(i + 1);
            i as u32
        }
    }

    #[inline(always)]
    fn push_constant(&self, op: Op, a: u32, constant: f64, value: f64) -> u32 {
        // SAFETY: as for `push`; there are no more constants than records.
        unsafe {
            let t = &mut *self.0.get();
            let k = t.constants.len();
            t.constants.as_mut_ptr().add(k).write(constant);
            t.constants.set_len(k + 1);
            self.push(op, a, k as u32, value)
        }
    }

    /// A leaf.
    pub fn variable(&self, value: f64) -> Variable<'_> {
        Variable { value, index: self.push(Op::Leaf, 0, 0, value), tape: Some(self) }
    }

    /// Forgets all records and keeps the memory.
    pub fn clear(&mut self) {
        let t = self.0.get_mut();
        t.records.clear();
        t.values.clear();
        t.constants.clear();
    }

    /// The adjoints of all records.
    #[inline(never)]
    pub fn reverse(&self, y: Variable, adjoints: &mut Vec<f64>) {
        // SAFETY: as for `push`; every index that was recorded is below that of its record.
        unsafe {
            let t = &*self.0.get();
            adjoints.clear();
            adjoints.resize(t.records.len(), 0.0);
            adjoints[y.index as usize] = 1.0;
            let p = adjoints.as_mut_ptr();
            for i in (0..=y.index as usize).rev() {
                let g = *p.add(i);
                let r = t.records.get_unchecked(i);
                let (a, b) = (r.a as usize, r.b as usize);
                match r.op {
                    Op::Leaf => {}
                    Op::Add => {
                        *p.add(a) += g;
                        *p.add(b) += g;
                    }
                    Op::Sub => {
                        *p.add(a) += g;
                        *p.add(b) -= g;
                    }
                    Op::Mul => {
                        let (x, y) = (*t.values.get_unchecked(a), *t.values.get_unchecked(b));
                        *p.add(a) += g * y;
                        *p.add(b) += g * x;
                    }
                    Op::AddC => *p.add(a) += g,
                    Op::RSubC => *p.add(a) -= g,
                    Op::MulC => *p.add(a) += g * t.constants.get_unchecked(b),
                    Op::Exp => *p.add(a) += g * t.values.get_unchecked(i),
                    Op::Ln => *p.add(a) += g / t.values.get_unchecked(a),
                    Op::Tanh => {
                        let y = *t.values.get_unchecked(i);
                        *p.add(a) += g * (1.0 - y * y);
                    }
                    Op::Sqrt => *p.add(a) += g * 0.5 / t.values.get_unchecked(i),
                }
            }
        }
    }
}

impl Variable<'_> {
    pub fn value(self) -> f64 {
        self.value
    }
}

macro_rules! binary {
    ($Trait:ident, $f:ident, $op:tt, $vv:ident, $vc:ident, $cv:ident, $k:expr) => {
        impl<'t> $Trait for Variable<'t> {
            type Output = Variable<'t>;
            #[inline(always)]
            fn $f(self, o: Variable<'t>) -> Variable<'t> {
                let value = self.value $op o.value;
                match (self.tape, o.tape) {
                    (Some(t), Some(u)) => {
                        assert!(std::ptr::eq(t, u));
                        Variable { value, index: t.push(Op::$vv, self.index, o.index, value), tape: Some(t) }
                    }
                    (Some(_), None) => self $op o.value,
                    (None, Some(_)) => self.value $op o,
                    (None, None) => Variable { value, index: 0, tape: None },
                }
            }
        }
        impl<'t> $Trait<f64> for Variable<'t> {
            type Output = Variable<'t>;
            #[inline(always)]
            fn $f(self, o: f64) -> Variable<'t> {
                let value = self.value $op o;
                let index = self.tape.map_or(0, |t| t.push_constant(Op::$vc, self.index, $k(o), value));
                Variable { value, index, ..self }
            }
        }
        impl<'t> $Trait<Variable<'t>> for f64 {
            type Output = Variable<'t>;
            #[inline(always)]
            fn $f(self, o: Variable<'t>) -> Variable<'t> {
                let value = self $op o.value;
                let index = o.tape.map_or(0, |t| t.push_constant(Op::$cv, o.index, self, value));
                Variable { value, index, ..o }
            }
        }
    };
}
binary!(Add, add, +, Add, AddC, AddC, |c: f64| c);
binary!(Sub, sub, -, Sub, AddC, RSubC, |c: f64| -c);
binary!(Mul, mul, *, Mul, MulC, MulC, |c: f64| c);

impl PartialEq for Variable<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl PartialOrd for Variable<'_> {
    #[inline(always)]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.value.partial_cmp(&other.value)
    }
    #[inline(always)]
    fn gt(&self, other: &Self) -> bool {
        self.value > other.value
    }
}

macro_rules! unary {
    ($f:ident, $op:ident) => {
        #[inline(always)]
        fn $f(self) -> Self {
            let value = self.value.$f();
            let index = self.tape.map_or(0, |t| t.push(Op::$op, self.index, 0, value));
            Variable { value, index, ..self }
        }
    };
}

impl Real for Variable<'_> {
    #[inline(always)]
    fn constant(value: f64) -> Self {
        Variable { value, index: 0, tape: None }
    }
    #[inline(always)]
    fn subtracted_from(self, c: f64) -> Self {
        c - self
    }
    unary!(exp, Exp);
    unary!(ln, Ln);
    unary!(tanh, Tanh);
    unary!(sqrt, Sqrt);
}
