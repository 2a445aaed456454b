//! Gates and states of recurrent cells, and the way back through them.
//!
//! Rows are samples; gates stand side by side in a row, each as wide as the state.

use crate::element::Element;
use crate::kernels::dispatch::{Loop, Stored};
use crate::rules::activation::logistic;

/// `x = 1 / (1 + e^(−x))`
#[inline(always)]
fn logistics<T: Element>(x: &mut [T]) {
    for x in x {
        *x = logistic(*x);
    }
}

/// The state of a long short-term memory after a step: gates `i f g o` come as sums and are left as gates.
pub(crate) struct Lstm<'a, T> {
    pub(crate) width: usize,
    pub(crate) gates: &'a mut [T],
    pub(crate) cell: &'a [T],
    /// To be written: the new state, the new cell, and its hyperbolic tangent.
    pub(crate) state: &'a mut [T],
    pub(crate) next: &'a mut [T],
    pub(crate) tanh: &'a mut [T],
}

impl<T: Element> Loop<T> for Lstm<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<N: Stored<T>>(self) {
        let n = self.width;
        let states =
            N::numbers_mut(self.state).chunks_exact_mut(n).zip(N::numbers(self.cell).chunks_exact(n));
        let cells =
            N::numbers_mut(self.next).chunks_exact_mut(n).zip(N::numbers_mut(self.tanh).chunks_exact_mut(n));
        let gates = N::numbers_mut(self.gates).chunks_exact_mut(4 * n);
        for ((gates, (state, cell)), (next, tanh)) in gates.zip(states).zip(cells) {
            let (sigmoids, rest) = gates.split_at_mut(2 * n);
            let (g, o) = rest.split_at_mut(n);
            logistics(sigmoids);
            logistics(o);
            for g in &mut *g {
                *g = g.tanh();
            }
            let (i, f) = sigmoids.split_at(n);
            for ((next, &cell), ((&i, &f), &g)) in next.iter_mut().zip(cell).zip(i.iter().zip(f).zip(&*g)) {
                *next = f * cell + i * g;
            }
            for ((tanh, state), (&next, &o)) in tanh.iter_mut().zip(state).zip(next.iter().zip(&*o)) {
                *tanh = next.tanh();
                *state = o * *tanh;
            }
        }
    }
}

/// The way back: upstream gradients of the new state and the new cell become those of the sums behind the gates, and
/// that of the new cell with what the state adds to it.
pub(crate) struct LstmBack<'a, T> {
    pub(crate) width: usize,
    pub(crate) gates: &'a [T],
    pub(crate) cell: &'a [T],
    pub(crate) tanh: &'a [T],
    /// Upstream gradients.
    pub(crate) state: &'a [T],
    pub(crate) next: &'a [T],
    /// To be written.
    pub(crate) to_sums: &'a mut [T],
    pub(crate) to_next: &'a mut [T],
}

impl<T: Element> Loop<T> for LstmBack<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<N: Stored<T>>(self) {
        let (n, one) = (self.width, N::one());
        let sums = N::numbers_mut(self.to_sums).chunks_exact_mut(4 * n);
        let rows = N::numbers(self.gates).chunks_exact(4 * n).zip(sums);
        for (row, (gates, sums)) in rows.enumerate() {
            let place = row * n..(row + 1) * n;
            let cell = &N::numbers(self.cell)[place.clone()];
            let tanh = &N::numbers(self.tanh)[place.clone()];
            let state = &N::numbers(self.state)[place.clone()];
            let next = &N::numbers(self.next)[place.clone()];
            let to_next = &mut N::numbers_mut(self.to_next)[place];
            let [i, f, g, o] = std::array::from_fn(|k| &gates[k * n..(k + 1) * n]);
            let (to_i, rest) = sums.split_at_mut(n);
            let (to_f, rest) = rest.split_at_mut(n);
            let (to_g, to_o) = rest.split_at_mut(n);
            for ((to_next, to_o), ((&o, &tanh), (&state, &next))) in
                to_next.iter_mut().zip(to_o).zip(o.iter().zip(tanh).zip(state.iter().zip(next)))
            {
                *to_next = next + state * o * ((one - tanh) * (one + tanh));
                *to_o = state * tanh * (o * (one - o));
            }
            for ((to_i, to_g), ((&i, &g), &to_next)) in
                to_i.iter_mut().zip(to_g).zip(i.iter().zip(g).zip(&*to_next))
            {
                *to_i = to_next * g * (i * (one - i));
                *to_g = to_next * i * ((one - g) * (one + g));
            }
            for (to_f, ((&f, &cell), &to_next)) in to_f.iter_mut().zip(f.iter().zip(cell).zip(&*to_next)) {
                *to_f = to_next * cell * (f * (one - f));
            }
        }
    }
}

