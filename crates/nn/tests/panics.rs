//! A plain name panics at the line of its caller. In a process of its own: the panic hook belongs to all threads.

use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};
use std::sync::{Arc, Mutex};

use ndarray::array;
use nn::data::{RandomShift, Standardiser};
use nn::{Dataset, Generator, Loader, metrics};

#[test]
fn panics_name_the_line_of_the_caller() {
    let place = Arc::new(Mutex::new((String::new(), 0)));
    let seen = Arc::clone(&place);
    set_hook(Box::new(move |info| {
        let at = info.location().unwrap();
        *seen.lock().unwrap() = (at.file().to_owned(), at.line());
    }));
    let data = Dataset::new(array![[0.0], [1.0]], vec![0, 0], ["a"]).unwrap();
    let scale = Standardiser::from_parts(vec![], vec![]).unwrap();
    let logits = array![[0.0, 1.0]];
    let (mut residuals, mut residuals_of_two) = (metrics::Residuals::new(), metrics::Residuals::new());
    residuals.add(array![0.0].view(), array![1.0].view());
    residuals_of_two.add(logits.view(), logits.view());

    let first = line!() + 2;
    let calls: &[&dyn Fn()] = &[
        &|| assert_eq!(data.batches(0).len(), 0),
        &|| drop(data.split(2.0, 0)),
        &|| drop(data.select(&[2])),
        &|| scale.apply(&mut data.clone()),
        &|| scale.invert(&mut data.clone()),
        &|| drop(data.folds(3, 0)),
        &|| drop(data.stratified_folds(3, 0)),
        &|| drop(data.stratified_split(2.0, 0)),
        &|| drop(Loader::new(&data, 0)),
        &|| drop(Loader::new(&data, 1).augment(RandomShift::new(1))),
        &|| assert!(Loader::new(&data, 1).epoch(0).next().unwrap().part(0..2).1.is_empty()),
        &|| drop(metrics::argmax(array![0.0].view())),
        &|| assert!(metrics::accuracy(logits.view(), &[]) > 0.0),
        &|| drop(metrics::one_hot::<f32>(&[1], 1)),
        &|| assert!(metrics::top_k_accuracy(logits.view(), &[0], 3) > 0.0),
        &|| assert!(metrics::roc_auc(logits.view(), &[0]) > 0.0),
        &|| assert!(metrics::log_loss(logits.view(), &[2]) > 0.0),
        &|| assert!(metrics::r2_score(logits.view(), array![0.0].view()) > 0.0),
        &|| assert!(metrics::Residuals::new().scores().mae > 0.0),
        &|| metrics::Residuals::new().add(logits.view(), array![0.0].view()),
        &|| residuals.clone().merge(&residuals_of_two),
        &|| metrics::ConfusionMatrix::new(2).add(logits.view(), &[2]),
        &|| metrics::ConfusionMatrix::new(2).add_predictions(&[2], &[0]),
        &|| metrics::ConfusionMatrix::new(2).merge(&metrics::ConfusionMatrix::new(1)),
        &|| drop(metrics::ConfusionMatrix::new(usize::MAX)),
        &|| drop(Generator::seeded(0).below(0).to_string()),
    ];
    let lines: Vec<_> = calls
        .iter()
        .map(|call| {
            assert!(catch_unwind(AssertUnwindSafe(call)).is_err());
            place.lock().unwrap().clone()
        })
        .collect();
    let _ = std::panic::take_hook();
    for (k, (file, line)) in lines.into_iter().enumerate() {
        assert!(file.ends_with("tests/panics.rs") && line == first + k as u32, "call {k}: {file}:{line}");
    }
}
