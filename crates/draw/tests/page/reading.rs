//! The page serves who reads it: by eye or by ear, by mouse or by keys, on a screen or on paper.

use std::fs;

use super::samples::{HOSTILE, broken, convolutional, digits, hostile, network, opened, page_of, textbook};
use crate::common::browser::Page;

#[test]
fn ordinary_pages_are_small() {
    for (name, graph) in [
        ("network", network()),
        ("digits", digits()),
        ("convolutional", convolutional()),
        ("textbook", textbook()),
    ] {
        let bytes = graph.to_html().len();
        println!("{name}: {bytes} bytes");
        assert!(bytes < 1_000_000, "{name}: {bytes} bytes");
        assert_eq!(graph.to_html(), graph.to_html());
    }
}

#[test]
fn layers_and_convolutions_are_shown() {
    for (name, graph) in [("digits", digits()), ("convolutional", convolutional())] {
        let Some(mut page) = opened(&graph, name) else { return };
        page.screenshot(&format!("{name}.png"));
        page.key("End");
        page.screenshot(&format!("{name}-end.png"));
    }
}

#[test]
fn the_picture_is_there_without_scripts() {
    let graph = network();
    let Some(mut page) = opened(&graph, "without-scripts") else { return };
    page.call("Emulation.setScriptExecutionDisabled", serde_json::json!({ "value": true }));
    page.load("");
    let cards = page.evaluate("document.querySelectorAll('#stage svg [data-node]').length");
    assert!(cards.as_u64().unwrap() >= 4, "{cards}");
    page.screenshot("without-scripts.png");
    page.call("Emulation.setScriptExecutionDisabled", serde_json::json!({ "value": false }));
    page.load("");
}

#[test]
fn names_are_text() {
    let graph = hostile();
    let Some(mut page) = opened(&graph, "hostile") else { return };
    assert_eq!(page.text("document.title"), HOSTILE[1]);
    assert_eq!(page.text("document.querySelector('h1').textContent"), HOSTILE[1]);
    assert_eq!(page.evaluate("document.querySelectorAll('img').length"), 0);
    let whole = page.text("document.getElementById('stage').textContent");
    assert!(whole.contains("onerror") || whole.contains('…'), "{whole}");
    for key in ["End", "ArrowLeft", "Home", "t", "t", "?", "Escape"] {
        page.key(key);
    }
    page.key("/");
    page.write("onerror");
    page.key("Enter");
    let head = page.text("document.querySelector('#details h2').textContent");
    assert_eq!(head, HOSTILE[0]);
    assert_eq!(page.text("document.title"), HOSTILE[1]);
    page.screenshot("hostile.png");
}

#[test]
fn light_and_dark() {
    let Some(mut page) = opened(&textbook(), "themes") else { return };
    let paper = "getComputedStyle(document.querySelector('header')).backgroundColor";
    let card = "getComputedStyle(document.querySelector('#stage .card rect, #stage .card path')).fill";
    let colours = |page: &mut Page| [page.text(paper), page.text(card)];
    page.prefers("prefers-color-scheme", "light");
    let light = colours(&mut page);
    page.prefers("prefers-color-scheme", "dark");
    let dark = colours(&mut page);
    assert!(light[0] != dark[0] && light[1] != dark[1], "{light:?}, {dark:?}");
    page.screenshot("dark.png");
    page.click("#theme");
    assert_eq!(colours(&mut page), light);
    page.load("");
    assert_eq!(colours(&mut page), light, "the button is remembered");
    page.click("#theme");
    assert_eq!(colours(&mut page), dark);
    page.prefers("prefers-color-scheme", "light");
    assert_eq!(colours(&mut page), dark);
    page.evaluate("localStorage.clear()");
}

/// Every text has a contrast of at least 4.5 to what is behind it, in both themes.
#[test]
fn texts_stand_out() {
    let Some(mut page) = opened(&network(), "contrast") else { return };
    page.key("End");
    let script = fs::read_to_string("tests/page/contrast.js").unwrap();
    for theme in ["light", "dark"] {
        page.prefers("prefers-color-scheme", theme);
        let weak = page.evaluate(&script);
        assert_eq!(weak, serde_json::json!([]), "{theme}");
    }
}

#[test]
fn on_paper() {
    let Some(mut page) = opened(&network(), "paper") else { return };
    page.evaluate("document.getElementById('open-all').click()");
    page.key("+");
    page.key("+");
    let paper = page.print("network.pdf");
    let text = String::from_utf8_lossy(&paper);
    let pages = text.matches("/Type /Page\n").count() + text.matches("/Type /Page/").count();
    assert!(pages == 1, "{pages} pages");
    assert!(paper.len() > 10_000, "{} bytes", paper.len());
}

