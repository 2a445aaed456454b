//! `chainrule grad`, as it is called.

mod common;

use common::{chainrule, refused};

#[test]
fn every_node_and_every_edge_is_shown() {
    let run = chainrule(&["grad", "x*y + sin(x)", "x=2", "y=3"]);
    assert!(run.status.success());
    assert_eq!(run.stderr, "");
    assert_eq!(
        run.stdout,
        "\
f = x*y + sin(x)

node  operation       value   gradient
%0    x                   2  2.5838532
%1    y                   3          2
%2    %0 * %1             6          1
%3    sin(%0)    0.90929743          1
%4    %2 + %3     6.9092974          1

edge           local  ×  upstream  =   downstream
%4 ← %2            1  ×         1  =            1
%4 ← %3            1  ×         1  =            1
%3 ← %0  -0.41614684  ×         1  =  -0.41614684
%2 ← %0            3  ×         1  =            3
%2 ← %1            2  ×         1  =            2

f = 6.909297426825682
∂f/∂x = 2.5838531634528574
∂f/∂y = 2
"
    );
}

#[test]
fn constants_are_shown_but_are_no_nodes() {
    let run = chainrule(&["grad", "leaky_relu(-x^2, 0.5) / 4", "x=3"]);
    assert_eq!(
        run.stdout,
        "\
f = leaky_relu(-x^2, 0.5) / 4

node  operation             value  gradient
%0    x                         3     -0.75
%1    %0 ^ 2                    9    -0.125
%2    -%1                      -9     0.125
%3    leaky_relu(%2, 0.5)    -4.5      0.25
%4    %3 / 4               -1.125         1

edge     local  ×  upstream  =  downstream
%4 ← %3   0.25  ×         1  =        0.25
%3 ← %2    0.5  ×      0.25  =       0.125
%2 ← %1     -1  ×     0.125  =      -0.125
%1 ← %0      6  ×    -0.125  =       -0.75

f = -1.125
∂f/∂x = -0.75
"
    );
}

#[test]
fn a_leading_sign_is_no_option() {
    let run = chainrule(&["grad", "-h*2", "h=-1"]);
    assert!(run.stdout.ends_with("f = 2\n∂f/∂h = -2\n"), "{}", run.stdout);
}

#[test]
fn the_variable_alone() {
    let run = chainrule(&["grad", "x", "x=2"]);
    assert_eq!(
        run.stdout,
        "f = x\n\nnode  operation  value  gradient\n%0    x              2         1\n\nf = 2\n∂f/∂x = 1\n"
    );
}

#[test]
fn wrong_input_is_one_line_and_status_2() {
    for (arguments, line) in [
        (&["x*y + ", "x=1", "y=2"][..], "expression: expected a number, a name or \"(\" at column 7: x*y + "),
        (&["x^2"], "expression: x has no value (add x=NUMBER) at column 1: x^2"),
        (&["x\n+ §", "x=1"], "expression: expected a number, a name or \"(\" at column 5: x + §"),
        (&["1 + 2"], "expression: there is no variable to differentiate by at column 1: 1 + 2"),
        (&["x", "x=1", "y=2"], "y does not occur in the expression"),
        (&["x", "x=1", "x=2"], "x=2: x has a value already"),
        (&["x", "x=one"], "x=one: expected a finite number, found \"one\""),
        (&["x", "x="], "x=: expected a finite number, found \"\""),
        (&["x", "x=nan"], "x=nan: expected a finite number, found \"nan\""),
        (&["x", "x=1e999"], "x=1e999: expected a finite number, found \"1e999\""),
        (&["x", "x"], "x: expected NAME=NUMBER"),
        (&["x", "2=3"], "2=3: \"2\" cannot be the name of a variable"),
        (&["x", "=3"], "=3: \"\" cannot be the name of a variable"),
        (&["e", "e=3"], "e=3: e is a constant already"),
        (&[], "the following required arguments were not provided: <EXPRESSION>"),
    ] {
        assert_eq!(refused(&[&["grad"], arguments].concat()), line);
    }
}

#[test]
fn the_help_lists_the_functions() {
    let run = chainrule(&["grad", "--help"]);
    assert!(run.status.success());
    for rule in tape::Rule::ALL {
        assert!(run.stdout.contains(rule.name()), "{}", rule.name());
    }
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 100), "{}", run.stdout);
}
