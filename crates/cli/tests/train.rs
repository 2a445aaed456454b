//! `chainrule train`, as it is called.

mod common;

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use common::files::two_sides;
use common::{Run, chainrule, file, refused, succeeds};

/// The accuracy in the last line, which has four decimals.
fn accuracy(run: &Run) -> f64 {
    assert!(run.status.success(), "{}", run.stderr);
    let last = run.stdout.lines().last().unwrap();
    let figure = last.strip_prefix("test accuracy: ").unwrap();
    assert_eq!(figure.split_once('.').map(|(_, decimals)| decimals.len()), Some(4), "{last}");
    assert!(run.stdout.ends_with('\n'));
    figure.parse().unwrap()
}

#[test]
fn the_digits_are_learnt_with_the_same_figures_at_every_run() {
    let (bare, named) = (chainrule(&[]), chainrule(&["train", "--seed", "42"]));
    assert!(accuracy(&bare) >= 0.97, "{}", bare.stdout);
    assert_eq!(bare.stdout, named.stdout);
    assert_eq!((bare.stderr.as_str(), named.stderr.as_str()), ("", ""));

    let lines: Vec<&str> = bare.stdout.lines().collect();
    let data = "data       digits, built in: 64 features, 10 classes, 1437 rows to train on, 360 to test on";
    assert_eq!(lines[0], data);
    assert_eq!(lines[1], "network    mlp 64: linear 128 relu, linear 10 (9610 parameters)");
    assert!(lines[2].starts_with("optimizer  adamw, rate 0.005, weight decay 0.01, "), "{}", lines[2]);
    assert!(lines[4].starts_with("epoch      loss  test loss  accuracy  ∇ "), "{}", lines[4]);
    assert_eq!(lines[4].matches('∇').count(), 2, "one for each layer");
    assert!(lines[5].starts_with("    1  "), "{}", lines[5]);
}

#[test]
fn another_seed_gives_other_figures() {
    let [a, b] = ["1", "2"].map(|seed| chainrule(&["train", "--epochs", "1", "--seed", seed]).stdout);
    assert_ne!(a.lines().last(), b.lines().last());
}

#[test]
fn every_optimiser_and_every_activation_learns() {
    for optimizer in ["sgd", "momentum", "nesterov", "adam", "adamw", "amsgrad", "rmsprop", "adagrad", "lion"]
    {
        let run = chainrule(&["train", "--epochs", "5", "--optimizer", optimizer, "--weight-decay", "1e-4"]);
        assert!(accuracy(&run) > 0.85, "{optimizer}: {}", run.stdout);
    }
    let activations = ["relu", "leaky_relu(0.2)", "elu", "gelu", "silu", "softplus", "tanh", "sigmoid"];
    for activation in activations {
        let run = chainrule(&["train", "--epochs", "10", "--activation", activation]);
        assert!(accuracy(&run) > 0.7, "{activation}: {}", run.stdout);
    }
}

#[test]
fn the_curvature_is_followed() {
    let run = succeeds("train --optimizer lbfgs --batch full --hidden none --epochs 30 --weight-decay 0");
    assert!(accuracy(&run) > 0.85, "{}", run.stdout);
}

#[test]
fn all_that_makes_a_training_can_be_had_at_once() {
    let run = succeeds(
        "train --optimizer adamw --rate 0.01 --schedule cosine --warmup 20 --clip-norm 1 --accumulate 2 --batch 16 \
         --hidden 32,16 --norm layer --dropout 0.1 --activation gelu --label-smoothing 0.05 --class-weights balanced \
         --shards 2 --augment shift=1 --validation 0.1 --epochs 8 --summary",
    );
    assert!(accuracy(&run) > 0.85, "{}", run.stdout);
    assert!(run.stdout.contains("layers.0"), "{}", run.stdout);
    let size = "1294 rows to train on, 143 to choose by, 360 to test on";
    assert!(run.after("data ").ends_with(size), "{}", run.stdout);
    let settings = "adamw, rate 0.01, weight decay 0.01, schedule cosine, warm-up of 20 steps, gradients clipped at 1, batches of 16, 8 epochs";
    assert!(run.after("optimizer ").starts_with(settings), "{}", run.stdout);
}

