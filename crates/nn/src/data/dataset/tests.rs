use super::*;
use crate::data::Values;
use ndarray::{Axis, array};
use proptest::prelude::*;

/// Row `k` holds `k` in every column and is of class `k % 3`: a row that lost its label shows.
fn numbered(rows: usize, width: usize) -> Dataset {
    let features = Array2::from_shape_fn((rows, width), |(k, _)| k as f32);
    Dataset::new(features, (0..rows).map(|k| k % 3).collect(), ["a", "b", "c"]).unwrap()
}

/// Which rows of [`numbered`] these are; panics where a row was torn or lost its label.
fn identities(data: &Dataset) -> Vec<usize> {
    let identity = |(row, &label): (ndarray::ArrayView1<'_, f32>, &usize)| {
        let k = row[0] as usize;
        assert!(row.iter().all(|&x| x == k as f32) && label == k % 3);
        k
    };
    data.features().rows().into_iter().zip(data.labels()).map(identity).collect()
}

proptest! {
    #[test]
    fn a_shuffle_is_a_permutation_that_keeps_rows_and_labels_together(
        rows in 0usize..60, width in 1usize..5, seed in any::<u64>(),
    ) {
        let mut order = identities(&numbered(rows, width).shuffled(seed));
        order.sort_unstable();
        prop_assert!(order.into_iter().eq(0..rows));
    }

    #[test]
    fn a_split_is_a_partition_and_the_two_ends_of_a_shuffle(
        rows in 0usize..60, width in 1usize..5, fraction in 0.0..=1.0, seed in any::<u64>(),
    ) {
        let data = numbered(rows, width);
        let (front, back) = data.split(fraction, seed);
        prop_assert!((front.len() as f64 - fraction * rows as f64).abs() < 1.0);
        let both = [identities(&front), identities(&back)].concat();
        prop_assert_eq!(both, identities(&data.shuffled(seed)));
    }

    #[test]
    fn batches_hold_every_row_once_in_order(rows in 0usize..60, width in 1usize..5, size in 1usize..70) {
        let data = numbered(rows, width);
        let mut batches = data.batches(size);
        let (all, mut seen) = (data.features(), 0);
        while batches.len() > 0 {
            let left = batches.len();
            let (x, labels) = batches.next().unwrap();
            prop_assert_eq!(batches.len(), left - 1);
            prop_assert_eq!(x.nrows(), labels.len());
            prop_assert_eq!(x, all.slice(ndarray::s![seen..seen + labels.len(), ..]));
            prop_assert_eq!(labels, &data.labels()[seen..seen + labels.len()]);
            prop_assert!(labels.len() == size || batches.len() == 0);
            seen += labels.len();
        }
        prop_assert!(batches.next().is_none());
        prop_assert_eq!(seen, rows);
    }
}

/// A change of the order changes every published result: it must be seen.
#[test]
fn the_order_of_seed_42() {
    assert_eq!(identities(&numbered(10, 1).shuffled(42)), [9, 7, 2, 5, 0, 1, 4, 3, 8, 6]);
}

#[test]
fn every_order_is_equally_likely() {
    let mut generator = Generator::seeded(5);
    let mut seen = std::collections::HashMap::new();
    let (sorted, mut data) = (numbered(4, 1), numbered(4, 1));
    for _ in 0..24_000 {
        data.clone_from(&sorted);
        data.shuffle(&mut generator);
        *seen.entry(identities(&data)).or_insert(0) += 1;
    }
    assert_eq!(seen.len(), 24);
    // 23 degrees of freedom: 49.73 is passed once in a thousand seeds.
    let chi_squared: f64 = seen.values().map(|&n| (f64::from(n) - 1000.0).powi(2) / 1000.0).sum();
    assert!(chi_squared < 49.73, "{chi_squared}");
}

#[test]
fn an_epoch_moves_no_memory() {
    let train = numbered(50, 3);
    let mut epoch = train.clone();
    epoch.shuffle(&mut Generator::seeded(1));
    let place = |data: &Dataset| (data.features().as_ptr(), data.labels().as_ptr());
    let first = place(&epoch);
    for number in 0..5 {
        epoch.clone_from(&train);
        epoch.shuffle(&mut Generator::with_stream(1, number));
        assert_eq!(place(&epoch), first);
        assert_ne!(epoch, train);
    }
    assert!(epoch.batches(7).all(|(x, _)| x.as_slice().is_some()), "a batch is one piece of memory");
}

#[test]
fn a_copy_shares_its_rows_until_it_is_changed() {
    let data = numbered(50, 3);
    let mut copy = data.clone();
    assert_eq!(copy.features().as_ptr(), data.features().as_ptr());
    copy.features_mut().fill(-1.0);
    assert_eq!(identities(&data), (0..50).collect::<Vec<_>>());
    assert!(copy.features().iter().all(|&x| x == -1.0));
}

