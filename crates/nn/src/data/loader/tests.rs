use super::*;
use crate::Generator;
use crate::data::{Batch, RandomFlip, RandomShift, Values};
use ndarray::Array2;
use proptest::prelude::*;

/// Row `k` holds `k` in every column and has `-k` for target.
fn numbered(rows: usize, width: usize) -> Dataset<Values> {
    let features = Array2::from_shape_fn((rows, width), |(k, _)| k as f32);
    Dataset::regression(features, Array2::from_shape_fn((rows, 1), |(k, _)| -(k as f32))).unwrap()
}

/// Everything there is to see of batches.
type Seen = Vec<(usize, Vec<usize>, Vec<u32>, Vec<u32>)>;

fn seen(epoch: impl Iterator<Item = Batch<Values>>) -> Seen {
    let bits = |array: ndarray::ArrayView2<'_, f32>| array.iter().map(|x| x.to_bits()).collect();
    epoch
        .map(|batch| {
            assert_eq!(batch.features().dim(), (batch.len(), batch.inputs().len() / batch.len()));
            (batch.index(), batch.rows().to_vec(), bits(batch.features()), bits(batch.targets()))
        })
        .collect()
}

fn noise(sample: &mut [f32], generator: &mut Generator) {
    sample.iter_mut().for_each(|x| *x += generator.normal() as f32);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn batches_hang_on_nothing_but_seed_epoch_and_number(
        rows in 0usize..40, size in 1usize..12, seed in any::<Option<u64>>(), epoch in any::<u64>(),
        drop_last in any::<bool>(), first in 0usize..10, augmented in any::<bool>(),
    ) {
        let loader = |ahead| {
            let loader = Loader::new(&numbered(rows, 4), size).drop_last(drop_last).ahead(ahead);
            let loader = if augmented { loader.augment(noise) } else { loader };
            match seed {
                Some(seed) => loader.shuffle(seed),
                None => loader,
            }
        };
        let here = loader(0);
        let all = seen(here.epoch(epoch));
        prop_assert_eq!(all.len(), here.batches());
        prop_assert_eq!(all.iter().map(|batch| batch.1.len()).sum::<usize>(), here.rows());
        prop_assert!(all.iter().enumerate().all(|(k, batch)| batch.0 == k));
        prop_assert!(!drop_last || all.iter().all(|batch| batch.1.len() == size));
        for ahead in [1, 2, 5, usize::MAX] {
            prop_assert_eq!(&seen(loader(ahead).epoch(epoch)), &all);
            prop_assert_eq!(seen(loader(ahead).epoch_from(epoch, first)), &all[first.min(all.len())..]);
        }
        // The second epoch uses the memory of the first.
        prop_assert_eq!(seen(here.epoch(epoch)), all);
    }

    #[test]
    fn an_epoch_is_the_shuffled_data(rows in 1usize..40, size in 1usize..12, seed in any::<u64>()) {
        let data = numbered(rows, 2);
        let mut epoch = data.clone();
        epoch.shuffle(&mut Generator::with_stream(seed, 9));
        let loader = Loader::new(&data, size).shuffle(seed);
        for (batch, (x, y)) in loader.epoch(9).zip(epoch.batches(size)) {
            prop_assert_eq!(batch.features(), x);
            prop_assert_eq!(batch.targets(), y);
            prop_assert_eq!(batch.part(0..1).1, y.slice(ndarray::s![..1, ..]));
        }
    }
}

/// A change of the streams changes every training with augmentation: it must be seen.
#[test]
fn a_sample_is_changed_by_the_stream_of_its_epoch_at_its_row() {
    let data = numbered(20, 4);
    let loader = Loader::new(&data, 6).shuffle(42).augment(noise);
    for batch in loader.epoch(3) {
        for (sample, &row) in batch.features().rows().into_iter().zip(batch.rows()) {
            let mut generator = Generator::with_stream(42, (1 << 63) + 3).at((row as u128) << 32);
            assert!(sample.iter().all(|&x| x == row as f32 + generator.normal() as f32));
        }
    }
    assert_ne!(seen(loader.epoch(3)), seen(loader.epoch(4)));
}

