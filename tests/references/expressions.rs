//! A hundred random expressions: every value, and the gradient of every node, intermediate ones included.

use crate::common::{fixture, number, numbers};
use chainrule::prelude::*;
use chainrule::tape;
use serde_json::Value;
use tape::Element;

/// The fixtures call some operations by `PyTorch`'s names, and give parameters no place.
fn record<'t, T: Element>(op: &str, args: &[Scalar<'t, T>]) -> Scalar<'t, T> {
    match op {
        "leaky_relu" => return args[0].leaky_relu(T::of(0.01)),
        "elu" => return args[0].elu(T::of(1.0)),
        _ => {}
    }
    let name = match op {
        "log" => "ln",
        "expm1" => "exp_m1",
        "log1p" => "ln_1p",
        other => other,
    };
    let rule = Rule::ALL.iter().copied().find(|rule| rule.name() == name);
    let rule = rule.unwrap_or_else(|| panic!("the operation {op} is missing"));
    Scalar::apply(rule, args).unwrap_or_else(|error| panic!("{op}: {error}"))
}

/// Within 1e-11 of the exact value, scaled by `max(|exact|, 1e-3)`.
fn close(got: f64, exact: f64) -> bool {
    (got - exact).abs() <= 1e-11 * exact.abs().max(1e-3)
}

#[test]
fn every_value_and_every_gradient() {
    let file = fixture("expressions.json");
    let expressions = file["expressions"].as_array().unwrap();
    assert!(expressions.len() >= 100, "the file holds a hundred expressions");
    for expression in expressions {
        let id = &expression["id"];
        let tape = Tape::new();
        let mut nodes: Vec<Scalar<'_, f64>> = Vec::new();
        for node in expression["nodes"].as_array().unwrap() {
            let op = node["op"].as_str().unwrap();
            nodes.push(match op {
                // A constant as a variable too: the file gives the gradient that a variable would have there.
                "leaf" | "const" => tape.scalar(number(&node["value"])),
                _ => {
                    let args = node["args"].as_array().unwrap().iter();
                    let args: Vec<_> = args.map(|k| nodes[k.as_u64().unwrap() as usize]).collect();
                    record(op, &args)
                }
            });
        }
        let (values, grads) = (numbers(&expression["values"]), numbers(&expression["grads"]));
        let answer = nodes.last().unwrap().backward();
        for (k, node) in nodes.iter().enumerate() {
            assert!(
                close(node.value(), values[k]),
                "expression {id}, value of node {k}: {} ≠ {}",
                node.value(),
                values[k]
            );
            assert!(
                close(answer[*node], grads[k]),
                "expression {id}, gradient of node {k}: {} ≠ {}",
                answer[*node],
                grads[k]
            );
        }
        let exact = numbers(&expression["exact_grads"]);
        let leaves = expression["leaves"].as_array().unwrap().iter().map(|k| k.as_u64().unwrap() as usize);
        for (leaf, exact) in leaves.zip(exact.iter().copied()) {
            let got = answer[nodes[leaf]];
            assert!(
                close(got, if exact.is_nan() { got } else { exact }),
                "expression {id}, leaf {leaf}: {got} ≠ {exact}"
            );
        }
    }
}

/// The same expressions with constants that record nothing: the gradients of the rest do not change.
#[test]
fn constants_change_nothing_but_the_length() {
    for expression in fixture("expressions.json")["expressions"].as_array().unwrap() {
        let tape = Tape::new();
        let mut nodes: Vec<Scalar<'_, f64>> = Vec::new();
        for node in expression["nodes"].as_array().unwrap() {
            nodes.push(match node["op"].as_str().unwrap() {
                "leaf" => tape.scalar(number(&node["value"])),
                "const" => Scalar::constant(number(&node["value"])),
                op => {
                    let args = node["args"].as_array().unwrap().iter();
                    let args: Vec<_> = args.map(|k| nodes[k.as_u64().unwrap() as usize]).collect();
                    record(op, &args)
                }
            });
        }
        let (grads, answer) = (numbers(&expression["grads"]), nodes.last().unwrap().backward());
        for leaf in expression["leaves"].as_array().unwrap() {
            let leaf = leaf.as_u64().unwrap() as usize;
            assert!(close(answer[nodes[leaf]], grads[leaf]), "expression {}, leaf {leaf}", expression["id"]);
        }
    }
}

/// The value of an expression for these leaves; constants record nothing.
fn evaluate<'t, T: Element>(expression: &Value, leaves: &[Scalar<'t, T>]) -> Scalar<'t, T> {
    let mut leaves = leaves.iter();
    let mut nodes: Vec<Scalar<'t, T>> = Vec::new();
    for node in expression["nodes"].as_array().unwrap() {
        nodes.push(match node["op"].as_str().unwrap() {
            "leaf" => *leaves.next().unwrap(),
            "const" => Scalar::constant(T::of(number(&node["value"]))),
            op => {
                let args = node["args"].as_array().unwrap().iter();
                let args: Vec<_> = args.map(|k| nodes[k.as_u64().unwrap() as usize]).collect();
                record(op, &args)
            }
        });
    }
    *nodes.last().unwrap()
}

/// Forward over reverse, and reverse over reverse.
#[test]
fn every_hessian() {
    let file = fixture("expressions.json");
    let with_hessian = |expression: &&Value| expression.get("hessian").is_some();
    let mut seen = 0;
    for expression in file["expressions"].as_array().unwrap().iter().filter(with_hessian) {
        let nodes = expression["nodes"].as_array().unwrap();
        let leaves = expression["leaves"].as_array().unwrap().iter().map(|k| k.as_u64().unwrap() as usize);
        let x: Vec<f64> = leaves.map(|k| number(&nodes[k]["value"])).collect();
        let hessians = [
            tape::hessian(|x| evaluate(expression, x), &x),
            tape::jacobian(|x| tape::gradient(|y| evaluate(expression, y), x), &x),
        ];
        for (i, row) in expression["exact_hessian"].as_array().unwrap().iter().enumerate() {
            for (j, exact) in numbers(row).into_iter().enumerate() {
                for (way, hessian) in ["forward over reverse", "reverse over reverse"].iter().zip(&hessians) {
                    let got = hessian[[i, j]];
                    assert!(
                        close(got, exact),
                        "expression {}, [{i}, {j}], {way}: {got} ≠ {exact}",
                        expression["id"]
                    );
                }
            }
        }
        seen += 1;
    }
    assert!(seen >= 25, "{seen} expressions with a Hessian");
}
