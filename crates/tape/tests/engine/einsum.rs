//! Einstein's summation, against its definition.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tape::{Dual, ErrorKind, Tape, Tensor};

/// Numbers that are all different.
fn numbers(n: usize, seed: usize) -> Vec<f64> {
    (0..n).map(|k| ((k * 37 + seed * 101 + 11) % 127) as f64 / 32.0 - 2.0).collect()
}

/// The sum by its definition: over all values of all labels. `terms` has the labels of each operand, `out` of the output;
/// an operand of extent 1 stays.
fn definition(terms: &[&str], out: &str, operands: &[(Vec<usize>, Vec<f64>)]) -> Vec<f64> {
    let mut extents = BTreeMap::new();
    for (term, (shape, _)) in terms.iter().zip(operands) {
        for (label, &extent) in term.chars().zip(shape) {
            let known = extents.entry(label).or_insert(extent);
            *known = if *known == 1 { extent } else { *known };
        }
    }
    let labels: Vec<(char, usize)> = extents.iter().map(|(&label, &extent)| (label, extent)).collect();
    let at = |term: &str, shape: &[usize], values: &BTreeMap<char, usize>| {
        term.chars().zip(shape).fold(0, |at, (label, &n)| at * n + if n == 1 { 0 } else { values[&label] })
    };
    let shape: Vec<usize> = out.chars().map(|label| extents[&label]).collect();
    let mut sums = vec![0.0; shape.iter().product()];
    for mut point in 0..labels.iter().map(|(_, extent)| extent).product() {
        let mut values = BTreeMap::new();
        for &(label, extent) in &labels {
            values.insert(label, point % extent);
            point /= extent;
        }
        let product: f64 =
            terms.iter().zip(operands).map(|(term, (shape, data))| data[at(term, shape, &values)]).product();
        sums[at(out, &shape, &values)] += product;
    }
    sums
}

fn close(got: impl IntoIterator<Item = f64>, want: &[f64], what: &str) {
    let got: Vec<f64> = got.into_iter().collect();
    assert_eq!(got.len(), want.len(), "{what}");
    for (got, want) in got.iter().zip(want) {
        assert!((got - want).abs() <= 1e-12 * (1.0 + want.abs()), "{what}: {got}, {want}");
    }
}

/// Value and gradients of an equation without an ellipsis, with an output: it is linear in each operand, so that the derivative in an
/// element is the value with that element at 1 and its neighbours at 0.
fn agrees(equation: &str, shapes: &[&[usize]]) {
    let (terms, out) = equation.split_once("->").unwrap();
    let terms: Vec<&str> = terms.split(',').collect();
    let operands: Vec<(Vec<usize>, Vec<f64>)> = shapes
        .iter()
        .enumerate()
        .map(|(k, shape)| (shape.to_vec(), numbers(shape.iter().product(), k)))
        .collect();
    let want = definition(&terms, out, &operands);
    let tape = Tape::<f64>::new();
    let leaves: Vec<Tensor<'_>> =
        operands.iter().map(|(shape, data)| tape.tensor((&shape[..], data.clone()))).collect();
    let y = Tensor::einsum(equation, &leaves);
    close(y.value().iter().copied(), &want, equation);
    let seed = numbers(want.len(), 9);
    let grads = y.backward_with((y.shape(), seed.clone()));
    for (k, leaf) in leaves.iter().enumerate() {
        let derivative = |element: usize| -> f64 {
            let mut one = operands.clone();
            one[k].1.fill(0.0);
            one[k].1[element] = 1.0;
            definition(&terms, out, &one).iter().zip(&seed).map(|(y, g)| y * g).sum()
        };
        let want: Vec<f64> = (0..operands[k].1.len()).map(derivative).collect();
        assert_eq!(grads.wrt(*leaf).shape(), &operands[k].0[..], "{equation}: operand {k}");
        close(grads.wrt(*leaf).iter().copied(), &want, &format!("{equation}: gradient in operand {k}"));
    }
}

