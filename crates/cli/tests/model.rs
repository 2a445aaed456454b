//! `chainrule evaluate` and `chainrule predict`, with what `chainrule train` has saved.

mod common;

use std::fmt::Write as _;
use std::fs;

use common::files::{bars, curve, idx, two_sides};
use common::{directory, file, refused, succeeds};

/// A model that was trained on a file with these options, in a directory of this name.
fn trained(name: &str, options: &str) -> String {
    let place = directory(name);
    succeeds(&format!("train --save {} {options}", place.display()));
    place.join("last.safetensors").into_os_string().into_string().unwrap()
}

/// The lines of an answer, cell by cell.
fn cells(text: &str) -> Vec<Vec<String>> {
    text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

#[test]
fn a_classifier_is_measured_and_answers() {
    let path = file("sides.csv", two_sides("x,side,y\n"));
    let model = trained(
        "classifier",
        &format!("--data {path} --target side --hidden 8 --optimizer sgd --rate 0.1 --epochs 150 --batch 8"),
    );
    let measured = succeeds(&format!("evaluate {model} --data {path}"));
    assert_eq!(measured.after("rows "), "60");
    let accuracy = measured.figure("accuracy ");
    assert!(accuracy > 0.9, "{}", measured.stdout);
    assert!(measured.figure("roc auc ") > 0.9 && measured.figure("loss ") < 0.5, "{}", measured.stdout);
    for title in ["above  ", "below  ", "true \\ predicted  above  below"] {
        assert!(measured.stdout.lines().any(|line| line.starts_with(title)), "{title}: {}", measured.stdout);
    }

    // The column of the answers may be there or not, and the order of the columns does not matter.
    let answers = succeeds(&format!("predict {model} --data {path}")).stdout;
    let mut shuffled = "y,x\n".to_owned();
    for line in two_sides("").lines() {
        let cells: Vec<&str> = line.split(',').collect();
        writeln!(shuffled, "{},{}", cells[2], cells[0]).unwrap();
    }
    let bare = file("bare.csv", shuffled);
    assert_eq!(succeeds(&format!("predict {model} --data {bare}")).stdout, answers);

    let rows = cells(&answers);
    assert_eq!(rows[0], ["side", "above", "below"]);
    assert_eq!(rows.len(), 61);
    let truth: Vec<String> =
        two_sides("").lines().map(|line| line.split(',').nth(1).unwrap().to_owned()).collect();
    let right = rows[1..].iter().zip(&truth).filter(|(row, truth)| row[0] == **truth).count();
    assert!((right as f64 / 60.0 - accuracy).abs() < 1e-4);
    for row in &rows[1..] {
        let [above, below] = [1, 2].map(|k| row[k].parse::<f64>().unwrap());
        assert!((above + below - 1.0).abs() < 1e-5 && (above > below) == (row[0] == "above"), "{row:?}");
    }
}

#[test]
fn the_scale_is_that_of_the_training_and_not_of_the_rows() {
    let path = file("scaled.csv", two_sides("x,side,y\n"));
    let model = trained(
        "scaled",
        &format!("--data {path} --target side --hidden 8 --optimizer sgd --rate 0.1 --epochs 50"),
    );
    let all = succeeds(&format!("predict {model} --data {path}")).stdout;
    let text = two_sides("x,side,y\n");
    let first: Vec<&str> = text.lines().take(3).collect();
    let two = file("scaled-two.csv", first.join("\n"));
    let some = succeeds(&format!("predict {model} --data {two}")).stdout;
    assert!(all.starts_with(&some), "{some}");
}

#[test]
fn a_regression_answers_on_the_scale_of_the_data() {
    let path = file("answers.csv", curve());
    let model = trained(
        "regression",
        &format!("--data {path} --log-target --hidden 16 --optimizer adam --batch 8 --epochs 100"),
    );
    let measured = succeeds(&format!("evaluate {model} --data {path}"));
    assert!(measured.figure("r2 ") > 0.98, "{}", measured.stdout);
    assert!(measured.figure("mae ") <= measured.figure("rmse "), "{}", measured.stdout);
    assert!(measured.stdout.contains("ln y"), "{}", measured.stdout);
    let answers = cells(&succeeds(&format!("predict {model} --data {path}")).stdout);
    assert_eq!(answers[0], ["y"]);
    let truth = cells(&curve());
    for (answer, row) in answers[1..].iter().zip(&truth[1..]) {
        let [answer, truth] = [&answer[0], &row[3]].map(|text| text.parse::<f64>().unwrap());
        assert!((answer / truth - 1.0).abs() < 0.25, "{answer} {truth}");
    }
}

#[test]
fn a_convolutional_network_answers_about_images() {
    let place = directory("cnn-data");
    let (images, labels) = bars(48);
    let [images, labels] =
        [("images", idx(&[48, 6, 6], &images)), ("labels", idx(&[48], &labels))].map(|(name, bytes)| {
            let path = place.join(format!("{name}-idx-ubyte"));
            fs::write(&path, bytes).unwrap();
            path.into_os_string().into_string().unwrap()
        });
    let model = trained(
        "cnn",
        &format!(
            "--data {images} --labels {labels} --network cnn --optimizer adam --batch 8 --epochs 6 \
             --augment shift=1,flip --label-smoothing 0.05 --class-weights balanced --summary"
        ),
    );
    let measured = succeeds(&format!("evaluate {model} --data {images} --labels {labels}"));
    assert!(measured.figure("accuracy ") > 0.9, "{}", measured.stdout);
    let answers = cells(&succeeds(&format!("predict {model} --data {images}")).stdout);
    assert_eq!(
        (answers.len(), answers[0].as_slice()),
        (49, &["label".to_owned(), "0".into(), "1".into()][..])
    );
}

#[test]
fn what_does_not_fit_the_model_is_refused() {
    let path = file("fit.csv", two_sides("x,side,y\n"));
    let model = trained("fit", &format!("--data {path} --target side --epochs 1"));
    let other = file("fit-other.csv", "x,side\n1,above\n");
    let line = refused(&["predict", &model, "--data", &other]);
    assert!(line.starts_with(&other) && line.contains("`y`"), "{line}");
    let class = file("fit-class.csv", "x,side,y\n1,beside,2\n");
    let line = refused(&["evaluate", &model, "--data", &class]);
    assert!(line.starts_with(&class) && line.contains("beside"), "{line}");
    let bare = file("fit-bare.csv", "x,y\n1,2\n");
    let line = refused(&["evaluate", &model, "--data", &bare]);
    assert!(line.starts_with(&bare) && line.contains("side"), "{line}");
    assert!(refused(&["evaluate", &model, "--data", "digits"]).contains("digits"));
    assert!(refused(&["predict", "no.safetensors", "--data", &path]).starts_with("no.safetensors: "));
    let broken = file("broken.safetensors", &fs::read(&model).unwrap()[..100]);
    assert!(refused(&["predict", &broken, "--data", &path]).starts_with(&broken));
    assert!(refused(&["train", "--resume", &broken]).starts_with(&broken));
}

/// The commands of the README, in their order.
#[test]
fn a_network_for_a_built_in_set_answers_a_table_with_its_columns() {
    let model = trained("flowers", "--data iris --hidden 16 --epochs 60");
    let resumed = succeeds(&format!("train --resume {model} --epochs 70"));
    let tested = resumed.figure("test accuracy: ");
    assert!(tested >= 0.85, "{}", resumed.stdout);
    let all = succeeds(&format!("evaluate {model} --data iris"));
    assert!(all.figure("accuracy ") >= 0.9, "{}", all.stdout);

    let header = "petal_width_cm,sepal_length_cm,sepal_width_cm,petal_length_cm";
    let path = file("flowers.csv", format!("{header}\n0.2,5.1,3.5,1.4\n2.5,6.3,3.3,6.0\n"));
    let rows = cells(&succeeds(&format!("predict {model} --data {path}")).stdout);
    assert_eq!(rows[0], ["class", "setosa", "versicolor", "virginica"]);
    assert_eq!([&rows[1][0], &rows[2][0]], ["setosa", "virginica"]);
    let other = file("other.csv", "a,b\n1,2\n");
    let said = refused(&["predict", &model, "--data", &other]);
    assert!(said.contains("`sepal_length_cm`"), "{said}");
}
