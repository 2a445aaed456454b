//! Samples and maps as PNG files, and within a page.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use png::{BitDepth, ColorType, Compression, Encoder};

/// A PNG file of so many columns and rows; `channels` is 1 for grey, 3 for colours, 4 with opacity.
fn png(pixels: &[u8], size: (usize, usize), channels: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing into memory fails for no picture that has pixels.
    let _ = encode(&mut bytes, pixels, size, channels);
    bytes
}

/// The same as a data URI.
pub(crate) fn data_uri(pixels: &[u8], size: (usize, usize), channels: usize) -> String {
    format!("data:image/png;base64,{}", STANDARD.encode(png(pixels, size, channels)))
}

fn encode(
    into: &mut Vec<u8>,
    pixels: &[u8],
    (width, height): (usize, usize),
    channels: usize,
) -> Result<(), png::EncodingError> {
    let mut encoder = Encoder::new(into, width as u32, height as u32);
    encoder.set_color(match channels {
        1 => ColorType::Grayscale,
        3 => ColorType::Rgb,
        _ => ColorType::Rgba,
    });
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::High);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()
}

/// How the numbers of samples become pixels, where they are images: of one channel or of three.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Pixels {
    pub(crate) channels: usize,
    pub(crate) height: usize,
    pub(crate) width: usize,
    /// The numbers that become black and white.
    black: f32,
    white: f32,
}

impl Pixels {
    /// The extents that an image has for it to be worth a look; a sample of `[3, 1, 1]` is none.
    const SIDE: std::ops::RangeInclusive<usize> = 4..=512;

    /// For samples of this shape, of which these are some. Numbers from 0 to 1 and from 0 to 255 are brightness; of others,
    /// as of scaled ones, the least becomes black and the greatest white.
    pub(crate) fn of(shape: &[usize], some: impl Iterator<Item = f32> + Clone) -> Option<Self> {
        let (channels, height, width) = match *shape {
            [height, width] => (1, height, width),
            [channels @ (1 | 3), height, width] => (channels, height, width),
            _ => return None,
        };
        if !(Self::SIDE.contains(&height) && Self::SIDE.contains(&width)) {
            return None;
        }
        let least = some.clone().fold(f32::INFINITY, f32::min);
        let greatest = some.fold(f32::NEG_INFINITY, f32::max);
        let (black, white) = match (least, greatest) {
            (0.0..=1.0, 0.0..=1.0) => (0.0, 1.0),
            (0.0..=255.0, 0.0..=255.0) => (0.0, 255.0),
            (least, greatest) if least < greatest => (least, greatest),
            _ => (0.0, 1.0),
        };
        Some(Self { channels, height, width, black, white })
    }

    /// A sample as a data URI.
    pub(crate) fn data_uri(self, sample: &[f32]) -> String {
        data_uri(&self.bytes(sample), (self.width, self.height), self.channels)
    }

    /// A sample as a PNG file.
    pub(crate) fn png(self, sample: &[f32]) -> Vec<u8> {
        png(&self.bytes(sample), (self.width, self.height), self.channels)
    }

    fn bytes(self, sample: &[f32]) -> Vec<u8> {
        let Self { channels, height, width, black, white } = self;
        let byte = |number: f32| (255.0 * (number - black) / (white - black)).round().clamp(0.0, 255.0) as u8;
        let area = width * height;
        // Channels lie one after another in a sample, and side by side in a picture.
        (0..area).flat_map(|pixel| (0..channels).map(move |c| byte(sample[c * area + pixel]))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(uri: &str) -> (ColorType, Vec<u8>) {
        let bytes = STANDARD.decode(uri.strip_prefix("data:image/png;base64,").unwrap()).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        (info.color_type, pixels)
    }

    #[test]
    fn samples_become_pixels() {
        let sample: Vec<f32> = (0..16).map(|k| k as f32 / 15.0).collect();
        let pixels = Pixels::of(&[1, 4, 4], sample.iter().copied()).unwrap();
        let wanted: Vec<u8> = (0..16).map(|k| 17 * k).collect();
        assert_eq!(decoded(&pixels.data_uri(&sample)), (ColorType::Grayscale, wanted));

        let sample: Vec<f32> = [[-1.0; 16], [0.0; 16], [1.0; 16]].concat();
        let pixels = Pixels::of(&[3, 4, 4], sample.iter().copied()).unwrap();
        assert_eq!(decoded(&pixels.data_uri(&sample)), (ColorType::Rgb, [0, 128, 255].repeat(16)));

        let bright = Pixels::of(&[4, 4], [0.0, 200.0].into_iter()).unwrap();
        assert_eq!((bright.black, bright.white), (0.0, 255.0));
        for shape in [&[64][..], &[2, 4, 4], &[1, 1, 8], &[1, 8, 8, 8]] {
            assert_eq!(Pixels::of(shape, [0.0].into_iter()), None);
        }
    }
}
