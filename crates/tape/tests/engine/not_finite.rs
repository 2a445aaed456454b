//! What an error says of a NaN or an infinity: the number, what it was made of, and the nodes that led there.

use std::panic::{AssertUnwindSafe, catch_unwind};

use ndarray::{Array2, array};
use tape::{Error, ErrorKind, Scalar, Tape, Tensor};

/// The text without the lines of this file, and without more blanks than one.
fn plain(text: &str) -> Vec<String> {
    let lines = text.lines().map(|line| {
        let line = line.split(" (at ").next().unwrap().split("  crates").next().unwrap();
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    });
    lines.collect()
}

fn panic_text<V>(work: impl FnOnce() -> V) -> String {
    let panic = catch_unwind(AssertUnwindSafe(work)).map(drop).unwrap_err();
    panic.downcast_ref::<String>().unwrap().clone()
}

fn checked() -> Tape<f64> {
    let tape = Tape::new();
    tape.check_finite(true);
    tape
}

fn fault<'t>(tape: &'t Tape<f64>, of: Tensor<'t>) -> Error {
    tape.nodes().nth(of.node_id().index()).unwrap().fault().unwrap()
}

#[test]
fn columns_stand_below_one_another() {
    let tape = checked();
    let x = tape.tensor(array![[2.0, -800.0, 1.0], [0.0, 0.5, 1.0]]).named("x");
    let y = x.softmax(1);
    let (text, line) = (panic_text(|| y.ln()), line!());
    let file = file!();
    let wanted = format!(
        "check_finite: ln of [2, 3] made -inf at index [0, 1] (1 of 6 numbers is not finite), where the operand is 0 (at {file}:{line})\n\
         \x20 %2 = ln %1         [2, 3]  -inf … -0.3133, 1 of 6 not finite (-inf at [0, 1])  {file}:{line}\n\
         \x20 └ %1 = softmax %0  [2, 3]  0 … 0.7311 (0 at [0, 1])                            {file}:{}\n\
         \x20   └ %0 = leaf \"x\"  [2, 3]  -800 … 2 (-800 at [0, 1])                           {file}:{}",
        line - 1,
        line - 2
    );
    assert_eq!(text, wanted, "\n{text}\n{wanted}");
}

#[test]
fn scalars_say_what_they_were_made_of() {
    let tape = checked();
    let (x, y) = (tape.scalar(3.0).named("x"), tape.scalar(3.0).named("y"));
    let difference = x - y;
    assert_eq!(
        plain(&panic_text(|| 1.0 / difference)),
        [
            "check_finite: div of 1 and 0 made inf",
            "%3 = div 1, %2 inf",
            "└ %2 = sub %0, %1 0",
            "└ %0 = leaf \"x\" 3"
        ]
    );
    assert_eq!(
        plain(&panic_text(|| tape.scalar(f64::NAN).named("z"))),
        ["check_finite: leaf holds NaN", "%4 = leaf NaN"]
    );
}

/// The operand to blame is not always the greatest: a divisor of 0 is less than what it divides.
#[test]
fn the_path_takes_the_operand_that_explains_most() {
    let tape = Tape::<f64>::new();
    let leaf = |numbers: [f64; 2], name| tape.tensor(([2], numbers.to_vec())).named(name);
    let (large, zero, endless) =
        (leaf([7.0, 5.0], "large"), leaf([1.0, 0.0], "zero"), leaf([1.0, f64::INFINITY], "endless"));
    let end = |y: Tensor<'_>| {
        let error = fault(&tape, y);
        error.path().unwrap().steps().last().unwrap().name.clone().unwrap()
    };
    assert_eq!(end(large / zero), "zero");
    assert_eq!(end(zero * endless), "endless");
    assert_eq!(end(endless - large), "endless");
    assert_eq!(end(zero.ln() + large), "zero");
    assert_eq!(end(large.stack_with(zero.ln())), "zero");
    // Of a product that is too great, the greater factor.
    let (great, greater) = (leaf([1e160, 1e160], "great"), leaf([1e170, 1e170], "greater"));
    assert_eq!(end(great * greater), "greater");
    // Of a matrix product with a NaN in the right factor, that.
    let (a, b) =
        (tape.tensor(array![[1e9, 2e9]]).named("a"), tape.tensor(array![[1.0], [f64::NAN]]).named("b"));
    assert_eq!(end(a.matmul(b)), "b");
    // Labels cannot be ones: the other operand is taken.
    let indexed = leaf([f64::NAN, 1.0], "table").gather(0, tape.constant(array![0.0, 0.0]).named("rows"));
    assert_eq!(end(indexed), "table");
}

trait Beside<'t> {
    fn stack_with(self, other: Tensor<'t>) -> Tensor<'t>;
}

impl<'t> Beside<'t> for Tensor<'t> {
    fn stack_with(self, other: Tensor<'t>) -> Tensor<'t> {
        Tensor::concat(&[self, other], 0)
    }
}

/// A number keeps its place through elementwise operations, broadcasts and views.
#[test]
fn the_path_follows_one_number() {
    let tape = Tape::<f64>::new();
    let row = tape.tensor(array![4.0, 0.0, 9.0]).named("row");
    let y = (tape.constant(Array2::ones((2, 3))) / row).reshape(&[6]).exp();
    let lines = plain(&fault(&tape, y).to_string());
    let first = "check_finite: exp of [6] made inf at index [1] (2 of 6 numbers are not finite), where the operand is inf";
    assert_eq!(lines[0], first);
    assert_eq!(lines[4], "└ %0 = leaf \"row\" [3] 0 … 9 (0 at [1])");
}

