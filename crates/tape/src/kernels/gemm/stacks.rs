//! Products of stacked matrices: every matrix of one stack with its partner in another.
//!
//! Operands that are spread over a stack are read where they are, and products that go to the same place of the output are
//! added there: the adjoint of the spreading. Where a stack and a single matrix make one larger product, that is what is
//! done: `[b, m, k] · [k, n]` is one product of `b·m` rows.

use std::ops::Range;

use super::arch::{Fast, Instructions};
use super::product::{Kind, Operand, Product};
use super::{COLUMNS, ROWS, SHARED_FROM, blocks, room, threads_for};
use crate::element::{Element, Matrix};
use crate::kernels::strided::{Axes, Axis};
use crate::kernels::threads;

/// Matrices of equal extents within `data`; where each begins, the walk says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stack<'a, T> {
    data: &'a [T],
    rows: usize,
    columns: usize,
    transposed: bool,
}

impl<'a, T> Stack<'a, T> {
    /// Row-major matrices.
    pub(crate) fn new(data: &'a [T], rows: usize, columns: usize) -> Self {
        Self { data, rows, columns, transposed: false }
    }

    /// The same numbers with rows and columns of each matrix exchanged; nothing is copied.
    pub(crate) fn t(self) -> Self {
        Self { rows: self.columns, columns: self.rows, transposed: !self.transposed, ..self }
    }

    /// Numbers of one matrix.
    fn size(&self) -> usize {
        self.rows * self.columns
    }

    /// Whether the matrices can be read by rows (or, if `columns`, by columns): a vector can be read either way.
    fn runs(&self, columns: bool) -> bool {
        self.transposed == columns || self.rows == 1 || self.columns == 1
    }

    fn at(&self, offset: usize) -> Matrix<'a, T> {
        let data = &self.data[offset..offset + self.size()];
        Matrix { data, rows: self.rows, columns: self.columns, transposed: self.transposed }
    }
}

/// Pairs of matrices, and where their products go.
#[derive(Debug)]
pub struct Stacks<'a, T> {
    left: Stack<'a, T>,
    right: Stack<'a, T>,
    /// The walk over places of the output: offsets of left, right and output.
    places: Axes<3>,
    /// The walk over the pairs whose products are added at one place.
    terms: Axes<3>,
}

/// Writes the products of `left` and `right` to `out`, or adds them; `walk` has the offsets of left, right and output of every
/// pair. Where several pairs have the same place in the output, it becomes the sum of their products.
pub(crate) fn products<T: Element>(
    left: Stack<'_, T>,
    right: Stack<'_, T>,
    walk: Axes<3>,
    out: &mut [T],
    accumulate: bool,
) {
    if out.is_empty() {
        return;
    }
    let (terms, places) = walk.split(|axis| axis.steps[2] == 0);
    let mut stacks = Stacks { left, right, places, terms };
    stacks.join();
    match (stacks.places.count(), stacks.terms.count()) {
        (_, 0) if accumulate => {}
        (_, 0) => out.fill(T::zero()),
        (1, 1) => T::gemm(stacks.left.at(0), stacks.right.at(0), out, accumulate),
        _ => T::gemm_stacks(&stacks, out, accumulate),
    }
}