#[test]
fn every_kind_of_sum() {
    agrees("ij->ij", &[&[2, 3]]);
    agrees("ij->ji", &[&[2, 3]]);
    agrees("ij->", &[&[2, 3]]);
    agrees("ijk->ki", &[&[2, 3, 4]]);
    agrees("ii->i", &[&[3, 3]]);
    agrees("ii->", &[&[3, 3]]);
    agrees("iijj->ji", &[&[2, 2, 3, 3]]);
    agrees("ijiki->jk", &[&[2, 3, 2, 4, 2]]);
    agrees("i,i->", &[&[4], &[4]]);
    agrees("i,j->ij", &[&[4], &[3]]);
    agrees("i,j->ji", &[&[4], &[3]]);
    agrees("i,j->", &[&[4], &[3]]);
    agrees("ij,ij->ij", &[&[2, 3], &[2, 3]]);
    agrees("ij,ji->ij", &[&[2, 3], &[3, 2]]);
    agrees("ij,ij->i", &[&[2, 3], &[2, 3]]);
    agrees("ij,ij->", &[&[2, 3], &[2, 3]]);
    agrees("ij,jk->ik", &[&[2, 3], &[3, 4]]);
    agrees("ij,jk->ki", &[&[2, 3], &[3, 4]]);
    agrees("ji,jk->ik", &[&[3, 2], &[3, 4]]);
    agrees("ij,kj->ik", &[&[2, 3], &[4, 3]]);
    agrees("ji,kj->ik", &[&[3, 2], &[4, 3]]);
    agrees("ij,j->i", &[&[2, 3], &[3]]);
    agrees("i,ij->j", &[&[2], &[2, 3]]);
    agrees("bij,bjk->bik", &[&[2, 3, 4], &[2, 4, 5]]);
    agrees("bij,bjk->ik", &[&[2, 3, 4], &[2, 4, 5]]);
    agrees("bij,jk->bik", &[&[2, 3, 4], &[4, 5]]);
    agrees("bhid,bhjd->bhij", &[&[2, 3, 4, 2], &[2, 3, 5, 2]]);
    agrees("bihd,bjhd->bhij", &[&[2, 4, 3, 2], &[2, 5, 3, 2]]);
    agrees("ijk,kji->", &[&[2, 3, 4], &[4, 3, 2]]);
    agrees("iij,jk->k", &[&[2, 2, 3], &[3, 4]]);
    agrees("ijl,jkm->ik", &[&[2, 3, 2], &[3, 4, 3]]);
    agrees("i,ij,j->", &[&[2], &[2, 3], &[3]]);
    agrees("ij,jk,kl->il", &[&[2, 3], &[3, 4], &[4, 5]]);
    agrees("ij,ik,il->jkl", &[&[2, 3], &[2, 4], &[2, 5]]);
    agrees("ij,ij,ij->j", &[&[2, 3], &[2, 3], &[2, 3]]);
    agrees("a,ab,bc,cd,d->", &[&[2], &[2, 3], &[3, 2], &[2, 4], &[4]]);
    agrees(",i->i", &[&[], &[3]]);
    agrees(",->", &[&[], &[]]);
    agrees("->", &[&[]]);
}

#[test]
fn extents_of_nothing_and_of_one() {
    agrees("ij,jk->ik", &[&[2, 0], &[0, 3]]);
    agrees("ij,jk->ik", &[&[0, 2], &[2, 3]]);
    agrees("ij->i", &[&[2, 0]]);
    agrees("ij,jk->ik", &[&[1, 1], &[1, 1]]);
    agrees("ij,jk->ik", &[&[2, 1], &[3, 4]]);
    agrees("ij,ij->", &[&[1, 3], &[2, 1]]);
    agrees("bij,bjk->ik", &[&[1, 3, 4], &[2, 4, 5]]);
}

