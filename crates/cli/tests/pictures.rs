//! Pictures from the command line: of an expression, of a network, of a training.

mod common;

use std::fs;

use common::{chainrule, directory, refused, succeeds};

/// An expression with the options that follow it.
fn grad(options: &[&str]) -> common::Run {
    let run = chainrule(&[&["grad", "x*y + sin(x)", "x=2", "y=3"], options].concat());
    assert!(run.status.success(), "{}", run.stderr);
    run
}

#[test]
fn an_expression_becomes_every_picture() {
    let place = directory("pictures");
    let path = |name: &str| place.join(name).to_str().unwrap().to_owned();
    let forms = [
        ("--svg", "<svg "),
        ("--html", "<!DOCTYPE html>"),
        ("--dot", "digraph"),
        ("--mermaid", "flowchart LR"),
        ("--json", "{"),
    ];
    let options: Vec<String> =
        forms.iter().flat_map(|(option, _)| [(*option).to_owned(), path(option)]).collect();
    let all = grad(&options.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(all.stdout, grad(&[]).stdout, "the tables are there as ever");
    for (option, begin) in forms {
        let text = fs::read_to_string(path(option)).unwrap();
        assert!(text.contains(begin), "{option}: {text}");
        assert!(text.contains("sin"), "{option}: {text}");
        assert!(
            !text.contains("expression.rs"),
            "{option}: the lines of the program say nothing to its user"
        );
        let shown = grad(&[option, "-"]).stdout;
        assert_eq!(
            shown.trim_end(),
            text.trim_end(),
            "{option}: the same on the standard output, without the tables"
        );
    }
}

#[test]
fn names_with_markup_are_text() {
    let run = chainrule(&["grad", "a < b", "a=1"]);
    assert_eq!(run.status.code(), Some(2), "no such name comes this far");
    let place = directory("pictures-markup");
    let rows = place.join("<b>&\"rows\".csv");
    fs::write(&rows, common::files::two_sides("x,<script>alert(1)</script>,y\n")).unwrap();
    let (page, graph) = (place.join("report.html"), place.join("graph.html"));
    let [rows, page, graph] = [&rows, &page, &graph].map(|path| path.to_str().unwrap());
    let options = ["--target", "2", "--epochs", "2", "--report", page, "--graph", graph];
    let run = chainrule(&[&["train", "--data", rows], &options[..]].concat());
    assert!(run.status.success(), "{}", run.stderr);
    for path in [page, graph] {
        let text = fs::read_to_string(path).unwrap();
        assert!(!text.contains("<b>&\"rows") && !text.contains("<script>alert"), "{path}");
    }
    assert!(
        fs::read_to_string(page).unwrap().contains("&lt;b>")
            || fs::read_to_string(page).unwrap().contains("&lt;b&gt;")
    );
}

#[test]
fn a_picture_that_cannot_be_written_is_named() {
    let refuse = |option: &str, path: &str| refused(&["grad", "x*x", "x=2", option, path]);
    assert_eq!(refuse("--svg", "no/such/graph.svg"), "no/such/graph.svg: there is no directory no/such");
    let place = directory("pictures-folder");
    let folder = place.to_str().unwrap();
    assert_eq!(refuse("--html", folder), format!("{folder}: is a directory"));
    let two = refused(&["grad", "x*x", "x=2", "--svg", "-", "--dot", "-"]);
    assert_eq!(two, "--svg - and --dot - are two pictures for one standard output");
    let form = refused(&["train", "--graph", "graph.bmp"]);
    assert!(
        form.contains("--graph")
            && form.ends_with("a file that ends in .svg, .html, .dot, .mmd, .json or .txt is expected"),
        "{form}"
    );
    let file = place.join("file");
    fs::write(&file, "").unwrap();
    let below = file.join("report.html");
    assert!(refused(&["train", "--report", below.to_str().unwrap()]).starts_with(below.to_str().unwrap()));
    let events = file.join("run");
    let run = chainrule(&["train", "--tensorboard", events.to_str().unwrap()]);
    assert_eq!(run.status.code(), Some(2));
    assert!(run.stderr.starts_with(&format!("chainrule: {}: ", events.display())), "{}", run.stderr);
}

#[test]
fn a_file_that_is_there_is_replaced() {
    let path = common::file("replaced.svg", "something else");
    grad(&["--svg", &path]);
    assert!(fs::read_to_string(&path).unwrap().contains("<svg "));
}

#[test]
fn a_training_is_told_in_a_page_and_as_events_also_when_it_goes_on() {
    let place = directory("pictures-training");
    let path = |name: &str| place.join(name).to_str().unwrap().to_owned();
    let (run, report, events, graph) = (path("run"), path("report.html"), path("events"), path("graph.svg"));
    let files = format!("--save {run} --report {report} --tensorboard {events} --graph {graph}");
    let first = succeeds(&format!("train --epochs 2 --hidden 8 --label-smoothing 0.1 {files}"));
    let plain = succeeds("train --epochs 2 --hidden 8 --label-smoothing 0.1");
    assert_eq!(first.stdout, plain.stdout, "those who look on change nothing");
    let page = fs::read_to_string(&report).unwrap();
    assert!(page.contains("mlp 64: linear 8 relu, linear 10") || page.contains("Linear"), "the network");
    let drawing = fs::read_to_string(&graph).unwrap();
    assert!(
        drawing.contains("<svg ")
            && drawing.contains("mlp 64: linear 8 relu, linear 10")
            && drawing.contains("loss")
    );
    assert_eq!(fs::read_dir(&events).unwrap().count(), 1);

    // It goes on with the options it was begun with.
    succeeds(&format!("train --resume {run}/last.safetensors --epochs 4"));
    assert_eq!(fs::read_dir(&events).unwrap().count(), 2, "events of a file for each call");
    let longer = fs::read_to_string(&report).unwrap();
    let whole = path("whole.html");
    succeeds(&format!("train --epochs 4 --hidden 8 --label-smoothing 0.1 --report {whole}"));
    let losses = |page: &str| {
        let (_, data) = page.split_once("\"loss\":").expect("the numbers are in the page");
        data.split_once(']').unwrap().0.to_owned()
    };
    assert_eq!(losses(&longer), losses(&fs::read_to_string(&whole).unwrap()));
    assert_ne!(losses(&longer), losses(&page));
}

#[test]
fn numbers_have_a_graph_too() {
    let place = directory("pictures-values");
    let (rows, graph) = (place.join("curve.csv"), place.join("graph.json"));
    fs::write(&rows, common::files::curve()).unwrap();
    let [rows, graph] = [&rows, &graph].map(|path| path.to_str().unwrap());
    let run = chainrule(&[
        "train",
        "--data",
        rows,
        "--hidden",
        "4",
        "--dropout",
        "0.2",
        "--epochs",
        "1",
        "--graph",
        graph,
    ]);
    assert!(run.status.success(), "{}", run.stderr);
    let text = fs::read_to_string(graph).unwrap();
    assert!(text.contains("\"layers.0.weight\"") && text.contains("\"loss\""), "{}", &text[..400]);
}
