//! Einstein's summation: products of tensors, and sums over what they share.
//!
//! An equation is done by operations that are there already: diagonals, sums, permutations, and a product for each pair of
//! operands. The graph shows these, and derivatives of every order are theirs.

mod equation;

use std::panic::Location;

use equation::{Equation, Label, Labels};

use crate::element::Element;
use crate::error::{Error, or_panic};
use crate::handles::Tensor;
use crate::shape::Shape;

/// A tensor whose axes have labels, all different.
#[derive(Clone)]
struct Labelled<'t, T: Element> {
    tensor: Tensor<'t, T>,
    labels: Labels,
}

/// How two tensors become matrices: the orders of their axes, and whether the last two groups stand transposed.
struct Matrices {
    /// The second operand comes first.
    swapped: bool,
    /// In the order of the operands of the product.
    orders: [Labels; 2],
    turned: [bool; 2],
    output: Labels,
    batch: Labels,
    inner: Labels,
}

/// The labels of `these` of which that holds.
fn those(these: &[Label], holds: impl Fn(Label) -> bool) -> Labels {
    these.iter().copied().filter(|&label| holds(label)).collect()
}

fn joined<'a>(groups: impl IntoIterator<Item = &'a Labels>) -> Labels {
    groups.into_iter().flatten().copied().collect()
}

impl<'t, T: Element> Labelled<'t, T> {
    /// An operand with its diagonals taken, and without axes of extent 1 along which others are longer.
    #[track_caller]
    fn operand(tensor: Tensor<'t, T>, labels: Labels, equation: &Equation) -> Result<Self, Error> {
        let mut this = Self { tensor, labels };
        while let Some((first, second)) = this.repeated() {
            this.tensor = this.tensor.try_diagonal(first.cast_signed(), second.cast_signed())?;
            this.labels.remove(second);
            let label = this.labels.remove(first);
            this.labels.push(label);
        }
        let extents = this.tensor.shape().iter().zip(&this.labels);
        let own = extents.filter(|&(&extent, &label)| extent == equation.extent(label));
        let (shape, labels): (Shape, Labels) = own.map(|(extent, label)| (*extent, *label)).unzip();
        Ok(Self { tensor: reshaped(this.tensor, &shape)?, labels })
    }

    /// Two axes with the same label.
    fn repeated(&self) -> Option<(usize, usize)> {
        let labels = &self.labels;
        let before = |second: usize| labels[..second].iter().position(|label| *label == labels[second]);
        (0..labels.len()).find_map(|second| before(second).map(|first| (first, second)))
    }

    /// The sums over the labels that nobody needs.
    #[track_caller]
    fn summed(self, needed: impl Fn(Label) -> bool) -> Result<Self, Error> {
        let over = |(axis, label): (usize, &Label)| (!needed(*label)).then_some(axis.cast_signed());
        let axes: Vec<isize> = self.labels.iter().enumerate().filter_map(over).collect();
        if axes.is_empty() {
            return Ok(self);
        }
        let labels = those(&self.labels, needed);
        Ok(Self { tensor: self.tensor.try_sum_axes(&axes, false)?, labels })
    }

    /// The same with its axes in another order.
    #[track_caller]
    fn ordered(self, order: &[Label]) -> Result<Self, Error> {
        if self.labels[..] == *order {
            return Ok(self);
        }
        let place = |label| self.labels.iter().position(|own| own == label).map_or(0, usize::cast_signed);
        let dims: Vec<isize> = order.iter().map(place).collect();
        Ok(Self { tensor: self.tensor.try_permute(&dims)?, labels: order.into() })
    }

    /// Number by number: no label is summed over.
    #[track_caller]
    fn multiplied(self, other: &Self, equation: &Equation) -> Result<Self, Error> {
        let new = those(&other.labels, |label| !self.labels.contains(&label));
        let labels = joined([&self.labels, &new]);
        let other = other.clone().ordered(&those(&labels, |label| other.labels.contains(&label)))?;
        let lie = |own: &[Label]| -> Shape {
            let extent = |label: &Label| if own.contains(label) { equation.extent(*label) } else { 1 };
            labels.iter().map(extent).collect()
        };
        let x = reshaped(self.tensor, &lie(&self.labels))?;
        let y = reshaped(other.tensor, &lie(&other.labels))?;
        Ok(Self { tensor: x.try_mul(y)?, labels })
    }

