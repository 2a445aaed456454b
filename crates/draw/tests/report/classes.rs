//! Classifiers: the numbers of the page are those that are computed without it.

use draw::Report;
use ndarray::Array2;
use nn::metrics::ConfusionMatrix;
use nn::prelude::*;
use nn::train::{EarlyStopping, History, Per, Watch};

use super::page::{Page, file};

fn digits() -> (Dataset, Dataset) {
    Dataset::digits().split(0.8, 42)
}

/// The outputs for all rows.
fn outputs(model: &dyn Layer<f32>, params: &Params<f32>, x: &ndarray::ArrayD<f32>) -> Array2<f32> {
    let tape = tape::Tape::new();
    let net = params.on(&tape).evaluation();
    let y = model.forward(&net, tape.constant(x.view()));
    let value = y.value().to_owned();
    let width = value.len() / x.shape()[0];
    value.into_shape_with_order((x.shape()[0], width)).unwrap()
}

#[test]
fn a_page_of_digits_holds_what_the_history_says() {
    let (train, test) = digits();
    let (path, history) =
        (file("digits"), std::env::temp_dir().join(format!("digits-{}.csv", std::process::id())));
    let mut params = Params::<f32>::seeded(42);
    let model = Mlp::new(&mut params, &[64, 32, 10], Activation::Relu);
    let report =
        Report::new(&path).title("Digits").model(&model).data(&test).setting("optimizer", "adam 0.005");
    let mut trainer = Trainer::classifier(&model, Adam::new(5e-3))
        .epochs(6)
        .seed(7)
        .validate(&test)
        .training_metrics(true)
        .schedule(Per::Epoch, nn::schedule::Cosine::new(6))
        .observe(report)
        .observe(History::csv(&history));
    let trained = trainer.fit(&mut params, &train).unwrap();
    drop(trainer);
    let page = Page::read(&path);
    for (k, epoch) in trained.epochs.iter().enumerate() {
        for name in ["loss", "validation_loss", "accuracy", "training_accuracy"] {
            assert_eq!(page.value(k, name), epoch.get(name).unwrap());
        }
        for (layer, record) in epoch.layers.iter().enumerate() {
            assert_eq!(page.data["epochs"][k]["gradient_norms"][layer], record.gradient_norm);
            assert_eq!(page.data["epochs"][k]["update_ratios"][layer], record.update_ratio);
        }
        assert_eq!(page.data["epochs"][k]["learning_rate"], epoch.learning_rate);
    }
    // The table for readers is that of the file for programs, to four digits.
    let csv = std::fs::read_to_string(&history).unwrap();
    std::fs::remove_file(&history).unwrap();
    let rows = page.table("Table: loss and metrics");
    assert_eq!(rows.len(), 6);
    for (cells, line) in rows.iter().zip(csv.lines().skip(1)) {
        let numbers: Vec<f64> = line.split(',').map(|cell| cell.parse().unwrap()).collect();
        for (cell, number) in cells.iter().zip(&numbers).take(7) {
            let shown: f64 = cell.parse().unwrap();
            assert!((shown - number).abs() <= 5e-4 * number.abs(), "{cell} {number}");
        }
    }

    let mut matrix = ConfusionMatrix::new(10);
    let logits = outputs(&model, &params, &test.features().to_owned().into_dyn());
    matrix.add(logits.view(), test.labels());
    let classes = &page.data["predictions"]["classes"];
    assert_eq!(classes["accuracy"], matrix.accuracy());
    assert_eq!(page.value(5, "accuracy"), matrix.accuracy());
    let loss = classes["loss"].as_f64().unwrap();
    assert!((loss - page.value(5, "validation_loss")).abs() < 1e-6 * loss);
    for (row, cells) in matrix.counts().rows().into_iter().zip(page.table("confusion matrix")) {
        let counts: Vec<u64> = cells[1..].iter().map(|cell| cell.parse().unwrap_or(0)).collect();
        assert_eq!(counts, row.to_vec());
    }
    for (scores, cells) in matrix.class_scores().iter().zip(page.table("Precision and recall")) {
        let shown: Vec<f64> = cells[1..].iter().map(|cell| cell.parse().unwrap()).collect();
        assert!((shown[0] - scores.precision).abs() < 1e-4 && (shown[1] - scores.recall).abs() < 1e-4);
        assert_eq!(shown[3], scores.support as f64);
    }

    // Every row that is taken for another class is there, the worst first, each with its picture.
    let mistakes = classes["mistakes"].as_array().unwrap();
    let predicted = nn::metrics::argmax(logits.view());
    let wrong = (0..test.len()).filter(|&row| predicted[row] != test.labels()[row]);
    let mut wrong: Vec<usize> = wrong.collect();
    let loss = |row: usize| {
        let logits: Vec<f64> = logits.row(row).iter().map(|&logit| f64::from(logit)).collect();
        logits.iter().map(|logit| logit.exp()).sum::<f64>().ln() - logits[test.labels()[row]]
    };
    wrong.sort_by(|&a, &b| loss(b).total_cmp(&loss(a)));
    wrong.truncate(24);
    let shown: Vec<usize> =
        mistakes.iter().map(|mistake| mistake["row"].as_u64().unwrap() as usize).collect();
    assert_eq!(shown, wrong);
    assert_eq!(
        page.html.matches("<li><img class=\"pixels\" src=\"data:image/png;base64,").count(),
        wrong.len()
    );
    let settings = page.table("<figcaption>Settings");
    for (name, value) in
        [("optimizer", "adam 0.005"), ("seed", "7"), ("batch", "32"), ("rows of training data", "1437")]
    {
        assert!(settings.contains(&vec![name.to_owned(), value.to_owned()]), "{name}: {settings:?}");
    }
    assert!(page.table("<figcaption>Layers").iter().any(|row| row[1] == "layers.1" && row[3] == "330"));
    assert_eq!(page.findings(), Vec::<String>::new());
    assert!(page.html.contains("Done after 6 epochs; nothing looks wrong."));
    assert!(!page.html.contains("http-equiv=\"refresh\""));
    assert!(page.html.len() < 1_000_000, "{} bytes", page.html.len());
}

