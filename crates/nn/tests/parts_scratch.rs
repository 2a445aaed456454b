#![allow(missing_docs)]
use tape::listing::*;
use tape::*;
struct W(Vec<String>, Vec<String>, f64, Vec<String>);
fn one<T: Element, O: Listed>(s: &Sample<O>, seed: u64) -> Option<(f64, String)> {
    let (tape, inside) = (Tape::<T>::new(), Tape::<T>::new());
    let mut state = seed * 7919 + 12345;
    let mut next = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 40) as f64 / (1u64 << 24) as f64
    };
    let leaves: Vec<_> = s
        .operands
        .iter()
        .map(|d| {
            let n: usize = d.shape.iter().product();
            match &d.numbers {
                Numbers::Within(r) => {
                    let v: Vec<T> =
                        (0..n).map(|_| T::of(r.start() + (r.end() - r.start()) * next())).collect();
                    tape.tensor((&d.shape, v))
                }
                Numbers::Given(g) => {
                    tape.constant((&d.shape, g.iter().map(|&x| T::of(x)).collect::<Vec<T>>()))
                }
            }
        })
        .collect();
    let y = tape.apply(s.operation.clone().operation::<T>(), &leaves).unwrap();
    let node = tape.nodes().last().unwrap();
    let o = node.open_on(&inside)?;
    assert_eq!(o.output.shape(), y.shape(), "{} {:?}", node.op(), s);
    let w: Vec<T> = (0..y.value().len()).map(|_| T::of(2.0 * next() - 1.0)).collect();
    let (g, h) = (y.backward_with((y.shape(), w.clone())), o.output.backward_with((y.shape(), w)));
    let eps = T::epsilon().to_f64().unwrap();
    let cmp = |a: &ArrayLike<T>, b: &ArrayLike<T>, terms: f64| -> f64 {
        let big = b.0.iter().map(|x| x.to_f64().unwrap().abs()).fold(terms, f64::max);
        a.0.iter()
            .zip(&b.0)
            .map(|(x, y)| {
                let d = (x.to_f64().unwrap() - y.to_f64().unwrap()).abs() / (eps * big);
                if d.is_nan() { 1e99 } else { d }
            })
            .fold(0.0, f64::max)
    };
    let al = |v: Vec<T>| ArrayLike(v);
    let terms = leaves
        .iter()
        .flat_map(|l| l.value().iter().map(|x| x.to_f64().unwrap().abs()).collect::<Vec<_>>())
        .fold(1.0, f64::max);
    let mut worst =
        cmp(&al(o.output.value().iter().copied().collect()), &al(y.value().iter().copied().collect()), terms);
    let mut what = "output".to_string();
    for (k, d) in s.operands.iter().enumerate() {
        if matches!(d.numbers, Numbers::Given(_)) {
            continue;
        }
        let e = cmp(
            &al(h.wrt(o.inputs[k]).iter().copied().collect()),
            &al(g.wrt(leaves[k]).iter().copied().collect()),
            1.0,
        );
        if e > worst {
            worst = e;
            what = format!("gradient {k}");
        }
    }
    Some((worst, what))
}
struct ArrayLike<T>(Vec<T>);
impl Walk for W {
    fn visit<O: Listed>(&mut self) {
        let mut opened = false;
        let (mut worst, mut text) = (0.0, String::new());
        for (k, s) in O::samples().iter().enumerate() {
            let r = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                [one::<f64, O>(s, k as u64), one::<f32, O>(s, k as u64)]
            }));
            match r {
                Ok(r) => {
                    for (i, r) in r.into_iter().enumerate() {
                        match r {
                            Some((e, w)) => {
                                opened = true;
                                if e > worst {
                                    worst = e;
                                    text = format!(
                                        "{} sample {k} {:?} {w} f{}",
                                        O::DESCRIPTION.name,
                                        s.operation,
                                        64 >> i
                                    );
                                }
                            }
                            None => {
                                if i == 0 {
                                    self.3.push(format!("{} {k}", O::DESCRIPTION.name));
                                }
                            }
                        }
                    }
                }
                Err(e) => {
                    let t = e.downcast_ref::<String>().cloned().unwrap_or_default();
                    println!("PANIC {} {k}: {t} {s:?}", O::DESCRIPTION.name);
                }
            }
        }
        if opened {
            self.0.push(O::DESCRIPTION.name.into());
            println!("{worst:.2}  {text}");
        } else {
            self.1.push(O::DESCRIPTION.name.into());
        }
    }
}
#[test]
fn parts() {
    let mut w = W(vec![], vec![], 0.0, vec![]);
    tape::walk_operations(&mut w);
    nn::walk_operations(&mut w);
    println!("OPEN {:?}\nSHUT {:?}\nNONE {:?}", w.0, w.1, w.3);
}
