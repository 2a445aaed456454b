use super::*;
use crate::data::Dataset;
use ndarray::{Array2, array};

#[test]
fn columns_get_mean_0_and_variance_1() {
    let (mut train, mut test) = Dataset::digits().split(0.8, 42);
    let scale = Standardiser::fit(&train).unwrap();
    scale.apply(&mut train);
    for (column, &deviation) in train.features().columns().into_iter().zip(scale.deviations()) {
        let n = column.len() as f64;
        let mean = column.iter().map(|&x| f64::from(x)).sum::<f64>() / n;
        let variance = column.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>() / n;
        let wanted = if deviation == 0.0 { 0.0 } else { 1.0 };
        assert!(mean.abs() < 1e-6 && (variance - wanted).abs() < 1e-5, "{mean} {variance}");
    }
    scale.apply(&mut test);
    assert!(test.features().iter().all(|x| x.is_finite()));
    assert_eq!(scale.deviations()[0], 0.0, "the corner is white in every image");
}

#[test]
fn a_constant_column_stays_0_though_its_mean_is_rounded() {
    let rows = Array2::from_elem((1000, 1), 0.1f32);
    let mut data = Dataset::new(rows, vec![0; 1000], ["a"]).unwrap();
    let scale = Standardiser::fit(&data).unwrap();
    scale.apply(&mut data);
    assert!(data.features().iter().all(|&x| x == 0.0));
    let mut other = Dataset::new(array![[7.0]], vec![0], ["a"]).unwrap();
    scale.apply(&mut other);
    assert_eq!(other.features(), array![[0.0]]);
}

#[test]
fn extremes_of_f32_do_not_overflow() {
    let mut data = Dataset::new(array![[f32::MAX], [f32::MIN]], vec![0, 0], ["a"]).unwrap();
    Standardiser::fit(&data).unwrap().apply(&mut data);
    assert_eq!(data.features(), array![[1.0], [-1.0]]);
}

#[test]
fn faults_are_named() {
    let empty = Dataset::new(Array2::zeros((0, 2)), vec![], ["a"]).unwrap();
    assert_eq!(Standardiser::fit(&empty).unwrap_err().to_string(), "standardise: no rows have no mean");
    let text = |means, deviations| Standardiser::from_parts(means, deviations).unwrap_err().to_string();
    assert_eq!(text(vec![1.0], vec![]), "standardise: 1 means and 0 deviations do not fit");
    assert_eq!(text(vec![0.0, 1.0], vec![1.0, -1.0]), "standardise: column 1 has mean 1 and deviation -1");
    assert!(Standardiser::from_parts(vec![f64::NAN], vec![1.0]).is_err());
    let fault = |x: f32| {
        let table = array![[0.0, 1.0], [0.0, x], [0.0, 2.0]];
        [Standardiser::fit(&table).unwrap_err(), MinMax::fit(&table).unwrap_err()].map(|e| e.to_string())
    };
    let nan = fault(f32::NAN);
    assert_eq!(nan[0], "standardise: column 1 has mean NaN and deviation NaN");
    assert_eq!(nan[1], "min-max: column 1 has minimum NaN and maximum NaN");
    assert_eq!(fault(f32::INFINITY)[1], "min-max: column 1 has minimum 1 and maximum inf");
    assert!(MinMax::fit(&Array2::<f32>::zeros((3, 0))).is_err());
    assert_eq!(
        MinMax::from_parts(vec![1.0], vec![]).unwrap_err().to_string(),
        "min-max: 1 minima and 0 maxima do not fit"
    );
}

#[test]
fn columns_get_the_range_from_0_to_1() {
    let (mut train, test) = Dataset::iris().split(0.8, 42);
    let before = train.clone();
    let scale = MinMax::fit(&train).unwrap();
    scale.apply(&mut train);
    for column in train.features().columns() {
        let range = column.iter().fold((1.0f32, 0.0f32), |(a, b), &x| (a.min(x), b.max(x)));
        assert_eq!(range, (0.0, 1.0));
    }
    scale.invert(&mut train);
    let error = (&train.features() - &before.features()).iter().fold(0.0f32, |most, x| most.max(x.abs()));
    assert!(error < 1e-6, "{error}");
    let mut beyond = test.features().to_owned() * 10.0;
    scale.apply(&mut beyond);
    assert!(beyond.iter().any(|&x| x > 1.0));
}

#[test]
fn a_constant_column_comes_back() {
    let table = array![[5.0f32, 1.0], [5.0, 3.0]];
    let mut scaled = table.clone();
    let scale = MinMax::fit(&table).unwrap();
    scale.apply(&mut scaled);
    assert_eq!(scaled, array![[0.0, 0.0], [0.0, 1.0]]);
    scale.invert(&mut scaled);
    assert_eq!(scaled, table);
    let mut standardised = table.clone();
    let scale = Standardiser::fit(&table).unwrap();
    scale.apply(&mut standardised);
    scale.invert(&mut standardised);
    assert_eq!(standardised, table);
}

#[test]
fn the_last_axis_is_that_of_the_columns() {
    let table = Array2::from_shape_fn((6, 2), |(k, j)| (k * k + 10 * j) as f32);
    let cube = table.clone().into_shape_with_order((2, 3, 2)).unwrap();
    assert_eq!(Standardiser::fit(&cube).unwrap(), Standardiser::fit(&table).unwrap());
    assert_eq!(MinMax::fit(&cube.into_dyn()).unwrap(), MinMax::fit(&table).unwrap());
    let mut row = array![25.0f32, 10.0];
    MinMax::fit(&table).unwrap().apply(&mut row);
    assert_eq!(row, array![1.0, 0.0]);
}
