//! The gradient checker on operations of a user's own: right, wrong, dropped, kinked.

use std::cell::Cell;

use ndarray::{ArrayD, array};
use tape::{
    Check, Element, Error, ErrorKind, Forward, Place, Recorded, Shape, Tensor, TensorOp, View, Vjp,
    check_gradients, check_second_order,
};

/// `y = f(x)`, number by number, with whatever is said to be its derivative.
#[derive(Clone, Copy)]
struct Mine<V, D> {
    name: &'static str,
    value: V,
    derivative: D,
    /// A derivative of its own for the vjp in place.
    in_place: Option<D>,
}

fn mine<V, D>(name: &'static str, value: V, derivative: D) -> Mine<V, D> {
    Mine { name, value, derivative, in_place: None }
}

impl<T: Element, V: Fn(T) -> T, D: Fn(T) -> Option<T>> TensorOp<T> for Mine<V, D> {
    fn name(&self) -> &str {
        self.name
    }
    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        Ok(inputs[0].shape.into())
    }
    fn forward(&self, pass: Forward<'_, T>) {
        pass.output.iter_mut().zip(pass.inputs[0].data).for_each(|(y, &x)| *y = (self.value)(x));
    }
    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (x, upstream) = (pass.input(0).data, pass.upstream());
        // An operation that forgets its gradient does not even ask for the place.
        if x.iter().all(|&x| (self.derivative)(x).is_none()) {
            return;
        }
        if let Some(downstream) = pass.downstream(0) {
            downstream.add(|k| (self.derivative)(x[k]).unwrap_or(T::zero()) * upstream[k]);
        }
    }
    fn vjp_in_place(&self, _: usize, recorded: Recorded<'_, T>, gradient: &mut [T]) -> bool {
        let Some(derivative) = &self.in_place else { return false };
        let x = recorded.inputs[0].data;
        gradient.iter_mut().zip(x).for_each(|(g, &x)| *g = derivative(x).unwrap_or(T::zero()) * *g);
        true
    }
}

fn apply<T: Element>(operation: impl TensorOp<T> + 'static, x: Tensor<'_, T>) -> Tensor<'_, T> {
    x.tape().apply(operation, &[x]).unwrap()
}

fn inputs() -> [ArrayD<f64>; 2] {
    [array![0.5, -1.5].into_dyn(), array![[0.25, -0.75, 1.25], [2.0, -3.0, 0.125]].into_dyn()]
}

fn cube(x: f64) -> f64 {
    x * x * x
}

#[allow(clippy::unnecessary_wraps, reason = "as `Mine` wants it")]
fn slope(x: f64) -> Option<f64> {
    Some(3.0 * x * x)
}

#[test]
fn a_right_gradient_passes_to_many_digits() {
    let report = Check::new()
        .full()
        .tolerance(1e-9)
        .gradients(&|x| apply(mine("cube", cube, slope), x[1]).sum() * x[0].sum(), &inputs());
    let report = report.unwrap();
    assert_eq!((report.checked, report.kinks.len()), (8, 0));
    let worst = report.worst.unwrap();
    assert!(worst.difference() < 1e-9 && worst.step > 0.0, "{worst}");
    assert_eq!(worst.operation, "mul");
}

#[test]
fn a_wrong_gradient_is_named() {
    let wrong = |x: f64| Some(if x == -3.0 { 2.0 * x * x } else { 3.0 * x * x });
    for check in [Check::new(), Check::new().directions(2).seed(5)] {
        let error = check
            .gradients(
                &|x| (apply(mine("wrong_cube", cube, wrong), x[1].named("w")) * x[0].sum()).sum(),
                &inputs(),
            )
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Gradient);
        let text = error.to_string();
        for part in [
            "check_gradients: a derivative is wrong: input 1 \"w\" at [1, 1] of sum: analytic -18, numeric -2",
            "; the fault is in wrong_cube (node %",
            "check.rs:",
            ", operand 0: by its vjp ",
        ] {
            assert!(text.contains(part), "{part:?} is not in {text}");
        }
    }
}

#[test]
fn a_gradient_that_is_wrong_in_place_only() {
    let operation = Mine {
        in_place: Some((|_| Some(1.0)) as fn(f64) -> Option<f64>),
        ..mine("cube", cube, slope as fn(f64) -> Option<f64>)
    };
    let error = check_gradients(&|x| apply(operation, x[0] * 1.0).sum(), &inputs()[..1]).unwrap_err();
    let text = error.to_string();
    let wanted = "check_gradients: the derivative in input 0 at [0] is 0.75 with all gradients kept, 1 with those of the \
                  inputs alone; the fault is in cube (node %";
    assert!(text.starts_with(wanted), "{text}");
    assert!(text.contains("operand 0: by its vjp_in_place "), "{text}");
}

#[test]
fn a_dropped_gradient_is_called_that() {
    let error = check_gradients(&|x| apply(mine("forgetful", cube, |_| None), x[0]).sum(), &inputs()[..1])
        .unwrap_err();
    let text = error.to_string();
    let wanted = "check_gradients: a derivative is dropped: it is 0 where the difference quotient is not: input 0 at [0] \
                  of sum: analytic 0, numeric 0.75";
    assert!(text.starts_with(wanted), "{text}");
    assert!(text.contains("the fault is in forgetful (node %1, at "), "{text}");
}