/// The same tensor in several places.
#[test]
fn a_repeated_operand() {
    let tape = Tape::<f64>::new();
    let x = tape.tensor(([3, 3], numbers(9, 1)));
    let y = Tensor::einsum("ij,jk,ki->", &[x, x, x]);
    let cube = x.matmul(x).matmul(x).diagonal(0, 1).sum();
    close(y.value().iter().copied(), &[cube.value()], "the trace of a cube");
    let want: Vec<f64> = cube.backward().wrt(x).iter().copied().collect();
    close(y.to_scalar().backward().wrt(x).iter().copied(), &want, "its gradient");
}

/// The gradient of `tr X³` is `3 (X²)ᵀ`; along `U` it changes by `3 (U X + X U)ᵀ`.
#[test]
fn derivatives_of_the_second_order() {
    let (x, u) = (numbers(9, 1), numbers(9, 2));
    let tape = Tape::<Dual<f64>>::new();
    let duals: Vec<_> = x.iter().zip(&u).map(|(&x, &u)| Dual::new(x, u)).collect();
    let leaf = tape.tensor(([3, 3], duals));
    let grads = Tensor::einsum("ij,jk,ki->", &[leaf, leaf, leaf]).to_scalar().backward();
    let product = |a: &[f64], b: &[f64], i: usize, j: usize| -> f64 {
        (0..3).map(|k| a[3 * i + k] * b[3 * k + j]).sum()
    };
    let at = (0..3).flat_map(|j| (0..3).map(move |i| (i, j)));
    let first: Vec<f64> = at.clone().map(|(i, j)| 3.0 * product(&x, &x, i, j)).collect();
    let second: Vec<f64> = at.map(|(i, j)| 3.0 * (product(&u, &x, i, j) + product(&x, &u, i, j))).collect();
    close(grads.wrt(leaf).iter().map(|g| g.value), &first, "the gradient");
    close(grads.wrt(leaf).iter().map(|g| g.tangent), &second, "its derivative");
}

#[test]
fn an_ellipsis_and_an_output_that_is_not_written() {
    let tape = Tape::<f64>::new();
    let leaf = |shape: &[usize], seed| tape.tensor((shape, numbers(shape.iter().product(), seed)));
    let same = |equation: &str, operands: &[Tensor<'_>], written: &str, shaped: &[Tensor<'_>]| {
        let (y, want) = (Tensor::einsum(equation, operands), Tensor::einsum(written, shaped));
        let want = want.reshape(&y.shape().iter().map(|n| n.cast_signed()).collect::<Vec<_>>());
        assert_eq!(y.value(), want.value(), "{equation}");
    };
    let (a, b) = (leaf(&[2, 3, 4, 5], 1), leaf(&[2, 3, 5, 6], 2));
    same("...ij,...jk->...ik", &[a, b], "abij,abjk->abik", &[a, b]);
    same("...ij,...jk", &[a, b], "abij,abjk->abik", &[a, b]);
    same(" ... i j , ... j k -> i k ", &[a, b], "abij,abjk->ik", &[a, b]);
    same("i...->...i", &[a], "iabc->abci", &[a]);
    same("i...j->ji...", &[a], "iabj->jiab", &[a]);
    same("...->...", &[a], "abcd->abcd", &[a]);
    same("...ij->...", &[a], "abij->ab", &[a]);
    let (c, d) = (leaf(&[3, 4, 5], 3), leaf(&[5, 6], 4));
    let e = leaf(&[3, 5, 4], 5);
    same("...ij,...jk->...ik", &[a, e], "abij,bjk->abik", &[a, e]);
    same("...ij,...jk->...ik", &[c, d], "bij,jk->bik", &[c, d]);
    let one = leaf(&[2, 1, 5, 6], 5);
    same("...ij,...jk->...ik", &[a, one], "abij,ajk->abik", &[a, one.reshape(&[2, 5, 6])]);
    same("ba", &[d], "ba->ab", &[d]);
    same("ij,jk", &[d, leaf(&[6, 2], 6)], "ij,jk->ik", &[d, leaf(&[6, 2], 6)]);
    same("iB,A", &[d, leaf(&[2], 6)], "ib,a->abi", &[d, leaf(&[2], 6)]);
    same("ii", &[leaf(&[3, 3], 7)], "ii->", &[leaf(&[3, 3], 7)]);
}

