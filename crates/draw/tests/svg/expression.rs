//! x·y + sin x, the first example of every book; in a file of its own, whose lines are in the picture.

use draw::Graph;
use tape::Tape;

pub(super) fn graph() -> Graph {
    let tape = Tape::new();
    let (x, y) = (tape.scalar(2.0).named("x"), tape.scalar(3.0).named("y"));
    let z = (x * y + x.sin()).named("z");
    Graph::builder(&tape).gradients(&z.backward()).title("z = x·y + sin x").build().unwrap()
}