    /// The product of two operands, summed over the labels that nobody needs.
    #[track_caller]
    fn contracted(
        self,
        other: Self,
        equation: &Equation,
        needed: impl Fn(Label) -> bool,
        last: bool,
    ) -> Result<Self, Error> {
        let summed = self.labels.iter().any(|&label| !needed(label));
        let free = |own: &Labels, others: &Labels| own.iter().any(|label| !others.contains(label));
        let matrices = free(&self.labels, &other.labels) || free(&other.labels, &self.labels);
        // Without rows and columns it is one dot product for each label that is left: those are done side by side.
        let dots = !matrices && self.labels.iter().any(|&label| needed(label));
        if !summed || dots {
            return self.multiplied(&other, equation)?.summed(needed);
        }
        let form = Matrices::best(&self, &other, equation, needed, last);
        let pair = if form.swapped { [other, self] } else { [self, other] };
        let batch = equation.elements(&form.batch);
        let inner = equation.elements(&form.inner);
        let mut operands = [None, None];
        for (k, operand) in pair.into_iter().enumerate() {
            let (turned, order) = (form.turned[k], &form.orders[k]);
            let known = |label: Label| form.batch.contains(&label) || form.inner.contains(&label);
            let own = equation.elements(&those(order, |label| !known(label)));
            // The first operand has its inner dimension last, the second one before its columns.
            let (rows, columns) = if (k == 0) == turned { (inner, own) } else { (own, inner) };
            let shape = if form.batch.is_empty() { vec![rows, columns] } else { vec![batch, rows, columns] };
            operands[k] = Some(reshaped(operand.ordered(order)?.tensor, &shape)?);
        }
        let [Some(a), Some(b)] = operands else { unreachable!("there are two operands") };
        let product = match form.turned {
            [false, false] => a.try_matmul(b),
            [true, false] => a.try_matmul_tn(b),
            [false, true] => a.try_matmul_nt(b),
            [true, true] => a.try_matmul_tt(b),
        };
        let shape: Shape = form.output.iter().map(|&label| equation.extent(label)).collect();
        Ok(Self { tensor: reshaped(product?, &shape)?, labels: form.output })
    }
}

impl Matrices {
    /// The form for which the fewest numbers have to be moved.
    fn best<T: Element>(
        x: &Labelled<'_, T>,
        y: &Labelled<'_, T>,
        equation: &Equation,
        needed: impl Fn(Label) -> bool,
        last: bool,
    ) -> Self {
        let mut best: Option<(usize, Self)> = None;
        for swapped in [false, true] {
            let [a, b] = if swapped { [&y.labels, &x.labels] } else { [&x.labels, &y.labels] };
            let shared = |of: &Labels, kept| {
                those(of, |label| a.contains(&label) && b.contains(&label) && needed(label) == kept)
            };
            for (batch, inner) in
                [a, b].into_iter().flat_map(|of| [a, b].map(|by| (shared(of, true), shared(by, false))))
            {
                let (rows, columns) =
                    (those(a, |label| !b.contains(&label)), those(b, |label| !a.contains(&label)));
                let output = joined([&batch, &rows, &columns]);
                // An operand that lies in neither order is moved to the first.
                let lies = |own: &Labels, plain: [&Labels; 3], turned: [&Labels; 3]| {
                    let (plain, turned) = (joined(plain), joined(turned));
                    let moved = if *own == plain || *own == turned { 0 } else { equation.elements(own) };
                    let is_turned = *own != plain && *own == turned;
                    (moved, is_turned, if is_turned { turned } else { plain })
                };
                let first = lies(a, [&batch, &rows, &inner], [&batch, &inner, &rows]);
                let second = lies(b, [&batch, &inner, &columns], [&batch, &columns, &inner]);
                let after = if last && output != equation.output { equation.elements(&output) } else { 0 };
                let moved = first.0.saturating_add(second.0).saturating_add(after);
                if best.as_ref().is_none_or(|(least, _)| moved < *least) {
                    let (orders, turned) = ([first.2, second.2], [first.1, second.1]);
                    best = Some((moved, Self { swapped, orders, turned, output, batch, inner }));
                }
            }
        }
        match best {
            Some((_, form)) => form,
            None => unreachable!("there are eight forms to choose from"),
        }
    }
}

/// The same numbers under a shape that is known to fit.
#[track_caller]
fn reshaped<'t, T: Element>(tensor: Tensor<'t, T>, shape: &[usize]) -> Result<Tensor<'t, T>, Error> {
    if tensor.shape() == shape {
        return Ok(tensor);
    }
    let shape: Vec<isize> = shape.iter().map(|&extent| extent.cast_signed()).collect();
    tensor.try_reshape(&shape)
}