#[test]
fn threads_change_nothing() {
    let [one, two] = ["1", "2"]
        .map(|threads| succeeds(&format!("train --epochs 2 --shards 4 --threads {threads}")).stdout);
    assert_eq!(one, two);
}

#[test]
fn batches_of_one_of_more_than_there_are_and_of_all() {
    let path = file("batches.csv", two_sides("x,side,y\n"));
    let with = |batch| chainrule(&["train", "--data", &path, "--label", "side", "--batch", batch]);
    accuracy(&with("1"));
    let (full, many) = (with("full"), with("1000"));
    accuracy(&full);
    assert_eq!(full.stdout, many.stdout);
}

#[test]
fn a_csv_file_is_learnt_with_a_header_and_without() {
    let with = file("header.csv", two_sides("x,side,y\n"));
    let without = file("no-header.csv", two_sides(""));
    let options = ["--hidden", "8", "--epochs", "200", "--batch", "8", "--optimizer", "sgd", "--rate", "0.1"];
    let run =
        |path: &str, label| chainrule(&[&["train", "--data", path, "--label", label][..], &options].concat());
    let (named, numbered, headless) = (run(&with, "side"), run(&with, "2"), run(&without, "2"));
    assert!(accuracy(&named) >= 0.9, "{}", named.stdout);
    let size = "2 features, 2 classes, 48 rows to train on, 12 to test on";
    assert_eq!(named.stdout.lines().next(), Some(&*format!("data       {with}: {size}")));
    assert_eq!(
        named.stdout.lines().nth(1),
        Some("network    mlp 2: linear 8 relu, linear 2 (42 parameters)")
    );
    assert_eq!(named.stdout, numbered.stdout);
    let figures = |run: &Run| run.stdout.lines().skip(1).collect::<Vec<_>>().join("\n");
    assert_eq!(figures(&named), figures(&headless));
}

#[test]
fn no_hidden_layer_and_several() {
    let shape = |hidden| {
        let run = chainrule(&["train", "--epochs", "1", "--hidden", hidden]);
        accuracy(&run);
        run.stdout.lines().nth(1).unwrap().to_owned()
    };
    assert_eq!(shape("none"), "network    mlp 64: linear 10 (650 parameters)");
    assert_eq!(
        shape("16,8"),
        "network    mlp 64: linear 16 relu, linear 8 relu, linear 10 (1266 parameters)"
    );
}

#[test]
fn wrong_data_is_one_line_that_says_where() {
    for (name, text, line) in [
        ("text.csv", "x,y,c\n1,2,a\n1,two,b\n", ", line 3, column `y`: a number is expected, found `two`"),
        (
            "headless.csv",
            "1,2,a\n1,two,b\n",
            ", line 2, column `column 2`: a number is expected, found `two`",
        ),
        ("ragged.csv", "x,y,c\n1,2,a\n1,b\n", ", line 3: 3 columns are expected, found 2"),
        ("empty.csv", "", ": the text is empty"),
        ("alone.csv", "x,c\n1,a\n2,a\n", ": two classes or more are expected, found one"),
    ] {
        let path = file(name, text);
        assert_eq!(refused(&["train", "--data", &path]), format!("{path}{line}"));
    }
    let path = file("short.csv", "x,c\n1,a\n2,b\n");
    let refuse = |more: &[&str]| refused(&[&["train", "--data", &path], more].concat());
    assert_eq!(refuse(&["--split", "0.1"]), "--split 0.1 of 2 rows leaves none to train on");
    assert_eq!(refuse(&["--label", "0"]), "--target 0: columns are counted from 1");
    assert!(refuse(&["--label", "d"]).contains('d'));
    assert!(refuse(&["--label", "3"]).contains("column"));
    assert!(refused(&["train", "--data", "no/such/file.csv"]).starts_with("no/such/file.csv: "));
}

