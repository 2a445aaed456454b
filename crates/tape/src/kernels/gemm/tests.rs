//! Every form of a product, by every set of instructions, against the definition.

use super::*;
use crate::element::Element;
use proptest::prelude::*;

/// Small integers: every order of additions is exact.
fn numbers<T: Fast>(n: usize, seed: usize) -> Vec<T> {
    (0..n).map(|k| T::from((k * 31 + seed * 17) % 13).unwrap() - T::from(6).unwrap()).collect()
}

fn matrix<T>(data: &[T], rows: usize, columns: usize, transposed: bool) -> Matrix<'_, T> {
    if transposed { Matrix::new(data, columns, rows).t() } else { Matrix::new(data, rows, columns) }
}

const FORMS: [(bool, bool); 4] = [(false, false), (true, false), (false, true), (true, true)];

fn every_form<T: Fast + Element>(m: usize, k: usize, n: usize) {
    let (a, b, bias) = (numbers::<T>(m * k, 1), numbers::<T>(k * n, 2), numbers::<T>(n, 3));
    for (left, right) in FORMS {
        let (a, b) = (matrix(&a, m, k, left), matrix(&b, k, n, right));
        let at = |x: &Matrix<'_, T>, i: usize, j: usize| x.data[i * x.strides().0 + j * x.strides().1];
        let want: Vec<T> = (0..m * n)
            .map(|at_c| (0..k).fold(T::zero(), |sum, p| sum + at(&a, at_c / n, p) * at(&b, p, at_c % n)))
            .collect();
        let case = format!("{m} × {k} × {n}, {left} {right}");
        let mut c = vec![T::nan(); m * n];
        plain(a, b, &mut c, false);
        assert_eq!(c, want, "plain, {case}");
        for instructions in Instructions::here() {
            let product = |c: &mut [T], start: Start<'_, T>| product(instructions, 1, a, b, c, &start);
            let case = format!("{instructions:?}, {case}");
            let mut c = vec![T::nan(); m * n];
            product(&mut c, Start::Nothing);
            assert_eq!(c, want, "{case}");
            product(&mut c, Start::Output);
            assert!(c.iter().zip(&want).all(|(&c, &want)| c == want + want), "{case}, added");
            product(&mut c, Start::Row(&bias));
            assert!((0..m * n).all(|at| c[at] == want[at] + bias[at % n]), "{case}, with a bias");
        }
    }
}

#[test]
fn sizes_around_tiles_and_strips() {
    for m in [0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 17] {
        for k in [0, 1, 2, 3, 4, 15, 17, 130] {
            for n in [0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33, 65, 130] {
                every_form::<f32>(m, k, n);
                every_form::<f64>(m, k, n);
            }
        }
    }
}

#[test]
fn sizes_around_blocks() {
    for (m, k, n) in
        [(255, 3, 130), (257, 5, 20), (513, 20, 129), (20, 255, 33), (9, 257, 131), (40, 513, 140)]
    {
        every_form::<f32>(m, k, n);
        every_form::<f64>(m, k, n);
    }
    for (k, n) in [(256, 128), (257, 300), (600, 5)] {
        every_form::<f32>(1, k, n);
        every_form::<f64>(3, k, n);
    }
}

#[test]
fn a_number_does_not_hang_on_what_is_beside_it() {
    // Numbers whose sums are rounded: the product of a part is the part of the product, to the last bit.
    let number = |k: usize| 1.0 / (k % 97 + 1) as f32 - 0.1;
    let (m, k, n) = (37, 700, 75);
    let (a, b): (Vec<f32>, Vec<f32>) = ((0..m * k).map(number).collect(), (0..k * n).map(number).collect());
    let mut whole = vec![0.0; m * n];
    fast(Matrix::new(&a, m, k), Matrix::new(&b, k, n), &mut whole, &Start::Nothing);
    for rows in 1..m {
        let mut part = vec![0.0; rows * n];
        fast(Matrix::new(&a[..rows * k], rows, k), Matrix::new(&b, k, n), &mut part, &Start::Nothing);
        assert_eq!(part, whole[..rows * n], "{rows}");
    }
}

/// The bits of a product whose sums are rounded, for each number of threads.
fn bits_on<T: Fast + std::fmt::Debug>(threads: &[usize], m: usize, k: usize, n: usize) {
    let number = |k: usize| T::one() / T::from(k % 97 + 1).unwrap() - T::from(0.1).unwrap();
    let (a, b): (Vec<T>, Vec<T>) = ((0..m * k).map(number).collect(), (0..k * n).map(number).collect());
    for (left, right) in FORMS {
        for instructions in Instructions::here() {
            let product = |threads| {
                let mut c = vec![T::one(); m * n];
                let (a, b) = (matrix(&a, m, k, left), matrix(&b, k, n, right));
                product(instructions, threads, a, b, &mut c, &Start::Output);
                c
            };
            let want = product(1);
            for &threads in threads {
                assert_eq!(product(threads), want, "{m} × {k} × {n}, {threads} threads, {instructions:?}");
            }
        }
    }
}

#[test]
#[should_panic(expected = "a matrix product of inner dimensions 3 and 2")]
fn inner_dimensions_must_agree() {
    fast(Matrix::new(&[0.0; 3], 1, 3), Matrix::new(&[0.0; 2], 2, 1), &mut [0.0], &Start::Nothing);
}

#[test]
#[should_panic(expected = "a bias of 1 numbers for 2 columns")]
fn the_row_must_fit() {
    fast(Matrix::new(&[0.0; 3], 1, 3), Matrix::new(&[0.0; 6], 3, 2), &mut [0.0; 2], &Start::Row(&[0.0]));
}

proptest! {
    #[test]
    fn any_sizes(m in 0usize..40, k in 0usize..150, n in 0usize..140) {
        every_form::<f32>(m, k, n);
        every_form::<f64>(m, k, n);
    }

    #[test]
    fn the_same_bits_on_any_number_of_threads(m in 0usize..150, k in 0usize..300, n in 0usize..150) {
        bits_on::<f32>(&[2, 4], m, k, n);
        bits_on::<f64>(&[2, 4], m, k, n);
    }
}