#[test]
fn other_operations_show_the_range_of_their_operands() {
    let tape = checked();
    let (a, b) = (tape.tensor(array![[1e200, 1.0]]), tape.tensor(array![[1e200, -0.5], [1.0, 2.0]]));
    assert_eq!(
        plain(&panic_text(|| a.matmul(b)))[0],
        "check_finite: matmul of [1, 2] and [2, 2] made inf at index [0, 0] (1 of 2 numbers is not finite); \
         the operands are 1 … 1e200 and -0.5 … 1e200"
    );
}

#[test]
fn a_long_path_is_shown_at_both_ends() {
    let tape = checked();
    let x = tape.scalar(1.0).named("x");
    let y = (0..1_000_000).fold(x, |y, _| y * 1.0);
    let text = panic_text(|| (y - 1.0).ln());
    let lines = plain(&text);
    assert_eq!(lines.len(), 1 + 6 + 1 + 6);
    assert_eq!(lines[7], "… 999991 more …");
    assert_eq!(lines[13], "└ %0 = leaf \"x\" 1");
    assert!(text.lines().all(|line| line.chars().count() < 140), "{text}");

    let tape = Tape::<f64>::new();
    let x = tape.scalar(0.0);
    let y = (0..20).fold(x, |y, _| y + 0.0).ln();
    let error = tape.nodes().nth(y.node_id().index()).unwrap().fault().unwrap();
    let path = error.path().unwrap();
    assert_eq!((path.nodes().len(), path.steps().len()), (22, 12));
    assert_eq!(path.origin(), y.node_id());
    assert!(path.nodes().iter().map(|node| node.index()).eq((0..22).rev()));
}

#[test]
fn a_gradient_is_followed_from_the_output() {
    let tape = checked();
    let x = tape.tensor(array![4.0, 0.0]).named("x");
    let (root, line) = (x.sqrt(), line!());
    let loss = (root * 3.0).mean();
    let error = loss.try_backward().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFinite);
    assert_eq!(error.location().unwrap().line(), line);
    assert_eq!(error.path().unwrap().origin(), root.node_id());
    assert_eq!(
        plain(&error.to_string()),
        [
            "check_finite: sqrt of [2] sent back a gradient of inf to leaf \"x\" of [2] at index [1] \
             (1 of 2 numbers is not finite): local inf × upstream 1.5",
            "%3 = mean %2 upstream 1",
            "└ %2 = mul %1, 3 [2] upstream all 0.5 (0.5 at [1]), local all 3 (3 at [1])",
            "└ %1 = sqrt %0 [2] upstream all 1.5 (1.5 at [1]), local 0.25 … inf, 1 of 2 not finite (inf at [1])",
            "└ %0 = leaf \"x\" [2] gradient 0.375 … inf, 1 of 2 not finite (inf at [1])",
        ]
    );
    // The same where only some gradients are wanted, so that those on the way are given back.
    let only = loss.try_backward_for([x.node_id()]).unwrap_err();
    assert_eq!(only.to_string(), error.to_string());
}

#[test]
fn a_gradient_comes_by_the_heaviest_way() {
    let tape = checked();
    let x = tape.scalar(1e-250).named("x");
    let y = x * 1e100;
    let (light, heavy) = (y * 2.0, (y * 1e200).named("heavy"));
    let error = (heavy * 1e100 + light).try_backward().unwrap_err();
    assert_eq!(
        plain(&error.to_string()),
        [
            "check_finite: mul sent back a gradient of inf to leaf \"x\": local 1e100 × upstream 1e300",
            "%5 = add %4, %2 upstream 1, local 1",
            "└ %4 = mul %3, 1e100 upstream 1, local 1e100",
            "└ %3 = mul %1, 1e200 \"heavy\" upstream 1e100, local 1e200",
            "└ %1 = mul %0, 1e100 upstream 1e300, local 1e100",
            "└ %0 = leaf \"x\" gradient inf",
        ]
    );
}

/// The spread operand of a sum of copies: the copy that the bad number came by is the one shown.
#[test]
fn a_broadcast_gradient_names_the_copy() {
    let tape = checked();
    let row = tape.tensor(array![1.0, 0.0]).named("row");
    let weights = tape.constant(array![[0.0, 0.0], [0.0, 2.0]]);
    let y = row.broadcast_to(&[2, 2]).sqrt() * weights;
    let error = y.sum().try_backward().unwrap_err();
    let text = plain(&error.to_string());
    assert_eq!(
        text[0],
        "check_finite: sqrt of [2, 2] sent back a gradient of inf to broadcast_to of [2, 2] at index [1, 1] \
         (1 of 4 numbers is not finite): local inf × upstream 2"
    );
    let both = tape.tensor(array![[1e300, 1.0], [1.0, 1e300]]);
    let error = (both * row).try_backward_with(array![[1.0, 1.0], [0.0, 1e10]]).unwrap_err();
    let text = plain(&error.to_string());
    assert!(
        text[0].contains("leaf \"row\" of [2] at index [1]")
            && text[0].ends_with("local 1e300 × upstream 1e10"),
        "{text:?}"
    );
}

#[test]
fn what_is_not_checked_is_as_it_was() {
    let tape = Tape::<f64>::new();
    let x = tape.tensor(array![0.0, 1.0]);
    let y = x.ln().sqrt().sum();
    assert!(y.value().is_nan() && y.backward().wrt(x).iter().all(|g| !g.is_finite()));
    let faults: Vec<_> = tape.nodes().map(|node| node.fault().is_some()).collect();
    assert_eq!(faults, [false, true, true, true]);
    let _: Scalar<'_> = y;
}