#[test]
fn every_node_has_a_name_for_the_ear() {
    let graph = textbook();
    let Some(mut page) = opened(&graph, "ear") else { return };
    let told = page.accessible();
    for expected in [
        "x, variable, value 2, gradient 2.584",
        "y, variable, value 3, gradient 2",
        "u = x × y, value 6, gradient 1",
        "%3 = sin(x), value 0.9093, gradient 1",
        "z = u + %3, value 6.909, gradient 1",
    ] {
        let found = told.iter().filter(|(role, text)| role == "button" && text == expected);
        assert_eq!(found.count(), 1, "{expected}: {told:?}");
    }
    silent_buttons(&mut page);
    let graph = network();
    let Some(mut page) = opened(&graph, "ear-network") else { return };
    page.evaluate("document.getElementById('open-all').click()");
    let told = page.accessible();
    let nodes = told.iter().filter(|(role, text)| role == "button" && text.contains(", value "));
    assert_eq!(nodes.count(), graph.nodes.len());
    silent_buttons(&mut page);
}

/// Whatever can be pressed says what it does.
fn silent_buttons(page: &mut Page) {
    let told = page.accessible();
    let silent: Vec<_> = told
        .iter()
        .filter(|(_, text)| text.is_empty())
        .filter(|(role, _)| ["button", "slider", "searchbox", "combobox", "region"].contains(&role.as_str()))
        .collect();
    assert!(silent.is_empty(), "{silent:?}");
}

/// With Tab into the graph, and with arrows along its edges.
#[test]
fn with_the_keyboard_alone() {
    let Some(mut page) = opened(&textbook(), "keyboard") else { return };
    let focus = |page: &mut Page| {
        page.text(
            "(at => (at.closest('svg') ? at.getAttribute('aria-label') : at.id || at.tagName))(document.activeElement)",
        )
    };
    let mut order = Vec::new();
    for _ in 0..30 {
        page.key("Tab");
        let at = focus(&mut page);
        if at == "BODY" || order.contains(&at) {
            break;
        }
        order.push(at);
    }
    let places = ["find", "tables", "theme", "help", "zoom-in", "first", "next", "slider", "all"]
        .map(|id| order.iter().position(|at| at == id).unwrap_or_else(|| panic!("{id}: {order:?}")));
    assert!(places.is_sorted(), "{order:?}");
    // One stop of all is in the graph.
    let stops: Vec<_> = order.iter().filter(|at| at.contains("value")).collect();
    assert_eq!(stops.len(), 1, "{order:?}");

    page.evaluate("document.activeElement.blur()");
    while !focus(&mut page).contains("value") {
        page.key("Tab");
    }
    let seen = |page: &mut Page, key: &str| {
        page.key(key);
        focus(page)
    };
    page.evaluate("chainrule.goTo(4)");
    assert!(focus(&mut page).starts_with("z = "));
    assert!(seen(&mut page, "ArrowLeft").starts_with("edge from u to z"));
    assert!(seen(&mut page, "ArrowDown").starts_with("edge from %3 to z"));
    assert!(seen(&mut page, "ArrowLeft").starts_with("%3 = "));
    assert!(seen(&mut page, "ArrowLeft").starts_with("edge from x to %3"));
    assert!(seen(&mut page, "ArrowLeft").starts_with("x, "));
    assert!(seen(&mut page, "ArrowRight").starts_with("edge from x to u"));
    page.screenshot("keyboard.png");
    assert!(seen(&mut page, "ArrowRight").starts_with("u = "));
    page.key("Enter");
    assert_eq!(page.text("document.querySelector('#details h2').textContent"), "u = x × y");
    assert_eq!(seen(&mut page, "Escape"), "BODY");
}

#[test]
fn a_tip_tells_the_rule() {
    let Some(mut page) = opened(&textbook(), "tip") else { return };
    page.hover("#stage .card[data-node='3']");
    page.wait("document.getElementById('tip').innerText.startsWith('%3')");
    let tip = page.text("document.getElementById('tip').innerText");
    for part in ["%3 = sin(x)", "cos x", "0.9093", "samples.rs"] {
        assert!(tip.contains(part), "{part} in {tip}");
    }
    page.screenshot("tip.png");
    page.hover("#stage .label[data-edge='0']");
    page.wait("document.getElementById('tip').innerText.startsWith('x →')");
    let tip = page.text("document.getElementById('tip').innerText");
    for part in ["x → u", "∂u/∂x = 3", "a part of ∂z/∂x"] {
        assert!(tip.contains(part), "{part} in {tip}");
    }
    page.screenshot("tip-edge.png");
    page.key("Escape");
    assert_eq!(page.evaluate("document.getElementById('tip').hidden"), true);
}

