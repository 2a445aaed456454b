//! Scalars: an expression, its gradients, its edges, and the tape that recorded it.

use chainrule::prelude::*;

fn main() {
    let tape = Tape::new();
    let x = tape.scalar(2.0).named("x");
    let y = tape.scalar(3.0).named("y");
    let u = (x * y).named("u");
    let z = (u + x.sin()).ln() * 0.5 - 1.0 / y;

    // One pass from z back to the leaves answers for every node.
    let grads = z.backward();
    println!("z = {:.6}", z.value());
    println!("dz/dx = {:.6}   dz/dy = {:.6}   dz/du = {:.6}\n", grads[x], grads[y], grads[u]);

    // The chain rule, edge by edge.
    for edge in grads.edges(u) {
        println!(
            "u -> {}: local {} × upstream {:.6} = downstream {:.6}",
            edge.input, edge.local, edge.upstream, edge.downstream
        );
    }

    // What was recorded, in order, with the line of this file that did it.
    print!("\n{tape}");
}
