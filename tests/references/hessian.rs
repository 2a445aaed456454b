//! Gradients, Hessians and their products with vectors, of all cases of `hessian.json`, in every way of nesting.

use crate::common::{fixture, number, numbers, tensor};
use chainrule::prelude::*;
use chainrule::tape;
use ndarray::Array2;
use serde_json::Value;
use tape::{Dual, Element};

/// The function of a case, written once for all numbers.
fn function<'t, T: Element>(case: &Value, x: &[Scalar<'t, T>]) -> Scalar<'t, T> {
    match case["function"].as_str().unwrap() {
        "rosenbrock" => {
            x.windows(2).map(|x| 100.0 * (x[1] - x[0].square()).square() + (1.0 - x[0]).square()).sum()
        }
        "logsumexp" => {
            let greatest = x.iter().copied().fold(x[0], |max, x| max.max(x));
            greatest + x.iter().map(|&x| (x - greatest).exp()).sum::<Scalar<'_, T>>().ln()
        }
        "mlp_tanh_mse" => {
            let ((shape, data), (_, targets)) = (tensor(&case["data"]["x"]), tensor(&case["data"]["t"]));
            let (w1, b1, w2, b2) = (&x[..6], &x[6..9], &x[9..12], x[12]);
            let squares = data.chunks(shape[1]).zip(&targets).map(|(sample, &target)| {
                let hidden =
                    (0..3).map(|h| (sample[0] * w1[2 * h] + sample[1] * w1[2 * h + 1] + b1[h]).tanh());
                let output = hidden.zip(w2).map(|(h, &w)| h * w).sum::<Scalar<'_, T>>() + b2;
                (output - T::of(target)).square()
            });
            squares.sum::<Scalar<'_, T>>() * T::of(1.0 / targets.len() as f64)
        }
        "mixed" => {
            (x[0] * x[1]).sin() * x[2].exp()
                + (1.0 + x[3].square()).ln() * x[0] / (1.0 + x[1].square())
                + (x[0].square() + x[2].square() + T::one()).sqrt()
        }
        other => panic!("there is no function {other} here: the case is not covered"),
    }
}

/// Within 1e-11 of the exact value, scaled by `max(|exact|, 1e-3)`.
#[track_caller]
fn close(what: &str, case: &Value, got: f64, exact: f64) {
    assert!(
        (got - exact).abs() <= 1e-11 * exact.abs().max(1e-3),
        "{}, {what}: {got:e}, not {exact:e}",
        case["name"]
    );
}

#[track_caller]
fn all_close(what: &str, case: &Value, got: &[f64], exact: &[f64]) {
    assert_eq!(got.len(), exact.len(), "{}, {what}: as many numbers", case["name"]);
    got.iter().zip(exact).for_each(|(&got, &exact)| close(what, case, got, exact));
}

fn matrix(rows: &Value) -> Array2<f64> {
    let rows: Vec<_> = rows.as_array().unwrap().iter().map(numbers).collect();
    Array2::from_shape_fn((rows.len(), rows[0].len()), |(i, j)| rows[i][j])
}

#[test]
fn every_case() {
    let file = fixture("hessian.json");
    for case in file["cases"].as_array().unwrap() {
        let x = numbers(&case["x"]);
        let (exact_gradient, exact_hessian) = (numbers(&case["exact_grad"]), matrix(&case["exact_hessian"]));
        let (value, gradient) = tape::grad(|x| function(case, x), &x);
        close("value", case, value, number(&case["exact_value"]));
        all_close("gradient", case, &gradient, &exact_gradient);

        let hessians = [
            ("forward over reverse", tape::hessian(|x| function(case, x), &x)),
            ("reverse over reverse", tape::jacobian(|x| tape::gradient(|x| function(case, x), x), &x)),
            ("torch", matrix(&case["hessian"])),
        ];
        for (way, hessian) in &hessians {
            for (got, exact) in hessian.iter().zip(&exact_hessian) {
                close(way, case, *got, *exact);
            }
        }
        assert_eq!(hessians[0].1, hessians[0].1.t());

        for product in case["hvp"].as_array().unwrap() {
            let (v, hv) = (numbers(&product["v"]), numbers(&product["hv"]));
            all_close("hvp", case, &tape::hvp(|x| function(case, x), &x, &v), &hv);
            // Reverse over reverse: the gradient of vᵀ∇f.
            let nested = tape::vjp(|x| tape::gradient(|x| function(case, x), x), &x, &v);
            all_close("hvp by reverse over reverse", case, &nested, &hv);
            // Reverse over forward: the gradient of the derivative along v.
            let (numbers, v) = (&x, &v);
            let over_forward = tape::gradient(
                |x| {
                    let inner = Tape::new();
                    let moving = x.iter().zip(v).map(|(&x, &v)| Dual::new(x, Scalar::constant(v)));
                    let leaves: Vec<_> = moving.map(|x| inner.scalar(x)).collect();
                    function(case, &leaves).value().tangent
                },
                numbers,
            );
            all_close("hvp by reverse over forward", case, &over_forward, &hv);
        }
    }
}