#[test]
fn nodes_are_found_by_name_and_operation() {
    let Some(mut page) = opened(&textbook(), "find") else { return };
    page.key("/");
    page.write("sin");
    assert_eq!(page.evaluate("document.querySelectorAll('#found [data-node]').length"), 1);
    page.screenshot("find.png");
    page.key("Enter");
    assert_eq!(page.text("document.querySelector('#details h2').textContent"), "%3 = sin(x)");
    page.key("/");
    page.write("nothing of the kind");
    assert_eq!(page.text("document.getElementById('found').innerText"), "Nothing is called so.");
    page.key("Escape");
    assert_eq!(page.evaluate("document.getElementById('found').hidden"), true);
}

#[test]
fn what_deserves_a_look_is_listed() {
    let Some(mut page) = opened(&broken(), "broken") else { return };
    let list = page.text("document.getElementById('findings').innerText");
    for part in [
        "NaN begins at log (ln): what it is made of is finite",
        "NaN goes on in z",
        "The gradient ends at ",
        "The gradient of dead is 0",
    ] {
        assert!(list.contains(part), "{part} in {list}");
    }
    page.click("#findings .link");
    let head = page.text("document.querySelector('#details h2').textContent");
    assert_eq!(head, "log = ln(x)");
    page.screenshot("broken.png");
    let Some(mut page) = opened(&textbook(), "healthy") else { return };
    assert_eq!(page.evaluate("document.getElementById('findings').hidden"), true);
}

#[test]
fn the_tables_have_all_of_it() {
    let graph = textbook();
    let Some(mut page) = opened(&graph, "tables") else { return };
    page.click("#tables");
    let rows = |page: &mut Page, table: usize| {
        let script = format!(
            "[...document.querySelectorAll('#lists table')[{table}].querySelectorAll('tbody tr')].map(\
             row => [...row.children].map(cell => cell.innerText).join('|'))"
        );
        let rows = page.evaluate(&script);
        rows.as_array().unwrap().iter().map(|row| row.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let nodes = rows(&mut page, 0);
    assert_eq!(nodes.len(), graph.nodes.len());
    assert!(nodes[2].starts_with("u|x × y|scalar|6|1|"), "{nodes:?}");
    assert_eq!(rows(&mut page, 1)[0], "x|u|3|1|3");
    page.screenshot("tables.png");
    // By gradient: 1, 1, 1, 2, 2.584.
    page.click("#lists table th:nth-child(5) button");
    let sorted = rows(&mut page, 0);
    assert!(sorted[4].starts_with("x|") && sorted[3].starts_with("y|"), "{sorted:?}");
    page.click("#lists table th:nth-child(5) button");
    assert!(rows(&mut page, 0)[0].starts_with("x|"));
    assert_eq!(page.text("document.querySelector('#lists [aria-sort]').ariaSort"), "descending");
    page.click("#lists tbody .link");
    assert_eq!(page.evaluate("document.getElementById('stage').hidden"), false);
}

/// The part of the graph that the window shows.
fn view(page: &mut Page) -> Vec<f64> {
    let text = page.text("document.querySelector('#stage > svg').getAttribute('viewBox')");
    text.split(' ').map(|number| number.parse().unwrap()).collect()
}

#[test]
fn pan_and_zoom() {
    let Some(mut page) = opened(&network(), "zoom") else { return };
    let whole = view(&mut page);
    page.key("+");
    let near = view(&mut page);
    assert!((whole[2] / near[2] - 1.25).abs() < 1e-6, "{whole:?} {near:?}");
    page.wheel("#stage", 300.0);
    let far = view(&mut page);
    assert!(far[2] > near[2]);
    page.click("#zoom-in");
    let before = view(&mut page);
    page.drag((300.0, 150.0), (400.0, 190.0));
    let after = view(&mut page);
    assert!(after[0] < before[0] && after[1] < before[1] && after[2] == before[2], "{before:?} {after:?}");
    assert_eq!(page.evaluate("document.getElementById('map').hidden"), false);
    page.key("0");
    let all = view(&mut page);
    assert!(all[2] > whole[2], "{all:?} {whole:?}");
    assert_eq!(page.evaluate("document.getElementById('map').hidden"), true);
    page.key("End");
    assert_eq!(view(&mut page), all, "who wants to see the whole goes on seeing it");
}

#[test]
fn on_a_phone() {
    let file = page_of(&network(), "phone");
    let Some(mut page) = Page::open(&file, 390, 800) else { return };
    assert_eq!(page.evaluate("document.documentElement.scrollWidth <= 390"), true);
    page.screenshot("phone.png");
    page.key("b");
    page.key("ArrowRight");
    page.screenshot("phone-step.png");
    page.click("#next");
    assert_eq!(page.evaluate("document.documentElement.scrollWidth <= 390"), true);
    // Fingers need room.
    let small = page.evaluate(
        "[...document.querySelectorAll('#transport button')].filter(it => it.offsetHeight < 34 || it.offsetWidth < 30).length",
    );
    assert_eq!(small, 0);
}
