//! The fast products against the plain ones, by every set of instructions and any number of threads.

use super::fast::{product, scratch_len};
use super::{Geometry, Job, Product, Start, plain};
use crate::kernels::gemm::arch::Instructions;
use crate::kernels::vectors::Vectors;
use crate::kernels::windows::Axis;

fn axis(input: usize, kernel: usize, stride: usize, padding: usize, dilation: usize) -> Axis {
    let axis = Axis { input, output: 0, kernel, stride, padding, dilation };
    Axis { output: (input + 2 * padding - axis.reach() - 1) / stride + 1, ..axis }
}

fn geometries() -> Vec<Geometry> {
    let of = |batch, groups, inputs, outputs, rows, columns| Geometry {
        batch,
        groups,
        inputs,
        outputs,
        axes: [rows, columns],
    };
    vec![
        of(2, 1, 3, 8, axis(6, 3, 1, 1, 1), axis(14, 3, 1, 1, 1)),
        of(1, 1, 2, 16, axis(5, 3, 1, 0, 1), axis(37, 2, 1, 1, 1)),
        of(3, 2, 2, 7, axis(7, 3, 2, 1, 1), axis(9, 3, 2, 1, 1)),
        of(2, 3, 1, 1, axis(5, 2, 1, 3, 2), axis(40, 3, 3, 2, 2)),
        of(2, 1, 4, 19, axis(4, 1, 1, 0, 1), axis(5, 1, 1, 0, 1)),
        of(1, 1, 40, 5, axis(4, 3, 1, 1, 1), axis(4, 3, 1, 1, 1)),
        of(2, 1, 1, 2, axis(8, 2, 3, 0, 1), axis(7, 1, 4, 0, 1)),
        of(1, 2, 3, 6, axis(1, 1, 1, 0, 1), axis(33, 5, 2, 4, 3)),
        of(2, 1, 2, 3, axis(2, 1, 2, 5, 1), axis(3, 2, 1, 6, 1)),
        of(40, 1, 2, 20, axis(9, 3, 1, 1, 1), axis(20, 3, 1, 1, 1)),
        of(0, 1, 2, 3, axis(3, 2, 1, 0, 1), axis(3, 2, 1, 0, 1)),
        of(2, 1, 0, 3, axis(3, 2, 1, 0, 1), axis(3, 2, 1, 0, 1)),
    ]
}

fn numbers<T: Vectors>(len: usize, seed: usize) -> Vec<T> {
    (0..len).map(|k| T::of(((k * 37 + seed * 11) % 41) as f64 / 8.0 - 2.5)).collect()
}

fn products_agree<T: Vectors>(tolerance: f64) {
    for geometry in &geometries() {
        let Geometry { batch, groups, inputs, outputs, .. } = *geometry;
        let [x_plane, y_plane, _] = geometry.planes();
        let x = numbers::<T>(batch * groups * inputs * x_plane, 1);
        let y = numbers::<T>(batch * groups * outputs * y_plane, 2);
        let w = numbers::<T>(geometry.weights(), 3);
        let biases = [numbers::<T>(groups * outputs, 4), numbers::<T>(groups * inputs, 5)];
        let cases = [
            (Product::Output { x: &x, w: &w }, y.len(), Some(&biases[0])),
            (Product::Input { y: &y, w: &w }, x.len(), Some(&biases[1])),
            (Product::Weight { x: &x, y: &y }, w.len(), None),
        ];
        for (factors, len, bias) in cases {
            let starts = [Some(Start::Nothing), Some(Start::Output), bias.map(|bias| Start::Channels(bias))];
            for start in starts.into_iter().flatten() {
                let of_weight = matches!(factors, Product::Weight { .. });
                let answer = |run: &dyn Fn(Job<'_, T>)| {
                    let mut out = match start {
                        Start::Output => numbers(len, 6),
                        _ => vec![T::nan(); len],
                    };
                    let mut scratch = vec![T::nan(); scratch_len::<T>(geometry, of_weight)];
                    run(Job { geometry, product: factors, start, out: &mut out, scratch: &mut scratch });
                    out
                };
                let want = answer(&|job| plain(job));
                for instructions in Instructions::here() {
                    let got = answer(&|job| product(instructions, 1, job));
                    let case = format!("{instructions:?} {geometry:?} {factors:.0?}");
                    for (k, (&a, &b)) in got.iter().zip(&want).enumerate() {
                        let scale = b.abs().to_f64().unwrap().max(100.0);
                        assert!((a - b).abs().to_f64().unwrap() <= tolerance * scale, "{k}: {a} {b} {case}");
                    }
                    for threads in [2, 5] {
                        let shared = answer(&|job| product(instructions, threads, job));
                        assert_eq!(shared, got, "{threads} threads, {case}");
                    }
                }
            }
        }
    }
}

#[test]
fn single_products_agree() {
    products_agree::<f32>(1e-5);
}

#[test]
fn double_products_agree() {
    products_agree::<f64>(1e-14);
}

/// What stands beside the windows of a tap does not get into its sum.
#[test]
fn an_infinite_number_stays_where_it_is() {
    let geometry = Geometry {
        batch: 1,
        groups: 1,
        inputs: 1,
        outputs: 1,
        axes: [axis(3, 1, 1, 0, 1), axis(5, 2, 1, 0, 1)],
    };
    let mut x = vec![1.0; 15];
    x[0] = f64::INFINITY;
    let (mut out, mut scratch) = ([f64::NAN; 2], vec![f64::NAN; scratch_len::<f64>(&geometry, true)]);
    for instructions in Instructions::here() {
        let factors = Product::Weight { x: &x, y: &[1.0; 12] };
        let (out, scratch) = (&mut out[..], &mut scratch[..]);
        product(
            instructions,
            1,
            Job { geometry: &geometry, product: factors, start: Start::Nothing, out, scratch },
        );
        assert_eq!(out, [f64::INFINITY, 12.0]);
    }
}