impl<T: Copy> Stacks<'_, T> {
    /// Makes one product of those along the innermost axis, where the matrices lie side by side.
    fn join(&mut self) {
        if let Some(Axis { extent, steps: [left, right, _] }) = self.terms.last()
            && [left, right] == [self.left.size(), self.right.size()]
            && self.left.runs(true)
            && self.right.runs(false)
        {
            // The sum goes over all of their inner dimensions.
            self.left = Stack { columns: self.left.columns * extent, transposed: true, ..self.left };
            self.right = Stack { rows: self.right.rows * extent, transposed: false, ..self.right };
            self.terms.pop();
        }
        let Some(axis) = self.places.last() else { return };
        let vectors = self.left.rows == 1 || self.right.columns == 1;
        if vectors && axis.steps[0] == 0 {
            // A vector lies as its transpose does, so that either operand may be the first one.
            (self.left, self.right) = (self.right.t(), self.left.t());
            let exchanged = |axis: Axis<3>| {
                let [left, right, out] = axis.steps;
                Axis { steps: [right, left, out], ..axis }
            };
            self.places.map(exchanged);
            self.terms.map(exchanged);
        }
        let Some(Axis { extent, steps: [left, right, out] }) = self.places.last() else { return };
        let here = self.left.rows * self.right.columns;
        if (left, right, out) == (self.left.size(), 0, here) && self.left.runs(false) {
            self.left = Stack { rows: self.left.rows * extent, transposed: false, ..self.left };
            self.places.pop();
        }
    }

    /// Multiply-adds at one place of the output.
    fn work(&self) -> usize {
        let once = self.left.rows.saturating_mul(self.left.columns).saturating_mul(self.right.columns);
        once.saturating_mul(self.terms.count())
    }

    fn check(&self, len: usize) {
        let ends = [self.left.size(), self.right.size(), self.left.rows * self.right.columns];
        let (places, terms) = (self.places.furthest(), self.terms.furthest());
        let lens = [self.left.data.len(), self.right.data.len(), len];
        let fits = (0..3).all(|k| places[k] + terms[k] + ends[k] <= lens[k]);
        assert!(
            fits && self.left.columns == self.right.rows,
            "stacks of matrices that do not fit one another"
        );
    }
}

/// The loop for element types without a kernel of their own.
pub(crate) fn plain<T: Element>(stacks: &Stacks<'_, T>, out: &mut [T], accumulate: bool) {
    let size = stacks.left.rows * stacks.right.columns;
    stacks.places.each(|place| {
        let mut add = accumulate;
        stacks.terms.each(|term| {
            let [left, right, to] = std::array::from_fn(|k| place[k] + term[k]);
            T::gemm(stacks.left.at(left), stacks.right.at(right), &mut out[to..to + size], add);
            add = true;
        });
    });
}

/// As [`plain`], for `f32` and `f64`. Threads share the places of the output, or each place.
pub(crate) fn fast<T: Fast>(stacks: &Stacks<'_, T>, out: &mut [T], accumulate: bool) {
    let work = stacks.work().saturating_mul(stacks.places.count());
    run(Instructions::best(), threads_for(work), stacks, out, accumulate);
}

/// The products by instructions that this machine has, on at most so many threads.
fn run<T: Fast>(
    instructions: Instructions,
    threads: usize,
    stacks: &Stacks<'_, T>,
    out: &mut [T],
    accumulate: bool,
) {
    stacks.check(out.len());
    let first = Places::new(instructions, stacks, out.as_mut_ptr(), accumulate);
    let places = stacks.places.count();
    if stacks.left.columns == 0 {
        if !accumulate {
            out.fill(T::zero());
        }
    } else if threads == 1 {
        first.all(0..places, &Cut::Nowhere);
    } else if places > 1 && stacks.work() < SHARED_FROM {
        threads::ranges(threads, places, 1, |range| first.all(range, &Cut::Nowhere));
    } else {
        let p = first.product(0, 0);
        for place in 0..places {
            let one = place..place + 1;
            if p.split_rows() {
                threads::ranges(threads, p.rows, ROWS, |rows| first.all(one.clone(), &Cut::Rows(rows)));
            } else {
                threads::ranges(threads, p.columns, COLUMNS, |columns| {
                    first.all(one.clone(), &Cut::Columns(columns));
                });
            }
        }
    }
}

/// Which part of each product.
enum Cut {
    Nowhere,
    Rows(Range<usize>),
    Columns(Range<usize>),
}

/// Stacks as the blocks see them.
struct Places<'a, T> {
    instructions: Instructions,
    stacks: &'a Stacks<'a, T>,
    /// The product of the first pair; nothing is added.
    first: Product<T>,
    kind: Kind,
    accumulate: bool,
}