#[test]
fn augmentations_follow_one_another() {
    let data = numbered(4, 1);
    let loader = Loader::new(&data, 4)
        .augment(|sample: &mut [f32], _: &mut Generator| sample[0] += 1.0)
        .augment(|sample: &mut [f32], _: &mut Generator| sample[0] *= 10.0);
    assert_eq!(loader.epoch(0).next().unwrap().features().column(0).to_vec(), [10.0, 20.0, 30.0, 40.0]);
    assert_eq!(data.features()[[0, 0]], 0.0, "the data is as it was");
}

#[test]
fn a_change_of_the_data_does_not_reach_the_loader() {
    let mut data = numbered(8, 2);
    let loader = Loader::new(&data, 4);
    data.features_mut().fill(-1.0);
    assert!(loader.epoch(0).all(|batch| batch.features().iter().all(|&x| x >= 0.0)));
}

#[test]
fn memory_goes_round() {
    let loader = Loader::new(&numbered(64, 4), 8).shuffle(1).ahead(2);
    let mut places = std::collections::HashSet::new();
    for epoch in 0..10 {
        for batch in loader.epoch(epoch) {
            places.insert(batch.features().as_ptr() as usize);
        }
    }
    // One at hand, two ahead, and one that is being made as the one at hand is given back.
    assert!(places.len() <= 4, "{} buffers", places.len());
    let all: Vec<_> = loader.epoch(0).collect();
    assert_eq!(all.len(), 8);
    drop(all);
    assert!(loader.spare.lock().unwrap().len() <= 3);
}

#[test]
fn a_thread_prepares_no_more_than_is_wanted() {
    let made = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = Arc::clone(&made);
    let loader =
        Loader::new(&numbered(20, 1), 1).ahead(3).augment(move |_: &mut [f32], _: &mut Generator| {
            count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        });
    let mut epoch = loader.epoch(0);
    let first = epoch.next();
    std::thread::sleep(std::time::Duration::from_millis(50));
    let ahead = made.load(std::sync::atomic::Ordering::SeqCst);
    assert!((1..=4).contains(&ahead), "{ahead} made");
    drop((first, epoch));
    let end = made.load(std::sync::atomic::Ordering::SeqCst);
    assert!(end <= 5, "{end} made, the thread has ended");
}

#[test]
fn a_panic_on_the_other_thread_comes_through() {
    for ahead in [0, 1, 3] {
        let loader = Loader::new(&numbered(20, 1), 5).ahead(ahead);
        let loader = loader.augment(|sample: &mut [f32], _: &mut Generator| {
            assert!(sample[0] < 12.0, "no augmentation for {}", sample[0]);
        });
        let mut taken = 0;
        let mut epoch = loader.epoch(0);
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            epoch.by_ref().for_each(|_| taken += 1);
        }));
        let panic = caught.unwrap_err();
        assert_eq!(panic.downcast_ref::<String>().unwrap(), "no augmentation for 12", "{ahead}");
        assert_eq!(taken, 2);
    }
}

#[test]
fn faults_are_named() {
    let text = |result: Result<Loader<Values>, DataError>| result.unwrap_err().to_string();
    assert_eq!(text(Loader::try_new(&numbered(3, 4), 0)), "loader: a batch of 0 rows never ends");
    let loader = || Loader::new(&numbered(3, 4), 2);
    let wanted = "a sample of the shape [channels, height, width] is expected, found [4]";
    assert_eq!(text(loader().try_augment(RandomShift::new(1))), format!("random shift: {wanted}"));
    assert_eq!(text(loader().try_augment(RandomFlip::vertical(0.5))), format!("random flip: {wanted}"));
    assert_eq!(
        text(loader().try_augment(RandomFlip::horizontal(50.0))),
        "random flip: a probability between 0 and 1 is expected, found 50"
    );
}
