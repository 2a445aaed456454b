use super::*;
use proptest::prelude::*;

/// An image of two channels in which every pixel is another number, from 1 up.
fn image(height: usize, width: usize) -> Vec<f32> {
    (1..=2 * height * width).map(|k| k as f32).collect()
}

/// The pixel of a channel, 0 outside of it.
fn pixel(image: &[f32], [height, width]: [usize; 2], channel: usize, y: i64, x: i64) -> f32 {
    if (0..height as i64).contains(&y) && (0..width as i64).contains(&x) {
        image[(channel * height + y as usize) * width + x as usize]
    } else {
        0.0
    }
}

/// Whether every pixel of `after` is the pixel of `before` that `from` names.
fn moved(before: &[f32], after: &[f32], shape: [usize; 2], from: impl Fn(i64, i64) -> (i64, i64)) -> bool {
    (0..2).all(|channel| {
        (0..shape[0] as i64).all(|y| {
            (0..shape[1] as i64).all(|x| {
                let (from_y, from_x) = from(y, x);
                pixel(after, shape, channel, y, x) == pixel(before, shape, channel, from_y, from_x)
            })
        })
    })
}

proptest! {
    #[test]
    fn flips_mirror_every_channel(height in 1usize..6, width in 1usize..6) {
        let before = image(height, width);
        let flipped = |flip: RandomFlip| {
            let mut after = before.clone();
            flip.augment(&mut after, &[2, height, width], &mut Generator::seeded(1));
            after
        };
        let shape = [height, width];
        let across = flipped(RandomFlip::horizontal(1.0));
        prop_assert!(moved(&before, &across, shape, |y, x| (y, width as i64 - 1 - x)));
        let down = flipped(RandomFlip::vertical(1.0));
        prop_assert!(moved(&before, &down, shape, |y, x| (height as i64 - 1 - y, x)));
        prop_assert_eq!(&flipped(RandomFlip::vertical(0.0)), &before);
    }

    #[test]
    fn a_shift_is_one_of_those_that_there_are(
        height in 1usize..6, width in 1usize..6, most in 0usize..8, seed in any::<u64>(),
    ) {
        let (before, shape) = (image(height, width), [height, width]);
        let mut after = before.clone();
        RandomShift::new(most).augment(&mut after, &[2, height, width], &mut Generator::seeded(seed));
        let most = most as i64;
        let shifts = (-most..=most).flat_map(|dy| (-most..=most).map(move |dx| (dy, dx)));
        let fits = |&(dy, dx): &(i64, i64)| moved(&before, &after, shape, |y, x| (y - dy, x - dx));
        prop_assert!(shifts.filter(fits).count() > 0);
    }
}

#[test]
fn shifts_and_flips_are_even() {
    let mut generator = Generator::seeded(2);
    let mut seen = [0u32; 9];
    let mut flips = 0;
    for _ in 0..9000 {
        let mut image = [0.0; 9];
        image[4] = 1.0;
        RandomShift::new(1).augment(&mut image, &[1, 3, 3], &mut generator);
        seen[image.iter().position(|&x| x == 1.0).unwrap()] += 1;
        let mut pair = [0.0, 1.0];
        RandomFlip::horizontal(0.3).augment(&mut pair, &[1, 1, 2], &mut generator);
        flips += u32::from(pair[0] == 1.0);
    }
    // Eight degrees of freedom: 26.12 is passed once in a thousand seeds.
    let chi_squared: f64 = seen.iter().map(|&n| (f64::from(n) - 1000.0).powi(2) / 1000.0).sum();
    assert!(chi_squared < 26.12, "{seen:?}");
    // Four standard errors.
    assert!((f64::from(flips) - 2700.0).abs() < 174.0, "{flips}");
}

#[test]
fn an_empty_image_is_left_alone() {
    RandomFlip::horizontal(1.0).augment(&mut [], &[3, 0, 4], &mut Generator::seeded(1));
    RandomShift::new(2).augment(&mut [], &[3, 4, 0], &mut Generator::seeded(1));
}