impl<'a, T: Fast> Places<'a, T> {
    fn new(instructions: Instructions, stacks: &'a Stacks<'a, T>, c: *mut T, accumulate: bool) -> Self {
        let operand = |stack: &Stack<'_, T>| {
            let (row, column) = if stack.transposed { (1, stack.rows) } else { (stack.columns, 1) };
            Operand { data: stack.data.as_ptr(), row, column }
        };
        let (rows, columns, depth) = (stacks.left.rows, stacks.right.columns, stacks.left.columns);
        let (a, b) = (operand(&stacks.left), operand(&stacks.right));
        let first = Product { rows, columns, depth, a, b, c, c_row: columns, addend: None };
        let mut places = Self { instructions, stacks, first, kind: Kind::Blocks, accumulate };
        places.kind = Kind::of(&places.product(0, 0));
        places
    }

    /// The product that is number `term` at a place.
    fn product(&self, place: usize, term: usize) -> Product<T> {
        let (place, more) = (self.stacks.places.at(place), self.stacks.terms.at(term));
        let [left, right, out] = std::array::from_fn(|k| place[k] + more[k]);
        let moved = |x: Operand<T>, by: usize| Operand { data: x.data.wrapping_add(by), ..x };
        let c = self.first.c.wrapping_add(out);
        let addend = (self.accumulate || term > 0).then_some((c.cast_const(), self.first.c_row));
        let (a, b) = (moved(self.first.a, left), moved(self.first.b, right));
        let p = Product { a, b, c, addend, ..self.first };
        if p.columns == 1 { p.lying() } else { p }
    }

    /// All products, or a part of each, at a range of places.
    fn all(&self, range: Range<usize>, cut: &Cut) {
        let terms = self.stacks.terms.count();
        let each = |room| {
            for place in range.clone() {
                for term in 0..terms {
                    let whole = self.product(place, term);
                    let part = match cut {
                        Cut::Nowhere => whole,
                        Cut::Rows(rows) => whole.rows(rows.clone()),
                        Cut::Columns(columns) => whole.columns(columns.clone()),
                    };
                    // SAFETY: the machine has the instructions; the stacks were checked, so that the pointers reach as
                    // far as the extents; the output is borrowed mutably, and neither two places nor two parts of it
                    // overlap; there is room where the kind asks for it.
                    unsafe { T::product(self.instructions, &part, self.kind, room) };
                }
            }
        };
        match self.kind {
            Kind::Blocks => room::with(blocks::ROOM, each),
            Kind::AlongRows | Kind::AlongColumns => each(std::ptr::null_mut()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Numbers whose sums are rounded.
    fn numbers<T: Fast>(n: usize) -> Vec<T> {
        (0..n).map(|k| T::one() / T::from(k % 97 + 1).unwrap() - T::from(0.1).unwrap()).collect()
    }

    /// The walk of `[batch…]` stacks: which of the three operands advance along each axis.
    fn walk(axes: &[(usize, [bool; 3])], sizes: [usize; 3]) -> (Axes<3>, [usize; 3]) {
        let (mut walk, mut lens) = (Axes::new(), sizes);
        axes.iter().for_each(|&(n, moves)| (0..3).filter(|&k| moves[k]).for_each(|k| lens[k] *= n));
        let mut left = lens;
        for &(n, moves) in axes {
            let steps = std::array::from_fn(|k| {
                if moves[k] {
                    left[k] /= n.max(1);
                }
                if moves[k] { left[k] } else { 0 }
            });
            walk.push(n, steps);
        }
        (walk, lens)
    }

    fn every_form<T: Fast + Element>(axes: &[(usize, [bool; 3])], [m, k, n]: [usize; 3]) {
        let (walk, lens) = walk(axes, [m * k, k * n, m * n]);
        let (a, b) = (numbers::<T>(lens[0]), numbers::<T>(lens[1]));
        for (left, right) in [(false, false), (true, false), (false, true), (true, true)] {
            let stack = |data, rows, columns, turned| {
                if turned { Stack::new(data, columns, rows).t() } else { Stack::new(data, rows, columns) }
            };
            let (left, right) = (stack(&a, m, k, left), stack(&b, k, n, right));
            let mut want = vec![T::zero(); lens[2]];
            walk.each(|[l, r, o]| T::gemm(left.at(l), right.at(r), &mut want[o..o + m * n], true));
            let mut out = vec![T::nan(); lens[2]];
            products(left, right, walk.clone(), &mut out, false);
            let close = |x: T, y: T| (x - y).abs() <= T::epsilon() * T::of(400.0);
            assert!(out.iter().zip(&want).all(|(&x, &y)| close(x, y)), "{axes:?}, {m} × {k} × {n}");
            products(left, right, walk.clone(), &mut out, true);
            assert!(
                out.iter().zip(&want).all(|(&x, &y)| close(x, y + y)),
                "{axes:?}, {m} × {k} × {n}, added"
            );

            let (terms, places) = walk.clone().split(|axis| axis.steps[2] == 0);
            let stacks = Stacks { left, right, places, terms };
            if out.is_empty() || stacks.terms.count() == 0 {
                continue;
            }
            for instructions in Instructions::here() {
                let on = |threads| {
                    let mut out = vec![T::one(); lens[2]];
                    run(instructions, threads, &stacks, &mut out, true);
                    out
                };
                let alone = on(1);
                assert!(alone.iter().zip(&want).all(|(&x, &y)| close(x, y + T::one())), "{instructions:?}");
                assert!((2..4).all(|threads| on(threads) == alone), "{axes:?}, {m} × {k} × {n}");
            }
        }
    }

    const BOTH: [bool; 3] = [true, true, true];
    const LEFT: [bool; 3] = [true, false, true];
    const RIGHT: [bool; 3] = [false, true, true];
    const SUM: [bool; 3] = [true, true, false];

    #[test]
    fn stacks_of_every_kind() {
        let kinds = [BOTH, LEFT, RIGHT, SUM];
        for (outer, inner) in kinds.into_iter().flat_map(|outer| kinds.map(|inner| (outer, inner))) {
            for extents in [[3, 4, 5], [1, 4, 5], [3, 4, 1], [3, 1, 5], [1, 1, 1], [3, 0, 2], [20, 40, 33]] {
                every_form::<f32>(&[(2, outer), (3, inner)], extents);
                every_form::<f64>(&[(2, outer), (0, inner)], extents);
            }
        }
    }

    #[test]
    fn a_stack_and_a_matrix_are_one_product() {
        let joined = |moves, [m, k, n]: [usize; 3], turned: [bool; 2]| {
            let (walk, lens) = walk(&[(6, moves)], [m * k, k * n, m * n]);
            let (a, b) = (numbers::<f64>(lens[0]), numbers::<f64>(lens[1]));
            let stack = |data, rows, columns, turned: bool| {
                if turned { Stack::new(data, columns, rows).t() } else { Stack::new(data, rows, columns) }
            };
            let (terms, places) = walk.split(|axis| axis.steps[2] == 0);
            let (left, right) = (stack(&a, m, k, turned[0]), stack(&b, k, n, turned[1]));
            let mut stacks = Stacks { left, right, places, terms };
            stacks.join();
            stacks.places.count() * stacks.terms.count() == 1
        };
        assert!(joined(LEFT, [3, 4, 5], [false, false]) && joined(LEFT, [3, 4, 5], [false, true]));
        assert!(joined(SUM, [3, 4, 5], [true, false]), "the gradient of the matrix");
        assert!(joined(RIGHT, [3, 4, 1], [false, false]), "a matrix and a stack of vectors");
        assert!(!joined(LEFT, [3, 4, 5], [true, false]) && !joined(RIGHT, [3, 4, 5], [false, false]));
        assert!(!joined(BOTH, [3, 4, 5], [false, false]));
    }

    #[test]
    #[should_panic(expected = "stacks of matrices that do not fit one another")]
    fn a_walk_that_leads_out_is_refused() {
        let mut walk = Axes::new();
        walk.push(3, [2, 2, 1]);
        products(Stack::new(&[0.0; 6], 1, 2), Stack::new(&[0.0; 5], 2, 1), walk, &mut [0.0; 3], false);
    }

    proptest! {
        #[test]
        fn any_extents(m in 1usize..20, k in 1usize..40, n in 1usize..40, kinds in any::<[u8; 2]>()) {
            let kinds = kinds.map(|kind| [BOTH, LEFT, RIGHT, SUM][usize::from(kind % 4)]);
            every_form::<f32>(&[(3, kinds[0]), (2, kinds[1])], [m, k, n]);
        }
    }
}
