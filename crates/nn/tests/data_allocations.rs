//! A loader asks for no memory once its batches go round, and a file for no more than it has bytes. In a process of its
//! own, and in one test: the allocator belongs to all threads.

mod memory;

use memory::{all_requests, most};
use nn::data::{Classes, Csv, CsvOptions, RandomFlip, RandomShift, read_idx_from, read_npy_from};
use nn::{Dataset, Loader};

fn batches_go_round(ahead: usize) {
    let (train, _) = Dataset::digits().split(0.8, 42);
    let loader = Loader::new(&train, 16).shuffle(1).ahead(ahead);
    let loader = loader.augment(RandomShift::new(1)).augment(RandomFlip::horizontal(0.5));
    for epoch in 0..3 {
        let mut start = 0;
        for batch in loader.epoch(epoch) {
            // The first batches of an epoch start its thread, and those of the first epoch make what goes round.
            if batch.index() == 8 {
                start = all_requests();
            }
        }
        let calls = all_requests() - start;
        // The first time that one of two threads waits for the other, the channel asks for a little.
        let most = if ahead == 0 { 0 } else { 16 };
        assert!(epoch == 0 || calls <= most, "{calls} for 82 batches of epoch {epoch}, {ahead} ahead");
    }
}

fn files_ask_for_what_they_have() {
    let mut idx = vec![0, 0, 14, 4];
    idx.extend([0, 0, 255, 255].repeat(3).into_iter().chain([0, 0, 0, 200]));
    let npy = |header: &str| {
        [b"\x93NUMPY\x01\0", &(header.len() as u16).to_le_bytes()[..], header.as_bytes()].concat()
    };
    let shape = npy("{'descr': '<f8', 'fortran_order': True, 'shape': (1000000, 1000000), }");
    let header = b"\x93NUMPY\x02\0\0\0\0\x40{}";
    let columns = b"a,".repeat(1000);
    for work in [
        &(|| drop(read_idx_from(&idx[..], u64::MAX).unwrap_err())) as &dyn Fn(),
        &|| drop(read_npy_from(&shape[..], u64::MAX).unwrap_err()),
        &|| drop(read_npy_from(&header[..], u64::MAX).unwrap_err()),
        &|| drop(Csv::<Classes>::read(&columns[..], &CsvOptions::new()).unwrap_err()),
    ] {
        let held = most(work);
        assert!(held < 1 << 19, "{held} bytes");
    }
    // An eighth of a mebibyte that unpacks to 128 of them.
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut packed, &[0, 0, 8, 1, 8, 0, 0, 0]).unwrap();
    (0..128).for_each(|_| std::io::Write::write_all(&mut packed, &vec![0; 1 << 20]).unwrap());
    let packed = packed.finish().unwrap();
    let held = most(|| drop(read_idx_from(&packed[..], 1 << 20).unwrap_err()));
    assert!(held < 1 << 19, "{held} bytes of a packed file");
}

#[test]
fn memory() {
    let held = most(|| drop(std::hint::black_box(vec![0u8; 1000])));
    assert!(held >= 1000, "the counter counts");
    batches_go_round(0);
    batches_go_round(2);
    files_ask_for_what_they_have();
}
