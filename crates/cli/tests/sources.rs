//! Every form of data that `chainrule train` takes.

mod common;

use std::fs;

use common::files::{bars, curve, gzip, idx, two_sides};
use common::{directory, file, refused, succeeds};
use ndarray::{Array1, Array2};
use nn::data::NpzWriter;

/// The line about the data.
fn data_line(line: &str) -> String {
    let run = succeeds(line);
    run.after("data ").to_owned()
}

#[test]
fn data_sets_that_are_built_in() {
    let digits = data_line("train --data digits --epochs 1");
    assert_eq!(digits, "digits, built in: 64 features, 10 classes, 1437 rows to train on, 360 to test on");
    let iris = succeeds("train --data iris --epochs 60 --hidden 8 --optimizer sgd --rate 0.1");
    assert_eq!(
        iris.after("data "),
        "iris, built in: 4 features, 3 classes, 120 rows to train on, 30 to test on"
    );
    assert!(iris.figure("test accuracy:") >= 0.9, "{}", iris.stdout);
}

#[test]
fn a_csv_file_and_the_same_compressed() {
    let text = two_sides("x,side,y\n");
    let (plain, packed) = (file("sources.csv", &text), file("sources.csv.gz", gzip(text.as_bytes())));
    let run = |path: &str| {
        let run = succeeds(&format!("train --data {path} --target side --epochs 3"));
        run.stdout.lines().skip(1).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(run(&plain), run(&packed));
}

#[test]
fn a_first_row_of_categories_can_be_told_from_a_header() {
    let rows = curve().lines().skip(1).collect::<Vec<_>>().join("\n");
    let path = file("headless-curve.csv", rows);
    assert!(
        data_line(&format!("train --data {path} --epochs 1")).ends_with("71 rows to train on, 18 to test on")
    );
    let line = data_line(&format!("train --data {path} --epochs 1 --no-header"));
    assert!(
        line.ends_with("4 features, regression of column 4, 72 rows to train on, 18 to test on"),
        "{line}"
    );
}

#[test]
fn numbers_are_learnt_where_the_answers_are_numbers() {
    let path = file("curve.csv", curve());
    let options = "--hidden 16 --optimizer adam --rate 0.01 --batch 8 --epochs 150 --seed 3";
    let run = succeeds(&format!("train --data {path} {options}"));
    assert_eq!(
        run.after("data "),
        format!("{path}: 4 features, regression of y, 72 rows to train on, 18 to test on"),
        "x, z, and a column for each kind"
    );
    assert!(run.figure("test r2:") > 0.97, "{}", run.stdout);
    let log = succeeds(&format!("train --data {path} --log-target {options}"));
    assert!(log.after("data ").contains("regression of ln y"), "{}", log.stdout);
    // ln y is linear in what is known.
    assert!(log.figure("test r2:") > 0.99, "{}", log.stdout);
    assert!(log.stdout.lines().last().unwrap().starts_with("test r2: "), "{}", log.stdout);
}

#[test]
fn whole_numbers_are_classes_unless_told_otherwise() {
    let rows: Vec<String> = (0..60).map(|k| format!("{},{}", k % 6, k % 6 / 2)).collect();
    let path = file("levels.csv", format!("x,level\n{}", rows.join("\n")));
    assert!(data_line(&format!("train --data {path} --epochs 1")).contains("3 classes"));
    let numbers = data_line(&format!("train --data {path} --epochs 1 --task regression"));
    assert!(numbers.contains("regression of level"), "{numbers}");
}

#[test]
fn columns_are_dropped_and_read_as_categories() {
    let path = file("columns.csv", curve());
    let width = |options: &str| {
        let line = data_line(&format!("train --data {path} --epochs 1 {options}"));
        line.split(": ").nth(1).unwrap().split(" feature").next().unwrap().parse::<usize>().unwrap()
    };
    assert_eq!(width(""), 4);
    assert_eq!(width("--drop kind"), 2);
    assert_eq!(width("--drop kind,x"), 1);
    // There are nine different values of z.
    assert_eq!(width("--categorical z"), 1 + 2 + 9);
}

#[test]
fn empty_cells_are_refused_or_left_out_or_filled() {
    let mut text = two_sides("x,side,y\n");
    text.push_str("3000,above,\n");
    let path = file("missing.csv", text);
    let train = |more: &str| format!("train --data {path} --target side --epochs 1 {more}");
    let line = refused(&train("").split_whitespace().collect::<Vec<_>>());
    assert!(line.starts_with(&format!("{path}, line 62, column `y`: ")), "{line}");
    assert!(data_line(&train("--missing drop")).ends_with("48 rows to train on, 12 to test on"));
    assert!(data_line(&train("--missing mean")).ends_with("48 rows to train on, 13 to test on"));
}

#[test]
fn idx_files_alone_and_compressed_and_four_in_a_directory() {
    let place = directory("idx");
    let path = |name: &str| place.join(name).into_os_string().into_string().unwrap();
    for (part, rows) in [("train", 60), ("t10k", 24)] {
        let (images, labels) = bars(rows);
        let images = idx(&[rows as u32, 6, 6], &images);
        fs::write(path(&format!("{part}-images-idx3-ubyte")), &images).unwrap();
        fs::write(path(&format!("{part}-images-idx3-ubyte.gz")), gzip(&images)).unwrap();
        fs::write(path(&format!("{part}-labels-idx1-ubyte")), idx(&[rows as u32], &labels)).unwrap();
    }
    let train = "--epochs 60 --hidden 16 --optimizer adam --rate 0.02 --batch 8";
    let labels = path("train-labels-idx1-ubyte");
    for form in ["", ".gz"] {
        let images = path(&format!("train-images-idx3-ubyte{form}"));
        let run = succeeds(&format!("train --data {images} --labels {labels} {train}"));
        let size = "36 features, 2 classes, 48 rows to train on, 12 to test on";
        assert_eq!(run.after("data "), format!("{images}: {size}"));
        assert!(run.figure("test accuracy:") >= 0.9, "{}", run.stdout);
        let tests = format!(
            "--test-data {} --test-labels {}",
            path("t10k-images-idx3-ubyte"),
            path("t10k-labels-idx1-ubyte")
        );
        let run = succeeds(&format!("train --data {images} --labels {labels} {tests} {train}"));
        assert!(run.after("data ").ends_with("60 rows to train on, 24 to test on"));
    }
    let whole = succeeds(&format!("train --data {} {train}", place.display()));
    assert!(whole.after("data ").ends_with("60 rows to train on, 24 to test on"), "{}", whole.stdout);
    assert!(whole.figure("test accuracy:") >= 0.9, "{}", whole.stdout);

    let alone = refused(&["train", "--data", &path("train-images-idx3-ubyte")]);
    assert!(alone.contains("--labels"), "{alone}");
    fs::remove_file(path("t10k-labels-idx1-ubyte")).unwrap();
    let three = refused(&["train", "--data", place.to_str().unwrap()]);
    assert!(three.contains("t10k-labels-idx1-ubyte"), "{three}");
}

/// An npz file with rows and answers.
fn npz<A: nn::data::Number>(name: &str, answers: impl Fn(u8) -> A) -> String {
    let (images, labels) = bars(60);
    let x: Vec<f32> = images.iter().map(|&byte| f32::from(byte) / 255.0).collect();
    let y: Vec<A> = labels.into_iter().map(answers).collect();
    let path = file(name, "");
    let mut writer = NpzWriter::create(&path).unwrap();
    writer.add("x", &Array2::from_shape_vec((60, 36), x).unwrap()).unwrap();
    writer.add("y", &Array1::from_vec(y)).unwrap();
    writer.finish().unwrap();
    path
}

#[test]
fn arrays_of_numpy() {
    let path = npz("arrays.npz", i64::from);
    let run =
        succeeds(&format!("train --data {path} --epochs 30 --hidden 8 --optimizer sgd --rate 0.2 --batch 8"));
    assert_eq!(
        run.after("data "),
        format!("{path}: 36 features, 2 classes, 48 rows to train on, 12 to test on")
    );
    assert!(run.figure("test accuracy:") >= 0.9, "{}", run.stdout);
    let path = npz("numbers.npz", |label| f64::from(label) + 0.5);
    let run = succeeds(&format!("train --data {path} --epochs 30 --hidden 8 --optimizer adam --batch 8"));
    assert!(run.figure("test r2:") > 0.5, "{}", run.stdout);
}

#[test]
fn rows_to_test_on_in_a_file_of_their_own() {
    let path = file("own-train.csv", two_sides("x,side,y\n"));
    let test = file("own-test.csv", "x,side,y\n0,below,0.06\n9000,above,0\n");
    let line = data_line(&format!("train --data {path} --target side --test-data {test} --epochs 1"));
    assert!(line.ends_with("60 rows to train on, 2 to test on"), "{line}");
    let other = file("own-other.csv", "x,side,z\n0,below,0.06\n");
    let line = refused(&["train", "--data", &path, "--target", "side", "--test-data", &other]);
    assert!(line.contains(&other) && line.contains('y'), "{line}");
}

#[test]
fn each_fold_is_tested_once() {
    let run = succeeds("train --data iris --folds 5 --epochs 30 --hidden 8 --optimizer sgd --rate 0.1");
    assert_eq!(run.after("data "), "iris, built in: 4 features, 3 classes, 150 rows in 5 folds");
    let figures = run.after("test accuracy:").strip_suffix(" over 5 folds").unwrap();
    let (mean, deviation) = figures.split_once(" ± ").unwrap();
    let [mean, deviation] = [mean, deviation].map(|text| text.parse::<f64>().unwrap());
    assert!(mean > 0.9 && deviation < 0.1, "{figures}");
    // The figures of the folds stand above their mean.
    let folds: Vec<f64> = (1..=5)
        .map(|fold| run.after(&format!("{fold:>4} ")).split_whitespace().last().unwrap().parse().unwrap())
        .collect();
    assert!((folds.iter().sum::<f64>() / 5.0 - mean).abs() < 1e-4, "{folds:?} {mean}");
}

#[test]
fn what_does_not_go_together_is_refused() {
    for (line, wanted) in [
        ("train --data digits --labels x", "--labels goes with IDX files, and digits is none"),
        ("train --data digits --target 3", "--target goes with CSV files, and digits is none"),
        ("train --data digits --log-target", "--log-target goes with --task regression"),
        (
            "train --data digits --task regression",
            "digits has classes: --task regression has nothing to learn",
        ),
        ("train --data iris --augment flip", "--augment goes with images"),
        ("train --data iris --network cnn", "--network cnn goes with images"),
    ] {
        let found = refused(&line.split_whitespace().collect::<Vec<_>>());
        assert!(found.starts_with(wanted), "{line}: {found}");
    }
}