/// The two operands whose product is the smallest.
fn next_pair<T: Element>(operands: &[Labelled<'_, T>], equation: &Equation) -> (usize, usize) {
    let pairs = (1..operands.len()).flat_map(|second| (0..second).map(move |first| (first, second)));
    let size = |&(first, second): &(usize, usize)| {
        let others = operands.iter().enumerate().filter(|(k, _)| ![first, second].contains(k));
        let kept: Labels = joined(others.map(|(_, other)| &other.labels))
            .into_iter()
            .chain(equation.output.clone())
            .collect();
        let (a, b) = (&operands[first].labels, &operands[second].labels);
        let new = those(b, |label| !a.contains(&label));
        equation.elements(&those(&joined([a, &new]), |label| kept.contains(&label)))
    };
    pairs.min_by_key(size).unwrap_or((0, 1))
}

impl<T: Element> Tensor<'_, T> {
    /// Einstein's summation: the products of all operands' elements, summed over the labels that the output does not have.
    ///
    /// The equation names every axis by a letter: `"ij,jk->ik"` is the matrix product. A letter that an operand has twice takes
    /// the diagonal: `"ii->"` is the trace. `...` stands for the axes that have no letter, which are broadcast:
    /// `"...ij,...jk->...ik"`; where the output leaves it out, they are summed over. Without `->` the output has the
    /// ellipsis, and then the letters that are there once, by the alphabet. An axis of extent 1 goes with any extent.
    ///
    /// Operands are multiplied in pairs, those first whose product is the smallest; a pair that shares summed labels is a
    /// [`matmul`](Self::matmul).
    ///
    /// # Derivative
    /// In each operand, the same sum with the upstream gradient in that operand's place. It is recorded as diagonals, sums,
    /// permutations and products, and has derivatives of every order.
    ///
    /// # Example
    /// ```
    /// use ndarray::array;
    /// use tape::Tensor;
    /// let tape = tape::Tape::<f64>::new();
    /// let a = tape.tensor(array![[1.0, 2.0], [3.0, 4.0]]);
    /// let v = tape.tensor(array![1.0, -1.0]);
    /// assert_eq!(Tensor::einsum("ij,j->i", &[a, v]).value(), array![-1.0, -1.0].into_dyn());
    /// assert_eq!(Tensor::einsum("ii", &[a]).to_scalar().value(), 5.0);
    /// let form = Tensor::einsum("i,ij,j->", &[v, a, v]).to_scalar();
    /// assert_eq!(form.backward().wrt(a), array![[1.0, -1.0], [-1.0, 1.0]].into_dyn());
    /// ```
    ///
    /// # Panics
    /// As [`try_einsum`](Self::try_einsum) fails.
    #[track_caller]
    #[must_use]
    pub fn einsum(equation: &str, operands: &[Self]) -> Self {
        or_panic(Self::try_einsum(equation, operands))
    }

    /// Einstein's summation.
    ///
    /// # Errors
    /// The equation cannot be read, has another number of operands or of axes, or an output label that no operand has; a
    /// label stands for different extents; or the operands belong to two tapes.
    #[track_caller]
    pub fn try_einsum(equation: &str, operands: &[Self]) -> Result<Self, Error> {
        let here = Location::caller();
        let shapes: Vec<&[usize]> = operands.iter().map(|operand| operand.shape()).collect();
        let explain = |error: Error| error.operation(format!("einsum \"{equation}\"")).at(here);
        let read = Equation::read(equation, &shapes);
        let equation = read.map_err(|error| explain(error.shapes(&shapes)))?;
        for operand in operands {
            operands[0].tape.same_tape(operand.tape, operand.id).map_err(explain)?;
        }
        let mut left = Vec::with_capacity(operands.len());
        for (&operand, labels) in operands.iter().zip(&equation.operands) {
            left.push(Labelled::operand(operand, labels.clone(), &equation)?);
        }
        for k in 0..left.len() {
            let elsewhere = |label| {
                let others = left.iter().enumerate().filter(|&(other, _)| other != k);
                equation.output.contains(&label)
                    || others.into_iter().any(|(_, other)| other.labels.contains(&label))
            };
            left[k] = left[k].clone().summed(elsewhere)?;
        }
        while left.len() > 1 {
            let (first, second) = next_pair(&left, &equation);
            let (b, a) = (left.remove(second), left.remove(first));
            let needed = |label| {
                equation.output.contains(&label) || left.iter().any(|other| other.labels.contains(&label))
            };
            let product = a.contracted(b, &equation, needed, left.is_empty())?;
            left.insert(first, product);
        }
        Ok(left.swap_remove(0).ordered(&equation.output)?.tensor)
    }
}
