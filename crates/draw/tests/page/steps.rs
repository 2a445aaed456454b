//! The steps of the passes show the numbers of the record, one after another.

use draw::{Graph, Kind, Local, Numbers};

use super::samples::{network, often_used, opened, scalar_network, textbook};
use crate::common::browser::Page;

/// The sentences of a step.
fn words(page: &mut Page) -> Vec<String> {
    let texts = page.evaluate("[...document.querySelectorAll('#step h2, #step p')].map(p => p.innerText)");
    texts.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// The key of a step: `given`, `f3` of a node, `seed`, `b4` of an edge.
fn key(page: &mut Page) -> String {
    page.text("chainrule.step() ?? ''")
}

fn number(text: &str) -> f64 {
    let text = text.trim().trim_matches(['(', ')']).replace('−', "-").replace('∞', "inf");
    text.parse().unwrap_or_else(|_| panic!("expected a number, found {text}"))
}

/// Whether a text is the number in four digits.
fn close(text: &str, value: f64) {
    let shown = number(text);
    let fits = (shown - value).abs() <= 0.5e-3 * value.abs() || shown.is_nan() && value.is_nan();
    assert!(fits, "shown {shown}, expected {value}");
}

fn single(numbers: &Numbers) -> f64 {
    assert!(numbers.shape.is_empty());
    numbers.values[0]
}

#[test]
fn the_textbook_expression_step_by_step() {
    let Some(mut page) = opened(&textbook(), "textbook") else { return };
    page.screenshot("textbook.png");
    let expected = [
        ("given", "Feed-forward: step 1 of 4", "Given: 2 variables."),
        ("f2", "Feed-forward: step 2 of 4", "u = x × y = 2 × 3 = 6"),
        ("f3", "Feed-forward: step 3 of 4", "%3 = sin(x) = sin(2) = 0.9093"),
        ("f4", "Feed-forward: step 4 of 4", "z = u + %3 = 6 + 0.9093 = 6.909"),
        ("seed", "Backward: step 1 of 6", "∂z/∂z = 1"),
        ("b3", "Backward: step 2 of 6", "∂z/∂u = ∂z/∂u × ∂z/∂z = 1 × 1 = 1"),
        ("b4", "Backward: step 3 of 6", "∂z/∂%3 = ∂z/∂%3 × ∂z/∂z = 1 × 1 = 1"),
        ("b2", "Backward: step 4 of 6", "∂%3/∂x × ∂z/∂%3 = (−0.4161) × 1 = −0.4161"),
        ("b0", "Backward: step 5 of 6", "∂u/∂x × ∂z/∂u = 3 × 1 = 3"),
        ("b1", "Backward: step 6 of 6", "∂z/∂y = ∂u/∂y × ∂z/∂u = 2 × 1 = 2"),
    ];
    for (at, (step, heading, formula)) in expected.into_iter().enumerate() {
        page.key("ArrowRight");
        let words = words(&mut page);
        assert_eq!((key(&mut page).as_str(), words[0].as_str(), words[1].as_str()), (step, heading, formula));
        page.screenshot(&format!("textbook-{at}.png"));
    }
    page.key("ArrowLeft");
    assert_eq!(words(&mut page).last().unwrap(), "−0.4161 + 3 = 2.584");
    page.key("ArrowLeft");
    let so_far = &words(&mut page)[2..];
    assert!(so_far.iter().any(|text| text.ends_with("So far:")), "{so_far:?}");
    assert_eq!(so_far.last().unwrap(), "−0.4161 + …");
}

/// What comes to a number that is used four times: sums on the way, and the gradient at the end.
#[test]
fn contributions_add_up_on_the_way() {
    let graph = often_used();
    let Some(mut page) = opened(&graph, "often-used") else { return };
    page.key("b");
    let (mut sums, mut sum) = (Vec::new(), 0.0);
    loop {
        let step = key(&mut page);
        let edge = step.strip_prefix('b').map(|edge| &graph.edges[edge.parse::<usize>().unwrap()]);
        if let Some(edge) = edge.filter(|edge| edge.from == 0) {
            sum += single(edge.downstream.as_ref().unwrap());
            let text = words(&mut page).pop().unwrap();
            sums.push(text.clone());
            let text = text.trim_end_matches(" + …");
            let result = text.rsplit(" = ").next().unwrap();
            close(result, sum);
        }
        if page.evaluate("document.getElementById('next').ariaDisabled") == "true" {
            break;
        }
        page.key("ArrowRight");
    }
    assert_eq!(sums.len(), 4);
    close(sums[3].rsplit(" = ").next().unwrap(), single(graph.nodes[0].gradient.as_ref().unwrap()));
}

/// Steps through everything and compares each formula with the record.
fn every_step(page: &mut Page, graph: &Graph) {
    let count = page.evaluate("Number(document.getElementById('slider').max)").as_f64().unwrap() as usize;
    let (mut computed, mut passed) = (0, 0);
    for _ in 0..count {
        page.key("ArrowRight");
        let step = key(page);
        let words = words(page);
        if let Some(node) = step.strip_prefix('f') {
            let node = &graph.nodes[node.parse::<usize>().unwrap()];
            close(words[1].rsplit(" = ").next().unwrap(), single(&node.value));
            computed += 1;
        } else if let Some(edge) = step.strip_prefix('b') {
            let edge = &graph.edges[edge.parse::<usize>().unwrap()];
            let Local::Numbers(local) = &edge.local else { panic!("a scalar's edge has a number") };
            let [.., product, result] = words[1].split(" = ").collect::<Vec<_>>()[..] else {
                panic!("{words:?}")
            };
            let (left, right) = product.split_once(" × ").unwrap();
            close(left, single(local));
            close(right, single(edge.upstream.as_ref().unwrap()));
            close(result, single(edge.downstream.as_ref().unwrap()));
            passed += 1;
        }
    }
    let operations = graph.nodes.iter().filter(|node| node.kind == Kind::Operation).count();
    assert_eq!((computed, passed), (operations, graph.edges.len()));
}

#[test]
fn every_number_of_a_network_of_scalars() {
    let graph = scalar_network();
    let Some(mut page) = opened(&graph, "scalar-network") else { return };
    page.screenshot("scalar-network.png");
    page.evaluate("document.getElementById('open-all').click()");
    every_step(&mut page, &graph);
    page.screenshot("scalar-network-end.png");
}

/// Cards show nothing that is not known yet, and everything at the end.
#[test]
fn nothing_is_shown_before_its_time() {
    let Some(mut page) = opened(&textbook(), "before-its-time") else { return };
    let shown = "(what => [...document.querySelectorAll(`#stage .card .${what} .number`)].filter(it => \
                 getComputedStyle(it).visibility === 'visible').length)";
    let counts = |page: &mut Page| {
        ["value", "gradient"].map(|what| page.evaluate(&format!("{shown}('{what}')")).as_u64().unwrap())
    };
    assert_eq!(counts(&mut page), [5, 5]);
    let mut seen = Vec::new();
    for _ in 0..10 {
        page.key("ArrowRight");
        seen.push(counts(&mut page));
    }
    assert_eq!(seen, [[2, 0], [3, 0], [4, 0], [5, 0], [5, 1], [5, 2], [5, 3], [5, 3], [5, 4], [5, 5]]);
    page.key("a");
    assert_eq!(counts(&mut page), [5, 5]);
}

#[test]
fn keys_buttons_and_the_slider_walk() {
    let Some(mut page) = opened(&textbook(), "walk") else { return };
    let position = |page: &mut Page| page.text("document.getElementById('position').textContent");
    assert_eq!(position(&mut page), "10 steps");
    for (action, expected) in [
        ("End", "10 / 10"),
        ("ArrowRight", "10 / 10"),
        ("ArrowLeft", "9 / 10"),
        ("Home", "1 / 10"),
        ("ArrowLeft", "1 / 10"),
        (".", "2 / 10"),
        ("b", "5 / 10"),
        ("f", "1 / 10"),
        ("a", "10 steps"),
    ] {
        page.key(action);
        assert_eq!(position(&mut page), expected, "after {action}");
    }
    for (button, expected) in [
        ("#last", "10 / 10"),
        ("#back", "9 / 10"),
        ("#first", "1 / 10"),
        ("#next", "2 / 10"),
        ("#backward", "5 / 10"),
        ("#forward", "1 / 10"),
        ("#all", "10 steps"),
    ] {
        page.click(button);
        assert_eq!(position(&mut page), expected, "after {button}");
    }
    page.key("Home");
    page.key(" ");
    assert_eq!(
        page.text("document.getElementById('play').ariaLabel"),
        "Play",
        "a focused button takes Space"
    );
    page.evaluate("document.activeElement.blur()");
    page.key(" ");
    assert_eq!(page.text("document.getElementById('play').ariaLabel"), "Pause");
    page.wait("document.getElementById('position').textContent === '3 / 10'");
    page.key(" ");
    assert_eq!(page.text("document.getElementById('play').ariaLabel"), "Play");
}

#[test]
fn a_step_can_be_linked() {
    let Some(mut page) = opened(&textbook(), "linked") else { return };
    page.key("b");
    page.wait("location.hash === '#step=seed'");
    page.load("#step=f3");
    assert_eq!(words(&mut page)[1], "%3 = sin(x) = sin(2) = 0.9093");
    page.evaluate("location.hash = 'step=b1'");
    page.wait("document.querySelector('#step h2').textContent === 'Backward: step 6 of 6'");
    page.load("#step=nonsense&open=9.x");
    assert_eq!(words(&mut page)[0], "Everything");
}

/// Arrays are shown as matrices or by what can be said of them; a closed layer is one step.
#[test]
fn a_network_of_tensors_step_by_step() {
    let graph = network();
    let Some(mut page) = opened(&graph, "network") else { return };
    page.screenshot("network.png");
    page.evaluate("document.getElementById('open-all').click()");
    page.screenshot("network-open.png");
    let count = page.evaluate("Number(document.getElementById('slider').max)").as_u64().unwrap();
    assert!(count > 20, "{count}");
    for at in 0..count {
        page.key("ArrowRight");
        if at % 7 == 3 {
            page.screenshot(&format!("network-step-{at}.png"));
        }
    }
    page.screenshot("network-end.png");
    page.evaluate("document.getElementById('close-all').click()");
    let closed = page.evaluate("Number(document.getElementById('slider').max)").as_u64().unwrap();
    assert!(closed < count, "{closed} of {count}");
    page.screenshot("network-closed.png");
    for _ in 0..closed {
        page.key("ArrowRight");
    }
    page.screenshot("network-closed-end.png");
}
