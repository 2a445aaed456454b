//! Small data files of each form.

use std::fmt::Write as _;
use std::io::Write as _;

/// Two classes on either side of a line, with features of very different size.
pub(crate) fn two_sides(header: &str) -> String {
    let mut text = header.to_owned();
    for k in 0..60 {
        let (x, y) = (k % 10, k / 10 * 3 % 7);
        let side = if 2 * x > 3 * y { "above" } else { "below" };
        writeln!(text, "{},{side},{}", 1000 * x, f64::from(y) * 0.01).unwrap();
    }
    text
}

/// Numbers that follow from two others and a category: `y = exp(1 + x/2 + z/4)`, halved where the kind is `small`.
pub(crate) fn curve() -> String {
    let mut text = "x,kind,z,y\n".to_owned();
    for k in 0..90_u32 {
        let (x, z) = (f64::from(k % 10) * 0.3, f64::from(k * 7 % 9) * 0.5);
        let (kind, factor) = if k % 3 == 0 { ("small", 0.5) } else { ("large", 1.0) };
        writeln!(text, "{x:.1},{kind},{z:.1},{:.4}", factor * (1.0 + x / 2.0 + z / 4.0).exp()).unwrap();
    }
    text
}

/// Images of 6 × 6 pixels with a bar, upright for label 0 and level for label 1, and their labels.
pub(crate) fn bars(rows: usize) -> (Vec<u8>, Vec<u8>) {
    let mut images = Vec::new();
    let mut labels = Vec::new();
    for k in 0..rows {
        let (label, place) = (k % 2, k / 2 % 6);
        for pixel in 0..36 {
            let along = if label == 0 { pixel % 6 } else { pixel / 6 };
            let noise = (pixel * 7 + k * 13) % 40;
            images.push(if along == place { 250 } else { noise as u8 });
        }
        labels.push(label as u8);
    }
    (images, labels)
}

/// An IDX file of bytes.
pub(crate) fn idx(shape: &[u32], bytes: &[u8]) -> Vec<u8> {
    let mut file = vec![0, 0, 8, shape.len() as u8];
    shape.iter().for_each(|axis| file.extend(axis.to_be_bytes()));
    file.extend(bytes);
    file
}

/// The same, compressed.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A history in CSV without the last column, which says how long each epoch took.
pub(crate) fn without_seconds(history: &str) -> String {
    let row = |line: &str| line.rsplit_once(',').map_or(line, |(row, _)| row).to_owned();
    assert!(history.lines().next().is_some_and(|titles| titles.ends_with(",seconds")), "{history}");
    history.lines().map(row).collect::<Vec<_>>().join("\n")
}