/// The state of a gated recurrent unit after a step, from the sums `r z n` of the input and those of the state.
pub(crate) struct Gru<'a, T> {
    pub(crate) width: usize,
    pub(crate) of_input: &'a [T],
    pub(crate) of_state: &'a [T],
    pub(crate) state: &'a [T],
    /// To be written: the gates `r z n`, and behind them the state's part of `n`.
    pub(crate) gates: &'a mut [T],
    pub(crate) next: &'a mut [T],
}

impl<T: Element> Loop<T> for Gru<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<N: Stored<T>>(self) {
        let n = self.width;
        let sums =
            N::numbers(self.of_input).chunks_exact(3 * n).zip(N::numbers(self.of_state).chunks_exact(3 * n));
        let states =
            N::numbers(self.state).chunks_exact(n).zip(N::numbers_mut(self.next).chunks_exact_mut(n));
        let gates = N::numbers_mut(self.gates).chunks_exact_mut(4 * n);
        for ((gates, (a, b)), (state, next)) in gates.zip(sums).zip(states) {
            let (sigmoids, rest) = gates.split_at_mut(2 * n);
            for (gate, (&a, &b)) in sigmoids.iter_mut().zip(a.iter().zip(b)) {
                *gate = a + b;
            }
            logistics(sigmoids);
            let (r, z) = sigmoids.split_at(n);
            let (new, part) = rest.split_at_mut(n);
            part.copy_from_slice(&b[2 * n..]);
            for (new, (&a, (&r, &part))) in new.iter_mut().zip(a[2 * n..].iter().zip(r.iter().zip(&*part))) {
                *new = (a + r * part).tanh();
            }
            for ((next, &state), (&z, &new)) in next.iter_mut().zip(state).zip(z.iter().zip(&*new)) {
                *next = new + z * (state - new);
            }
        }
    }
}

/// The way back: the upstream gradient becomes those of the sums of the input and of the state.
pub(crate) struct GruBack<'a, T> {
    pub(crate) width: usize,
    pub(crate) gates: &'a [T],
    pub(crate) state: &'a [T],
    /// The upstream.
    pub(crate) g: &'a [T],
    /// To be written.
    pub(crate) to_input: &'a mut [T],
    pub(crate) to_state: &'a mut [T],
}

impl<T: Element> Loop<T> for GruBack<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<N: Stored<T>>(self) {
        let (n, one) = (self.width, N::one());
        let inputs = N::numbers_mut(self.to_input).chunks_exact_mut(3 * n);
        let sums = inputs.zip(N::numbers_mut(self.to_state).chunks_exact_mut(3 * n));
        let upstream = N::numbers(self.g).chunks_exact(n).zip(N::numbers(self.state).chunks_exact(n));
        let gates = N::numbers(self.gates).chunks_exact(4 * n);
        for ((gates, (upstream, state)), (to_input, to_state)) in gates.zip(upstream).zip(sums) {
            let [r, z, new, part] = std::array::from_fn(|k| &gates[k * n..(k + 1) * n]);
            let (to_r, rest) = to_input.split_at_mut(n);
            let (to_z, to_new) = rest.split_at_mut(n);
            let (sigmoids, to_part) = to_state.split_at_mut(2 * n);
            for ((to_z, to_new), ((&g, &state), (&z, &new))) in
                to_z.iter_mut().zip(&mut *to_new).zip(upstream.iter().zip(state).zip(z.iter().zip(new)))
            {
                *to_z = g * (state - new) * (z * (one - z));
                *to_new = g * (one - z) * ((one - new) * (one + new));
            }
            for ((to_r, to_part), (&to_new, (&r, &part))) in
                to_r.iter_mut().zip(to_part).zip(to_new.iter().zip(r.iter().zip(part)))
            {
                *to_r = to_new * part * (r * (one - r));
                *to_part = to_new * r;
            }
            sigmoids[..n].copy_from_slice(to_r);
            sigmoids[n..].copy_from_slice(to_z);
        }
    }
}
