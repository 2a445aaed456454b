#![allow(missing_docs)]
use tape::*;
#[test]
fn api1() {
    let tape = Tape::new();
    let x = tape.scalar(2.0);
    let y = tape.scalar(3.0);
    let u = x * y;
    let z = (u + x.sin()).ln() * 0.5 - 1.0 / y;
    let grads = z.backward();
    println!("{tape}");
    println!("{grads:?}");
    assert_eq!(grads[u], 0.5 / (6.0 + 2f64.sin()));
    let e = grads.edges(u);
    assert_eq!(e[0].local * e[0].upstream, e[0].downstream);
}
#[test]
fn nested() {
    let outer = Tape::<f64>::new();
    let x0 = outer.scalar(3.0);
    let inner = Tape::new();
    let x = inner.scalar(x0);
    let y = x * x * x;
    let g = y.backward();
    let gx = g[x];
    assert_eq!(gx.value(), 27.0);
    assert_eq!(gx.backward()[x0], 18.0);
}
#[test]
fn million() {
    std::thread::Builder::new()
        .stack_size(1 << 20)
        .spawn(|| {
            let tape = Tape::<f64>::new();
            let x = tape.scalar(1.0);
            let mut y = x;
            for _ in 0..1_000_000 {
                y = y + x;
            }
            assert_eq!(y.backward()[x], 1_000_001.0);
        })
        .unwrap()
        .join()
        .unwrap();
}