#[test]
fn what_is_wrong_is_named() {
    let tape = Tape::<f64>::new();
    let leaf = |shape: &[usize]| tape.tensor((shape, vec![1.0; shape.iter().product()]));
    let (a, b) = (leaf(&[2, 3]), leaf(&[4, 5]));
    let fails = |equation: &str, operands: &[Tensor<'_>], kind: ErrorKind, why: &str| {
        let (error, line) = (Tensor::try_einsum(equation, operands).unwrap_err(), line!());
        assert_eq!(error.kind(), kind, "{error}");
        let shapes: Vec<String> = operands.iter().map(|x| format!("{:?}", x.shape())).collect();
        let shapes = if shapes.is_empty() { String::new() } else { format!("{}: ", shapes.join(" × ")) };
        let at = format!("(at crates/tape/tests/engine/einsum.rs:{line})");
        assert_eq!(error.to_string(), format!("einsum \"{equation}\": {shapes}{why} {at}"));
    };
    let (shape, value) = (ErrorKind::Shape, ErrorKind::Value);
    fails("ij,jk->ik", &[a, b], shape, "label j stands for 3, and for 4 in operand 1");
    fails("...i,...i", &[a, b], shape, "axis -1 of the ellipsis stands for 2, and for 4 in operand 1");
    fails("ii->i", &[a], shape, "label i stands for 2 and for 3 in operand 0");
    fails("ij,jk->ik", &[a], value, "it has 2 operands, and 1 are given");
    fails("", &[], value, "it has 1 operands, and 0 are given");
    fails("ijk->", &[a], shape, "operand 0 has 3 labels for 2 axes");
    fails("i->", &[a], shape, "operand 0 has 1 labels for 2 axes");
    fails("...ijk->", &[a], shape, "operand 0 has 3 labels for 2 axes");
    fails("ij->k", &[a], value, "label k of the output is in no operand");
    fails("ij->ii", &[a], value, "label i stands in the output twice");
    fails("i1->", &[a], value, "'1' is no label: labels are letters from a to z and from A to Z");
    fails("i.j->", &[a], value, "'.' is no label: labels are letters from a to z and from A to Z");
    fails("......->", &[a], value, "...... has more than one ellipsis");
    fails("ij->i->j", &[a], value, "'-' is no label: labels are letters from a to z and from A to Z");
    let other = Tape::<f64>::new();
    let error = Tensor::try_einsum("i,i->", &[leaf(&[1]), other.tensor(([1], vec![1.0]))]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WrongTape);
    assert!(error.to_string().starts_with("einsum \"i,i->\": "), "{error}");
}

proptest! {
    /// Equations at random over five labels, of which an operand may have some twice.
    #[test]
    fn any_equation(
        terms in prop::collection::vec(prop::collection::vec(0usize..5, 0..4), 1..4),
        out in Just((0usize..5).collect::<Vec<_>>()).prop_shuffle(),
        kept in any::<[bool; 5]>(),
    ) {
        let (letters, extents) = (['a', 'b', 'c', 'd', 'e'], [2, 3, 1, 2, 4]);
        let write = |term: &[usize]| term.iter().map(|&label| letters[label]).collect::<String>();
        let present = |label: &usize| kept[*label] && terms.iter().flatten().any(|other| other == label);
        let out: Vec<usize> = out.into_iter().filter(present).collect();
        let written: Vec<String> = terms.iter().map(|term| write(term)).collect();
        let shapes: Vec<Vec<usize>> =
            terms.iter().map(|term| term.iter().map(|&label| extents[label]).collect()).collect();
        let shapes: Vec<&[usize]> = shapes.iter().map(Vec::as_slice).collect();
        agrees(&format!("{}->{}", written.join(","), write(&out)), &shapes);
    }
}