#[test]
fn a_convolutional_network_shows_its_channels() {
    let (train, test) = digits();
    let (train, _) = train.split(0.3, 1);
    let path = file("cnn");
    let mut params = Params::<f32>::seeded(42);
    let text = "cnn 1x8x8: conv 8x3 bn relu, pool 2, dropout 0.1, linear 10";
    let model = Architecture::parse(text).unwrap().build(&mut params).unwrap();
    let report = Report::new(&path).model(&model).data(&test);
    let mut trainer =
        Trainer::classifier(&model, Adam::new(1e-2)).epochs(2).input_shape(&[1, 8, 8]).observe(report);
    trainer.fit(&mut params, &train).unwrap();
    drop(trainer);
    let page = Page::read(&path);
    let rows = page.table("Table: activations");
    let relu = rows.iter().find(|row| row[1] == "relu").unwrap();
    assert_eq!(relu[2], "8 × 8 × 8");
    assert!(relu[8].ends_with("of 8"), "{relu:?}");
    // Evaluation mode: two reports of the same parameters agree, whatever dropout does.
    let x = test.inputs().to_owned();
    let logits = outputs(&model, &params, &x);
    assert_eq!(
        page.data["predictions"]["classes"]["accuracy"],
        nn::metrics::accuracy(logits.view(), test.labels())
    );
    // Without validation data there is no curve of them.
    assert!(!page.html.contains("</i>validation") && !page.html.contains("validation loss"));
    assert!(page.html.len() < 1_000_000);
}

#[test]
fn two_features_have_a_plane_and_one_output_two_classes() {
    let x = Array2::from_shape_fn(
        (64, 2),
        |(row, k)| if k == 0 { row as f32 / 32.0 - 1.0 } else { (row % 5) as f32 },
    );
    let labels = (0..64).map(|row| usize::from(row >= 32)).collect();
    let data =
        Dataset::new(x, labels, ["left", "right"]).unwrap().with_feature_names(["a & b", "<c>"]).unwrap();
    let path = file("plane");
    let mut params = Params::<f32>::seeded(42);
    let model = Mlp::new(&mut params, &[2, 8, 1], Activation::Tanh);
    let report = Report::new(&path).model(&model).data(&data);
    let mut trainer = Trainer::classifier(&model, Adam::new(0.05)).epochs(30).validate(&data).observe(report);
    trainer.fit(&mut params, &data).unwrap();
    drop(trainer);
    let page = Page::read(&path);
    let classes = &page.data["predictions"]["classes"];
    assert_eq!(classes["accuracy"].as_f64().unwrap(), page.value(29, "accuracy"));
    assert!((classes["loss"].as_f64().unwrap() - page.value(29, "validation_loss")).abs() < 1e-6);
    let (_, plane) = page.html.split_once("Decision boundary").unwrap();
    assert!(plane.contains("<image href=\"data:image/png;base64,") && plane.contains("&lt;c&gt;"));
    let (plane, _) = plane.split_once("</svg>").unwrap();
    let wrong = classes["mistakes"].as_array().unwrap().len();
    assert_eq!(plane.matches("<circle").count(), 64 + wrong);
}

#[test]
fn a_class_without_rows_and_names_with_markup_do_no_harm() {
    let iris = Dataset::iris();
    let rows: Vec<usize> = (0..iris.len()).filter(|&row| iris.labels()[row] != 1).collect();
    let names = ["<script>alert(1)</script>", "\"quoted\" & 'more'", "</style><b>"];
    let data = iris.select(&rows).with_class_names(names).unwrap();
    let path = file("markup");
    let mut params = Params::<f32>::seeded(42);
    let model = Mlp::new(&mut params, &[4, 3], Activation::Relu);
    let report =
        Report::new(&path).title("</title><script>").model(&model).data(&data).setting("<i>", "</script>");
    let stopping = EarlyStopping::new(Watch::lowest("loss")).patience(1).min_delta(10.0);
    let mut trainer = Trainer::classifier(&model, Sgd::new(0.01)).epochs(9).observe(stopping).observe(report);
    trainer.fit(&mut params, &data).unwrap();
    drop(trainer);
    let page = Page::read(&path);
    assert_eq!(page.html.matches("<script").count(), 1);
    assert_eq!(page.data["title"], "</title><script>");
    let note = "note: no rows to look at: “\"quoted\" & 'more'”";
    assert!(page.findings().iter().any(|finding| finding == note), "{:?}", page.findings());
    assert!(page.html.contains("Stopped after 2 of 9 epochs"), "{:?}", page.data["outcome"]);
}
