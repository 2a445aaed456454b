//! Groups open and close, and make room as the picture does that has them open from the beginning.

use draw::Graph;
use serde_json::{Value, json};

use super::samples::{convolutional, loop_of, network, opened};
use crate::common::browser::Page;

/// Compares places in the page with those in a picture: text of an SVG. Gives what differs, and how much was compared.
const COMPARE: &str = r"(text => {
  const other = new DOMParser().parseFromString(text, 'image/svg+xml');
  const key = it => `${it.classList[0]} ${it.dataset.node ?? ''} ${it.dataset.operation ?? ''} ${it.dataset.group ?? ''} ${it.dataset.gate ?? ''}`;
  const place = it => (it.getAttribute('transform') ?? it.parentElement.getAttribute('transform')).match(/-?[\d.]+/g).map(Number);
  const parts = '.card, .oval, .box, .group, .frame, .gate, .label';
  const found = new Map();
  for (const it of document.querySelectorAll(`#stage :is(${parts})`)) {
    const name = `${key(it)} ${it.dataset.edge ?? ''}`;
    found.set(name, [...(found.get(name) ?? []), place(it)]);
  }
  const wrong = [];
  let count = 0;
  for (const it of other.querySelectorAll(parts)) {
    const name = `${key(it)} ${it.dataset.edge ?? ''}`;
    const [x, y] = place(it);
    const at = found.get(name)?.findIndex(([a, b]) => Math.hypot(a - x, b - y) < 0.15) ?? -1;
    if (at < 0) wrong.push(`${name}: ${x} ${y}, found ${JSON.stringify(found.get(name))}`);
    else found.get(name).splice(at, 1);
    count += 1;
  }
  for (const [name, left] of found) if (left.length) wrong.push(`${name} is not in the picture`);
  const lengths = root => [...root.querySelectorAll('.wire .line')].map(it => it.getTotalLength()).sort((a, b) => a - b);
  const [ours, theirs] = [lengths(document), lengths(other)];
  if (ours.length !== theirs.length) wrong.push(`${ours.length} wires, expected ${theirs.length}`);
  ours.forEach((length, index) => { if (Math.abs(length - theirs[index]) > 1) wrong.push(`a wire of ${length}, expected ${theirs[index]}`); });
  return { wrong, count };
})";

/// The page with these groups open has everything where the picture has it.
fn same_as_the_picture(page: &mut Page, graph: &Graph, open: &[usize]) {
    let all: Vec<bool> = (0..graph.groups.len()).map(|group| open.contains(&group)).collect();
    page.evaluate(&format!("chainrule.setOpen({})", json!(all)));
    let picture = graph.svg().open(open.iter().copied()).to_string();
    let found = page.evaluate(&format!("{COMPARE}({})", Value::from(picture)));
    assert_eq!(found["wrong"], json!([]), "with {open:?} open");
    assert!(found["count"].as_u64().unwrap() > 0);
}

#[test]
fn opened_groups_make_room_as_in_the_picture() {
    for (name, graph) in [("network", network()), ("convolutional", convolutional()), ("loop", loop_of(60))] {
        let Some(mut page) = opened(&graph, &format!("{name}-groups")) else { return };
        let groups: Vec<usize> = (0..graph.groups.len()).collect();
        assert!(groups.len() > 2, "{name}");
        let mut sets = vec![Vec::new(), groups.clone(), groups.iter().copied().step_by(2).collect()];
        sets.extend(groups.iter().take(12).map(|&group| vec![group]));
        sets.extend((1..groups.len().min(12)).map(|count| groups[..count].to_vec()));
        for open in sets {
            same_as_the_picture(&mut page, &graph, &open);
        }
    }
}

#[test]
fn a_click_opens_and_closes() {
    let graph = network();
    let Some(mut page) = opened(&graph, "click") else { return };
    page.evaluate("document.getElementById('close-all').click()");
    let frames = |page: &mut Page| page.evaluate("document.querySelectorAll('#stage .frame').length");
    assert_eq!(frames(&mut page), 0);
    page.click("#stage .group");
    assert_eq!(frames(&mut page), 1);
    let name = page.text("document.activeElement.getAttribute('aria-label')");
    assert_eq!(page.text("document.activeElement.ariaExpanded"), "true", "{name}");
    page.screenshot("click-open.png");
    page.key("Enter");
    assert_eq!(frames(&mut page), 0);
    assert_eq!(page.text("document.activeElement.getAttribute('aria-label')"), name);
    page.key("Enter");
    assert_eq!(frames(&mut page), 1);
    // A click within a frame means nothing; one on its handle closes it.
    page.click("#stage .frame .handle");
    assert_eq!(frames(&mut page), 0);
    page.click("#open-all");
    assert!(frames(&mut page).as_u64().unwrap() > 3);
    page.wait("location.hash.split('.').length > 5");
    let linked = page.text("location.hash");
    let open = frames(&mut page);
    page.load(&linked);
    assert_eq!(frames(&mut page), open);
}

/// What is inside a composite node has values and gradients of its own, and its steps come where its node had one.
#[test]
fn a_composite_node_opens() {
    let graph = network();
    let group = graph
        .groups
        .iter()
        .position(|group| group.inside.is_some_and(|node| graph.nodes[node].name.as_deref() == Some("loss")));
    let group = group.expect("the loss is composite");
    let Some(mut page) = opened(&graph, "composite") else { return };
    let steps =
        |page: &mut Page| page.evaluate("Number(document.getElementById('slider').max)").as_u64().unwrap();
    let before = steps(&mut page);
    page.evaluate(&format!("chainrule.toggle({group})"));
    let after = steps(&mut page);
    assert!(after > before + 2, "{before} steps, then {after}");
    page.screenshot("composite.png");
    page.key("End");
    page.screenshot("composite-end.png");
    let hidden = "[...document.querySelectorAll('#stage .card .number')].filter(it => getComputedStyle(it).visibility !== 'visible').length";
    assert_eq!(page.evaluate(hidden), 0, "at the end everything is known");
}

#[test]
fn ten_thousand_nodes_stay_usable() {
    let graph = loop_of(3_333);
    assert!(graph.nodes.len() >= 10_000);
    let bytes = graph.to_html().len();
    println!("{bytes} bytes");
    let Some(mut page) = opened(&graph, "ten-thousand") else { return };
    let time = "(action => { const begin = performance.now(); action(); document.body.getBoundingClientRect(); return performance.now() - begin; })";
    let start = page.evaluate("performance.getEntriesByType('navigation')[0].domComplete");
    println!("opened in {start} ms");
    page.screenshot("ten-thousand.png");
    let drawn = "document.querySelectorAll('#stage .card').length";
    let before = page.evaluate(drawn).as_u64().unwrap();
    let group = page.text("document.querySelector('#stage .group').dataset.group");
    let took = page.evaluate(&format!("{time}(() => chainrule.toggle({group}))"));
    println!("a group opened in {took} ms");
    page.screenshot("ten-thousand-open.png");
    let took = page.evaluate(&format!("{time}(() => document.getElementById('last').click())"));
    println!("the last step in {took} ms");
    page.key("/");
    page.write("%9000");
    page.key("Enter");
    assert!(page.text("document.querySelector('#details h2').textContent").starts_with("%9000 = "));
    assert!(page.evaluate(drawn).as_u64().unwrap() > before);
    page.screenshot("ten-thousand-found.png");
    page.click("#tables");
    assert!(page.evaluate("document.querySelectorAll('#lists tbody tr').length").as_u64().unwrap() <= 400);
}
