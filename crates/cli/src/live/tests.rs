//! Pictures of three sizes, cell by cell.

use std::time::Instant;

use nn::train::{EpochRecord, LayerRecord, Run, StepRecord};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::*;

const STEPS: usize = 45;

fn subject() -> Subject {
    Subject {
        title: "digits · mlp 64: linear 128 relu, linear 32 relu, linear 10 · adamw".to_owned(),
        against: "test",
        metric: "accuracy",
        rows: 1437,
    }
}

/// A training of twenty epochs after so many steps. The gradient of its first layer vanishes.
fn after(steps: u64) -> Known {
    let layers = ["layers.0", "layers.1", "layers.2"].map(str::to_owned);
    let values = ["loss", "validation_loss", "accuracy"].map(str::to_owned);
    let run = Run {
        epochs: 20,
        steps_per_epoch: STEPS,
        done: 0,
        step: 0,
        resumed: false,
        values: &values,
        layers: &layers,
        sample: &[64],
        settings: &[],
    };
    let mut known = Known::new(&run, Instant::now());
    for step in 1..=steps {
        let position = step as f64 / STEPS as f64;
        let epoch = position.ceil() as usize;
        // What wiggles is a polynomial, so that no library's sine decides on a dot.
        let wiggle = (step * 7919 % 101) as f64 / 101.0 - 0.5;
        let loss = 2.3 / (1.0 + position * position) * (1.0 + 0.3 * wiggle);
        known.step(&StepRecord { epoch, step, learning_rate: 0.005, loss, gradient_norm: 1.0 });
        if step.is_multiple_of(STEPS as u64) {
            let norms = [2e-5, 0.031, 0.25].map(|norm| norm * (1.0 + 1.0 / position));
            let layer = |(name, gradient_norm): (&String, f64)| LayerRecord {
                name: name.clone(),
                gradient_norm,
                update_ratio: 1e-3,
            };
            let record = EpochRecord {
                epoch,
                step,
                learning_rate: 0.005,
                loss,
                validation_loss: Some(0.08 + 2.0 / (1.0 + position * position)),
                metrics: vec![("accuracy".to_owned(), 0.98 - 0.5 / (1.0 + position))],
                layers: layers.iter().zip(norms).map(layer).collect(),
                seconds: 0.1,
            };
            known.epoch(&record, "accuracy");
        }
    }
    known
}

fn view() -> View {
    View {
        elapsed: Duration::from_secs(12),
        left: Some(Duration::from_secs(8)),
        rows: Some(28_412.0),
        ..View::default()
    }
}

fn picture(width: u16, height: u16, view: &mut View, known: &Known) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| view.render(frame.area(), frame.buffer_mut(), &subject(), known)).unwrap();
    let buffer = terminal.backend().buffer();
    let row = |y| (0..width).map(|x| buffer[(x, y)].symbol()).collect::<String>();
    let rows: Vec<String> = (0..height).map(|y| row(y).trim_end().to_owned() + "\n").collect();
    rows.concat()
}

/// The picture must be the one in the file. With `CHAINRULE_SCREENS=write` the file is written, to be looked at.
fn assert_picture(name: &str, found: &str) {
    let path = format!("{}/src/live/screens/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    if std::env::var("CHAINRULE_SCREENS").is_ok_and(|value| value == "write") {
        std::fs::write(&path, found).unwrap();
    }
    let wanted = std::fs::read_to_string(&path).unwrap();
    assert!(found == wanted, "{name}: found\n{found}\ninstead of\n{wanted}");
}

#[test]
fn pictures_of_three_sizes() {
    let known = after(587);
    for (width, height) in [(80, 24), (120, 40), (40, 10)] {
        assert_picture(&format!("{width}x{height}"), &picture(width, height, &mut view(), &known));
    }
}

#[test]
fn the_first_moment_and_the_keys() {
    let mut view = View { help: true, ..View::default() };
    assert_picture("help", &picture(80, 24, &mut view, &after(0)));
}

#[test]
fn every_size_is_drawn() {
    let (early, late) = (after(3), after(900));
    for (width, height) in (1..90).flat_map(|width| (1..30).map(move |height| (width, height))) {
        for known in [&early, &late] {
            let text = picture(width, height, &mut view(), known);
            assert!(text.starts_with(['d', 'e']), "{width} x {height}: {text}");
        }
    }
}

#[test]
fn what_is_going_on_is_said() {
    let mut known = after(45 * 3 + 1);
    let state = |view: &mut View, known: &Known| {
        picture(80, 24, view, known).lines().next().unwrap().rsplit(' ').next().unwrap().to_owned()
    };
    assert_eq!(state(&mut view(), &known), "training");
    known.pause = true;
    assert_eq!(state(&mut view(), &known), "pausing");
    known.rests = true;
    assert_eq!(state(&mut view(), &known), "paused");
    assert_eq!(state(&mut View { stops: true, ..view() }, &known), "stopping");
    let mut known = after(45 * 3);
    assert_eq!(state(&mut view(), &known), "training", "the epoch was told of");
    known.last = None;
    assert_eq!(state(&mut view(), &known), "validating");
}

#[test]
fn layers_that_do_not_fit_are_scrolled_to() {
    let mut known = after(90);
    let layer = known.layers[1].clone();
    known.layers = (0..30).map(|k| KnownLayer { name: format!("block.{k}"), ..layer.clone() }).collect();
    let mut view = View { scroll: 100, ..view() };
    let text = picture(80, 24, &mut view, &known);
    assert!(text.contains("(25 to 30 of 30, ↑ ↓)"), "{text}");
    assert!(text.contains("block.29") && !text.contains("block.23"), "{text}");
    assert_eq!(view.scroll, 24, "not past the last");
    let first = picture(80, 24, &mut View { scroll: 0, ..view }, &known);
    assert!(first.contains("block.0 ") && first.contains("(1 to 6 of 30, ↑ ↓)"), "{first}");
}

#[test]
fn without_colours_the_curves_differ_in_their_marks() {
    let text = picture(80, 24, &mut View { plain: true, ..view() }, &after(587));
    assert!(text.matches('•').count() > 8, "{text}");
    assert!(!picture(80, 24, &mut view(), &after(587)).contains('•'));
}