#[test]
fn parts_keep_names_and_shape() {
    let data = numbered(9, 4).with_feature_names(["a", "b", "c", "d"]).unwrap();
    let data = data.with_sample_shape([1, 2, 2]).unwrap();
    let (front, back) = data.split(0.5, 1);
    for part in [front, back, data.select(&[3]), data.shuffled(1)] {
        assert_eq!((part.sample_shape(), part.feature_names()), (&[1, 2, 2][..], data.feature_names()));
        assert_eq!(part.inputs().shape(), [part.len(), 1, 2, 2]);
    }
    let text = |shape: &[usize]| numbered(2, 4).with_sample_shape(shape).unwrap_err().to_string();
    assert_eq!(text(&[5]), "a sample of 4 numbers is expected, found the shape [5]");
    assert_eq!(
        text(&[1 << 32, 1 << 32, 4]),
        "a sample of 4 numbers is expected, found the shape [4294967296, 4294967296, 4]"
    );
}

/// Row `k` has the targets `k` and `-k`.
fn regression(rows: usize) -> Dataset<Values> {
    let features = Array2::from_shape_fn((rows, 2), |(k, _)| k as f32);
    let targets = Array2::from_shape_fn((rows, 2), |(k, j)| if j == 0 { k as f32 } else { -(k as f32) });
    Dataset::regression(features, targets).unwrap()
}

#[test]
fn values_go_with_their_rows() {
    let data = regression(23);
    let (front, back) = data.split(0.4, 3);
    assert_eq!((front.len(), back.len()), (9, 14));
    for part in [&front, &back, &data.shuffled(5), &data.select(&[4, 4, 0])] {
        let mut rows = 0;
        for (x, y) in part.batches(4) {
            assert_eq!((x.column(0), x.column(1)), (y.column(0), y.column(0)));
            assert_eq!(x.column(0), (-&y.column(1)).view());
            rows += y.nrows();
        }
        assert_eq!(rows, part.len());
    }
    assert_eq!(
        data.shuffled(5).targets().column(0).to_vec(),
        data.select(&order(23, 5, 0)).targets().column(0).to_vec()
    );
}

#[test]
fn targets_that_do_not_fit_are_errors() {
    let text = Dataset::regression(array![[1.0], [2.0]], array![1.0]).unwrap_err().to_string();
    assert_eq!(text, "one target for each of 2 rows is expected, found 1");
    assert!(Dataset::regression(array![[1.0]], ndarray::arr0(1.0)).is_err());
    let columns = array![[1.0, 2.0], [3.0, 4.0]].reversed_axes();
    let data = Dataset::regression(array![[0.0], [0.0]], columns).unwrap();
    assert_eq!(data.targets().as_slice().unwrap(), [1.0, 3.0, 2.0, 4.0]);
}

#[test]
fn fractions_are_cut_as_documented() {
    let sizes = |rows, fraction| {
        let (front, back) = numbered(rows, 1).split(fraction, 0);
        (front.len(), back.len())
    };
    assert_eq!(sizes(1797, 0.8), (1437, 360));
    assert_eq!(sizes(100, 0.29), (29, 71), "0.29 · 100 is 28.999… in binary");
    assert_eq!(sizes(10, 0.0), (0, 10));
    assert_eq!(sizes(10, 1.0), (10, 0));
    assert_eq!(sizes(1, 0.5), (0, 1));
    assert_eq!(sizes(0, 0.5), (0, 0));
    for fraction in [-0.1, 1.1, 80.0, f64::NAN, f64::INFINITY] {
        let error = numbered(10, 1).try_split(fraction, 0).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("split: a fraction between 0 and 1 is expected, found {fraction}")
        );
        assert_eq!(error.kind(), DataErrorKind::Argument);
    }
}

#[test]
fn parts_that_do_not_fit_are_errors() {
    let text = |data: Result<Dataset, DataError>| data.unwrap_err().to_string();
    let rows = array![[1.0], [2.0]];
    assert_eq!(
        text(Dataset::new(rows.clone(), vec![0], ["a"])),
        "one label for each of 2 rows is expected, found 1"
    );
    assert_eq!(text(Dataset::new(rows, vec![0, 1], ["a"])), "the label 1 of row 1 is none of the 1 classes");
    assert_eq!(
        text(numbered(1, 2).with_feature_names(["x"])),
        "one name for each of 2 columns is expected, found 1"
    );
}

#[test]
fn a_transposed_array_is_put_in_order() {
    let columns = array![[1.0, 2.0], [3.0, 4.0]];
    let data = Dataset::new(columns.reversed_axes(), vec![0, 0], ["a"]).unwrap();
    assert_eq!(data.features().as_slice().unwrap(), [1.0, 3.0, 2.0, 4.0]);
    let mut reversed = array![[1.0], [2.0]];
    reversed.invert_axis(Axis(0));
    let data = Dataset::new(reversed, vec![0, 0], ["a"]).unwrap();
    assert_eq!(data.shuffled(0).len(), 2);
    assert_eq!(data.features().as_slice().unwrap(), [2.0, 1.0]);
}

#[test]
#[should_panic(expected = "batches: a batch of 0 rows never ends")]
fn a_batch_of_nothing_is_refused() {
    let _ = numbered(3, 1).batches(0);
}

#[test]
#[should_panic(expected = "select: row 3 of a data set of 3 rows")]
fn a_row_that_is_not_there_is_refused() {
    let _ = numbered(3, 1).select(&[0, 3]);
}