#[test]
fn wrong_options_are_one_line() {
    for (option, value, wanted) in [
        ("--rate", "0", "expected a number above 0"),
        ("--rate", "-1", "expected a number above 0"),
        ("--rate", "nan", "expected a number above 0"),
        ("--epochs", "0", "expected a whole number from 1"),
        ("--epochs", "many", "expected a whole number from 1"),
        ("--batch", "0", "expected a whole number from 1, or full"),
        ("--seed", "-1", "expected a whole number from 0 to 18446744073709551615"),
        ("--split", "1", "expected a number above 0 and below 1"),
        ("--weight-decay", "-0.1", "expected a number from 0"),
        ("--momentum", "1", "expected a number from 0 and below 1"),
        ("--hidden", "0", "expected whole numbers from 1 to 16384 with commas between them, or none"),
        ("--hidden", "8,", "expected whole numbers from 1 to 16384 with commas between them, or none"),
    ] {
        let line = refused(&["train", option, value]);
        assert!(line.contains(option) && line.ends_with(wanted), "{line}");
    }
    assert!(
        refused(&["train", "--activation", "rule"]).contains("there are identity, step, sigmoid, tanh, relu")
    );
    assert!(refused(&["train", "--optimizer", "best"]).contains("possible values: adamw, sgd"));
    assert!(refused(&["train", "--rat", "1"]).contains("--rate"));
    assert!(refused(&["train", "digits"]).contains("'digits'"));
    assert!(refused(&["learn"]).contains("'learn'"));
    assert_eq!(
        refused(&["train", "--optimizer", "adam", "--momentum", "0.5"]),
        "--momentum goes with --optimizer momentum, nesterov or rmsprop, not adam"
    );
}

#[test]
fn a_batch_that_cannot_be_normalised_is_refused() {
    let line = refused(&["train", "--norm", "batch", "--batch", "1436"]);
    assert!(line.starts_with("batch normalisation needs two rows or more at a time"), "{line}");
}

#[test]
fn the_settings_of_the_optimiser_are_shown() {
    let run = chainrule(
        &"train --optimizer nesterov --momentum 0.8 --rate 0.02 --weight-decay 0.001 --batch full --epochs 1 --seed 7"
            .split(' ')
            .collect::<Vec<_>>(),
    );
    let settings = "nesterov, rate 0.02, momentum 0.8, weight decay 0.001, batches of 1437, 1 epoch, seed 7";
    assert_eq!(run.stdout.lines().nth(2), Some(&*format!("optimizer  {settings}")));
}

#[test]
fn a_rate_that_diverges_is_named() {
    let run = chainrule(&["train", "--rate", "1e30"]);
    assert_eq!(run.status.code(), Some(2));
    assert!(run.stderr.starts_with("chainrule: epoch 1, batch "), "{}", run.stderr);
    assert!(run.stderr.ends_with("\na smaller --rate may help\n"), "{}", run.stderr);
}

#[test]
fn the_help_tells_every_option() {
    let help = chainrule(&["train", "--help"]);
    assert!(help.status.success());
    let options = "data labels test-data test-labels target task log-target no-header drop categorical missing scale split \
        validation folds hidden activation dropout norm network summary optimizer rate momentum weight-decay schedule \
        warmup clip-norm accumulate epochs batch seed label-smoothing class-weights augment early-stopping find-rate \
        shards threads save every resume history report tensorboard graph plain export-torch help";
    for option in options.split_whitespace() {
        assert!(help.stdout.contains(&format!("--{option}")), "{option}");
    }
    assert!(help.stdout.lines().all(|line| line.chars().count() <= 120), "{}", help.stdout);
    let all = chainrule(&["--help"]);
    assert!(all.status.success() && all.stdout.contains("train") && all.stdout.contains("grad"));
}

#[test]
fn a_reader_that_leaves_is_no_fault() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chainrule"));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::with_capacity(16, child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("data "));
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    assert!(output.status.success());
}