/// The same function as one node on a tensor.
#[test]
fn logsumexp_of_a_tensor() {
    let file = fixture("hessian.json");
    let cases = file["cases"].as_array().unwrap().iter();
    for case in cases.filter(|case| case["function"] == "logsumexp") {
        let x = numbers(&case["x"]);
        let hessian = tape::hessian(|x| Tensor::stack(x).logsumexp(), &x);
        for (got, exact) in hessian.iter().zip(&matrix(&case["exact_hessian"])) {
            close("tensor", case, *got, *exact);
        }
    }
}

/// `[sin(x0)·x1, exp(x0·x2) + x1², x2/(1 + x0²), tanh(x0 + x1·x2)]`, for scalars and for dual numbers.
macro_rules! vec3to4 {
    ($x:expr) => {{
        let x = $x;
        vec![
            x[0].sin() * x[1],
            (x[0] * x[2]).exp() + x[1].square(),
            x[2] / (1.0 + x[0].square()),
            (x[0] + x[1] * x[2]).tanh(),
        ]
    }};
}

#[test]
fn every_jacobian() {
    let file = fixture("hessian.json");
    for case in file["jacobian_cases"].as_array().unwrap() {
        assert_eq!(case["name"], "vec3to4", "the case is not covered");
        let (x, exact) = (numbers(&case["x"]), matrix(&case["jacobian"]));
        let check = |what: &str, jacobian: &Array2<f64>| {
            assert_eq!(jacobian.dim(), exact.dim());
            jacobian.iter().zip(&exact).for_each(|(got, exact)| close(what, case, *got, *exact));
        };
        check("forward", &tape::jacobian(|x| vec3to4!(x), &x));
        let rows: Vec<_> = (0..4).flat_map(|k| tape::gradient(|x| vec3to4!(x)[k], &x)).collect();
        check("reverse", &Array2::from_shape_vec((4, 3), rows).unwrap());
        let columns = (0..3).flat_map(|k| {
            let axis: Vec<_> = (0..3).map(|j| f64::from(u8::from(j == k))).collect();
            tape::jvp(|x| vec3to4!(x), &x, &axis)
        });
        let columns = Array2::from_shape_vec((3, 4), columns.collect()).unwrap();
        check("dual numbers", &columns.t().to_owned());

        let (u, v) = (numbers(&case["vjp"]["u"]), numbers(&case["jvp"]["v"]));
        all_close("vjp", case, &tape::vjp(|x| vec3to4!(x), &x, &u), &numbers(&case["vjp"]["uTJ"]));
        all_close("jvp", case, &tape::jvp(|x| vec3to4!(x), &x, &v), &numbers(&case["jvp"]["Jv"]));
        // J v as the gradient of u ↦ (uᵀJ) v.
        let nested = tape::gradient(
            |u| {
                let point: Vec<_> = x.iter().map(|&x| Scalar::constant(x)).collect();
                let row = tape::vjp(|x| vec3to4!(x), &point, u);
                row.into_iter().zip(&v).map(|(slope, &v)| slope * v).sum()
            },
            &u,
        );
        all_close("jvp by two sweeps back", case, &nested, &numbers(&case["jvp"]["Jv"]));
    }
}
