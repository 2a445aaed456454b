//! The fast maxima against the plain ones, by every set of instructions and any number of threads.

use super::fast::{maxima, maxima_vjp};
use super::{Maxima, MaximaVjp, plain, plain_vjp};
use crate::kernels::gemm::arch::Instructions;
use crate::kernels::vectors::Vectors;
use crate::kernels::windows::Axis;

fn axis(input: usize, kernel: usize, stride: usize, padding: usize, dilation: usize) -> Axis {
    let axis = Axis { input, output: 0, kernel, stride, padding, dilation };
    // One window more than there is room for, where that begins in the axis.
    let steps = (input + 2 * padding - axis.reach() - 1).div_ceil(stride);
    Axis { output: if steps * stride < input + padding { steps + 1 } else { steps }, ..axis }
}

fn maxima_agree<T: Vectors>() {
    let cases = [
        [axis(4, 2, 2, 0, 1), axis(6, 2, 2, 0, 1)],
        [axis(28, 2, 2, 0, 1), axis(75, 2, 2, 0, 1)],
        [axis(5, 3, 2, 1, 1), axis(38, 3, 2, 1, 1)],
        [axis(6, 2, 1, 1, 2), axis(40, 3, 1, 1, 2)],
        [axis(5, 2, 3, 0, 1), axis(11, 3, 3, 1, 1)],
        [axis(1, 1, 1, 0, 1), axis(1, 1, 1, 0, 1)],
        [axis(2, 2, 4, 2, 4), axis(9, 2, 2, 1, 1)],
    ];
    for axes in cases {
        let (count, [rows, columns]) = (5, axes);
        let mut x: Vec<T> =
            (0..count * rows.input * columns.input).map(|k| T::of(((k * 37) % 11) as f64 - 5.0)).collect();
        if x.len() > 40 {
            (x[3], x[20], x[21]) = (T::nan(), T::nan(), T::infinity());
            x[24..40].fill(T::neg_infinity());
        }
        let windows = count * rows.output * columns.output;
        let g: Vec<T> = (0..windows).map(|k| T::of((k % 7) as f64 + 1.0)).collect();
        let start: Vec<T> = (0..x.len()).map(|k| T::of((k % 5) as f64)).collect();
        let forward = |run: &dyn Fn(Maxima<'_, T>)| {
            let (mut out, mut places) = (vec![T::one(); windows], vec![T::nan(); windows]);
            run(Maxima { axes, x: &x, out: &mut out, places: &mut places });
            (out.iter().map(ToString::to_string).collect::<Vec<_>>(), places)
        };
        let (want, places) = forward(&|job| plain(job));
        let backward = |accumulate, run: &dyn Fn(MaximaVjp<'_, T>)| {
            let mut out = if accumulate { start.clone() } else { vec![T::nan(); x.len()] };
            run(MaximaVjp { axes, places: &places, g: &g, out: &mut out, accumulate });
            out
        };
        for instructions in Instructions::here() {
            for threads in [1, 3] {
                let got = forward(&|job| maxima(instructions, threads, job));
                assert_eq!(got, (want.clone(), places.clone()), "{instructions:?} {axes:?}");
                for accumulate in [false, true] {
                    let want = backward(accumulate, &|job| plain_vjp(job));
                    let got = backward(accumulate, &|job| maxima_vjp(instructions, threads, job));
                    assert_eq!(got, want, "{instructions:?} {axes:?} {accumulate}");
                }
            }
        }
    }
}

#[test]
fn single_maxima_agree() {
    maxima_agree::<f32>();
}

#[test]
fn double_maxima_agree() {
    maxima_agree::<f64>();
}
