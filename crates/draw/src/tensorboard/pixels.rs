//! Rows of image data as PNG files.

use nn::Dataset;
use nn::data::Targets;

use crate::error::{Error, ErrorKind};

/// Height, width and channels of an image, and its PNG file.
type Image = ([usize; 3], Vec<u8>);

/// The first rows.
pub(super) fn rows<Y: Targets>(data: &Dataset<Y>, count: usize) -> Result<Vec<Image>, Error> {
    let &[channels @ (1 | 3), height, width] = data.sample_shape() else {
        let text = format!(
            "tensorboard: rows of the shape [1, height, width] or [3, height, width] are expected, found {:?}",
            data.sample_shape()
        );
        return Err(Error::new(ErrorKind::Setting, text));
    };
    let features = data.features();
    let shown = features.rows().into_iter().take(count);
    let finite = shown.clone().flatten().copied().filter(|x| x.is_finite());
    let (min, max) =
        finite.fold((f32::INFINITY, f32::NEG_INFINITY), |(min, max), x| (min.min(x), max.max(x)));
    let byte = |x: f32| ((x - min) / (max - min) * 255.0).round() as u8;
    let image = |row: ndarray::ArrayView1<'_, f32>| {
        // A row has one channel after another, a PNG file one pixel after another.
        let size = height * width;
        let pixels: Vec<u8> =
            (0..size).flat_map(|p| (0..channels).map(move |c| c * size + p)).map(|k| byte(row[k])).collect();
        Ok(([height, width, channels], png_of(&pixels, [height, width, channels])?))
    };
    shown.map(image).collect()
}

fn png_of(pixels: &[u8], [height, width, channels]: [usize; 3]) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width as u32, height as u32);
    encoder.set_color(if channels == 1 { png::ColorType::Grayscale } else { png::ColorType::Rgb });
    encoder.set_depth(png::BitDepth::Eight);
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(pixels));
    written.map_err(|error| Error::caused(ErrorKind::Setting, error))?;
    Ok(bytes)
}