#[test]
fn a_kink_is_no_fault() {
    let at_kink = [array![0.0, 1.0, -1.0].into_dyn()];
    let rectifier = mine("rectifier", |x: f64| x.max(0.0), |x: f64| Some(f64::from(u8::from(x > 0.0))));
    let report = check_gradients(&|x| apply(rectifier, x[0]).sum(), &at_kink).unwrap();
    assert_eq!((report.checked, report.kinks.len()), (3, 1));
    assert_eq!(report.kinks[0].place, Place::Element { input: 0, name: None, index: vec![0] });
    assert!(
        report.to_string().contains("a kink: input 0 at [0] of sum: analytic 0, numeric 0.5"),
        "{report}"
    );
}

#[test]
fn what_cannot_be_checked_says_so() {
    let text = |result: Result<_, Error>| -> String {
        let result: Result<tape::Report, Error> = result;
        result.unwrap_err().to_string()
    };
    let zero = [array![0.0].into_dyn()];
    let line = text(check_gradients(&|x| x[0].cbrt().sum(), &zero));
    assert!(line.contains("a derivative is no finite number: input 0 at [0] of sum: analytic inf"), "{line}");
    let root = mine("root", f64::cbrt, |_| Some(1.0));
    let line = text(check_gradients(&|x| apply(root, x[0]).sum(), &zero));
    assert!(line.contains("the difference quotients have no limit: input 0 at [0]"), "{line}");
    let line = text(check_gradients(&|x| x[0].ln().sum(), &[array![-1.0].into_dyn()]));
    assert!(line.contains("the function is NaN at the inputs: there is nothing to check"), "{line}");
    let line = text(check_gradients(&|x| x[0].ln().exp().sum(), &zero));
    assert!(
        line.contains("the function has no finite values around input 0 at [0]: take other inputs"),
        "{line}"
    );
    let calls = Cell::new(0.0);
    let line = text(check_gradients(
        &|x| {
            calls.set(calls.get() + 1.0);
            x[0].sum() * calls.get() + 1.0
        },
        &[array![1.0].into_dyn()],
    ));
    assert!(line.contains("the function is 2 and then 3 at the same inputs"), "{line}");
}

#[test]
fn a_function_that_depends_on_nothing() {
    let report = check_gradients(&|_| tape::Scalar::constant(2.0), &inputs()).unwrap();
    assert_eq!((report.checked, report.worst.map(|worst| worst.operation)), (8, Some("constant".to_owned())));
}

/// Written for all elements, it has derivatives of every order; the first is right in both.
struct Square {
    honest: bool,
}

impl<T: Element> TensorOp<T> for Square {
    fn name(&self) -> &str {
        "square"
    }
    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        Ok(inputs[0].shape.into())
    }
    fn forward(&self, pass: Forward<'_, T>) {
        pass.output.iter_mut().zip(pass.inputs[0].data).for_each(|(y, &x)| *y = x * x * x);
    }
    fn vjp(&self, pass: &mut Vjp<'_, T>) {
        let (x, upstream) = (pass.input(0).data, pass.upstream());
        let factor = |x: T| if self.honest { x } else { T::of(x.to_f64().unwrap()) };
        if let Some(downstream) = pass.downstream(0) {
            downstream.add(|k| T::of(3.0) * factor(x[k]) * x[k] * upstream[k]);
        }
    }
}

#[test]
fn second_order_of_an_operation_of_ones_own() {
    let inputs = inputs();
    for check in [Check::new(), Check::new().directions(3)] {
        let report = check.second_order(
            &|x| (apply(Square { honest: true }, x[1]) * x[0].sum()).tanh().sum() * 2.0,
            &inputs,
        );
        let report = report.unwrap();
        assert!(report.checked >= 3 && report.kinks.is_empty(), "{report}");
    }
    check_gradients(&|x| apply(Square { honest: false }, x[1]).sum(), &inputs).unwrap();
    let error =
        check_second_order(&|x| apply(Square { honest: false }, x[1].named("w")).sum(), &inputs).unwrap_err();
    let text = error.to_string();
    let wanted = "check_second_order: a derivative is wrong: input 1 \"w\" at [0, 0] of sum: analytic 0.75, numeric 1.";
    assert!(text.contains(wanted), "{text}");
}

/// Many numbers: directions find what is wrong in one of them.
#[test]
fn one_wrong_number_among_many() {
    let many = [ArrayD::from_shape_fn(vec![30, 40], |index| (index[0] * 40 + index[1]) as f64 * 0.001)];
    let wrong = |x: f64| Some(if x == 0.777 { 0.0 } else { 3.0 * x * x });
    let error = check_gradients(&|x| apply(mine("cube", cube, wrong), x[0]).sum(), &many).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("dropped: it is 0 where the difference quotient is not: input 0 at [19, 17]"),
        "{text}"
    );
}
