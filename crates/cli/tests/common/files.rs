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

/// An array as NumPy saves it: `kind` as in its header, such as `<f4`.
pub(crate) fn npy(kind: &str, shape: &[usize], bytes: &[u8]) -> Vec<u8> {
    let axes: String = shape.iter().map(|axis| format!("{axis},")).collect();
    let text = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': ({axes}), }}");
    // With the ten bytes before it and the line break, a multiple of 64.
    let padded = format!("{text:<width$}\n", width = (11 + text.len()).next_multiple_of(64) - 11);
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend((padded.len() as u16).to_le_bytes());
    file.extend(padded.bytes());
    file.extend(bytes);
    file
}

/// A zip archive without compression, as `numpy.savez` writes it.
pub(crate) fn zip(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut file: Vec<u8> = Vec::new();
    let mut directory: Vec<u8> = Vec::new();
    for (name, bytes) in members {
        let mut sum = flate2::Crc::new();
        sum.update(bytes);
        let size = (bytes.len() as u32).to_le_bytes();
        // Version, flags, method, time, date; then the sum, both sizes, the lengths of name and extra field.
        let mut entry = vec![20, 0, 0, 0, 0, 0, 0, 0, 33, 0];
        entry.extend(sum.sum().to_le_bytes());
        entry.extend([size, size].concat());
        entry.extend((name.len() as u16).to_le_bytes());
        entry.extend([0, 0]);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&entry);
        directory.extend([0; 10]);
        directory.extend((file.len() as u32).to_le_bytes());
        directory.extend(name.bytes());
        file.extend(b"PK\x03\x04");
        file.extend(&entry);
        file.extend(name.bytes());
        file.extend(bytes);
    }
    let start = (file.len() as u32).to_le_bytes();
    let count = (members.len() as u16).to_le_bytes();
    file.extend(&directory);
    file.extend(b"PK\x05\x06\x00\x00\x00\x00");
    file.extend([count, count].concat());
    file.extend((directory.len() as u32).to_le_bytes());
    file.extend(start);
    file.extend([0, 0]);
    file
}
