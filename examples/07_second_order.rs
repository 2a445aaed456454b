//! Second derivatives: Newton's method finds the minimum of Rosenbrock's function in a few steps.

use chainrule::tape;

fn main() {
    let mut x = [-1.2_f64, 1.0];
    println!("step          x          y      value");
    for step in 0..8 {
        let (value, g) = tape::grad(|x| (1.0 - x[0]).square() + 100.0 * (x[1] - x[0] * x[0]).square(), &x);
        println!("{step:4} {:10.6} {:10.6} {value:10.3e}", x[0], x[1]);
        // The same function on numbers that carry a second derivative: closures are written as ordinary expressions.
        let h = tape::hessian(|x| (1.0 - x[0]).square() + 100.0 * (x[1] - x[0] * x[0]).square(), &x);
        // x ← x − H⁻¹ g, by Cramer's rule.
        let determinant = h[[0, 0]] * h[[1, 1]] - h[[0, 1]] * h[[1, 0]];
        x[0] -= (h[[1, 1]] * g[0] - h[[0, 1]] * g[1]) / determinant;
        x[1] -= (h[[0, 0]] * g[1] - h[[1, 0]] * g[0]) / determinant;
    }
    assert!((x[0] - 1.0).abs() < 1e-12 && (x[1] - 1.0).abs() < 1e-12);
}
