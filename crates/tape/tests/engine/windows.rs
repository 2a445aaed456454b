//! Convolutions and pools: what the generic tests do not see.

use tape::{Convolution, ErrorKind, Pool, Tape, Tensor};

fn ramp<'t>(tape: &'t Tape<f64>, shape: &[usize]) -> Tensor<'t, f64> {
    let numbers = (0..shape.iter().product()).map(|k: usize| ((k * 7) % 11) as f64 - 4.0).collect::<Vec<_>>();
    tape.tensor((shape, numbers))
}

#[test]
fn wrong_convolutions_are_named() {
    type Case<'a> = (Convolution<2>, &'a [usize], &'a [usize], &'a [usize], ErrorKind, &'a str);
    let tape = Tape::<f64>::new();
    let image = Convolution::<2>::new();
    let cases: [Case<'_>; 12] = [
        (image, &[2, 3, 4], &[2, 3, 2, 2], &[], ErrorKind::Shape, "4 axes [N, C, H, W] expected, found 3"),
        (
            image,
            &[1, 3, 4, 4],
            &[2, 2, 2, 2],
            &[],
            ErrorKind::Shape,
            "a weight for 2 channels in each of 1 groups, and an input of 3",
        ),
        (
            image.groups(2),
            &[1, 3, 4, 4],
            &[2, 2, 2, 2],
            &[],
            ErrorKind::Shape,
            "a weight for 2 channels in each of 2 groups, and an input of 3",
        ),
        (
            image.groups(2),
            &[1, 4, 4, 4],
            &[3, 2, 2, 2],
            &[],
            ErrorKind::Shape,
            "3 output channels cannot be shared by 2 groups",
        ),
        (image.groups(0), &[1, 4, 4, 4], &[3, 2, 2, 2], &[], ErrorKind::Value, "0 groups"),
        (image.stride([1, 0]), &[1, 2, 4, 4], &[3, 2, 2, 2], &[], ErrorKind::Value, "a stride of 0"),
        (image.dilation(0), &[1, 2, 4, 4], &[3, 2, 2, 2], &[], ErrorKind::Value, "a dilation of 0"),
        (
            image.padding(usize::MAX),
            &[1, 2, 4, 4],
            &[3, 2, 2, 2],
            &[],
            ErrorKind::Value,
            "a padding of 2147483648 or more",
        ),
        (image, &[1, 2, 4, 4], &[3, 2, 0, 2], &[], ErrorKind::Value, "a kernel of 0"),
        (
            image.dilation(3).padding(1),
            &[1, 2, 4, 4],
            &[3, 2, 2, 3],
            &[],
            ErrorKind::Shape,
            "a kernel that reaches over 7 is larger than the padded input of 6",
        ),
        (
            image,
            &[1, 2, 4, 4],
            &[3, 2, 2, 2],
            &[2],
            ErrorKind::Shape,
            "a bias of shape [3] expected, found [2]",
        ),
        (
            image,
            &[1, 2, 4, 4],
            &[3, 2, 2, 2],
            &[3, 1],
            ErrorKind::Shape,
            "a bias of shape [3] expected, found [3, 1]",
        ),
    ];
    for (options, x, w, b, kind, text) in cases {
        let bias = (!b.is_empty()).then(|| ramp(&tape, b));
        let error = ramp(&tape, x).try_conv2d(ramp(&tape, w), bias, options).unwrap_err();
        let said = error.to_string();
        assert!(error.kind() == kind && said.starts_with("conv2d: ") && said.contains(text), "{said}");
    }
    let (x, w) = (ramp(&tape, &[1, 2, 5]), ramp(&tape, &[3, 2, 2, 1]));
    let said = x.try_conv1d(w, None, Convolution::new()).unwrap_err().to_string();
    assert!(
        said.starts_with("conv1d: [1, 2, 5] × [3, 2, 2, 1]: 3 axes [N, C, L] expected, found 4"),
        "{said}"
    );
}

#[test]
fn wrong_transposed_convolutions_are_named() {
    type Case<'a> = (Convolution<2>, [usize; 2], &'a [usize], &'a [usize], &'a str);
    let tape = Tape::<f64>::new();
    let image = Convolution::<2>::new();
    let cases: [Case<'_>; 6] = [
        (image, [0, 0], &[1, 3, 4, 4], &[2, 2, 2, 2], "a weight for 2 channels, and an input of 3"),
        (
            image.groups(2),
            [0, 0],
            &[1, 3, 4, 4],
            &[3, 2, 2, 2],
            "3 input channels cannot be shared by 2 groups",
        ),
        (
            image.stride(2),
            [1, 2],
            &[1, 1, 4, 4],
            &[1, 2, 2, 2],
            "an output padding of 2 for a stride of 2 and a dilation of 1: less than one of them expected",
        ),
        (
            image.padding(3),
            [0, 0],
            &[1, 1, 4, 4],
            &[1, 2, 2, 2],
            "a padding of 3 leaves nothing of the output",
        ),
        (image.stride(0), [0, 0], &[1, 1, 4, 4], &[1, 2, 2, 2], "a stride of 0"),
        (image, [0, 0], &[1, 1, 0, 4], &[1, 2, 2, 2], "axis 2 is empty"),
    ];
    for (options, more, x, w, text) in cases {
        let error = ramp(&tape, x).try_conv_transpose2d(ramp(&tape, w), None, options, more).unwrap_err();
        let said = error.to_string();
        assert!(said.starts_with("conv_transpose2d: ") && said.contains(text), "{said}");
    }
}

#[test]
fn wrong_pools_are_named() {
    let tape = Tape::<f64>::new();
    let cases: [(Pool<2>, &[usize], &str); 6] = [
        (Pool::new(2), &[1, 4, 4], "4 axes [N, C, H, W] expected, found 3"),
        (Pool::new([2, 0]), &[1, 1, 4, 4], "a kernel of 0"),
        (Pool::new(2).stride(0), &[1, 1, 4, 4], "a stride of 0"),
        (Pool::new([2, 3]).padding([1, 2]), &[1, 1, 4, 4], "a padding of 2 is more than half a window of 3"),
        (Pool::new([5, 2]), &[1, 1, 4, 4], "a window over 5 is larger than the padded input of 4"),
        (Pool::new(1), &[1, 1, 0, 4], "planes without a number"),
    ];
    for (options, shape, text) in cases {
        let x = ramp(&tape, shape);
        let errors = [x.try_max_pool2d(options).unwrap_err(), x.try_avg_pool2d(options).unwrap_err()];
        for (error, name) in errors.iter().zip(["max_pool2d: ", "avg_pool2d: "]) {
            let said = error.to_string();
            assert!(said.starts_with(name) && said.contains(text), "{said}");
        }
    }
    let x = ramp(&tape, &[1, 1, 2, 3]);
    let said = x.try_adaptive_avg_pool2d([2, 0]).unwrap_err().to_string();
    assert!(said.starts_with("adaptive_avg_pool2d: [1, 1, 2, 3]: an output of 2 × 0"), "{said}");
    let said = x.try_max_pool1d(Pool::new(2)).unwrap_err().to_string();
    assert!(said.starts_with("max_pool1d: [1, 1, 2, 3]: 3 axes [N, C, L] expected, found 4"), "{said}");
}

/// Against what `PyTorch` 2.15 gives: windows that reach out of the padding count what is within it.
#[test]
fn means_at_the_edges() {
    let tape = Tape::<f64>::new();
    let x = tape.tensor(([1, 1, 5], vec![1.0, 2.0, 3.0, 4.0, 5.0]));
    let pool = Pool::new(3).stride(2).padding(1);
    let means = |options| x.avg_pool1d(options).value().iter().copied().collect::<Vec<f64>>();
    assert_eq!(means(pool), [1.0, 3.0, 3.0]);
    assert_eq!(means(pool.count_include_pad(false)), [1.5, 3.0, 4.5]);
    // The fourth window would begin in the padding behind the axis.
    assert_eq!(means(pool.ceil_mode(true)), [1.0, 3.0, 3.0]);
    let x = tape.tensor(([1, 1, 4], vec![1.0, 2.0, 3.0, 4.0]));
    let means = |options| x.avg_pool1d(options).value().iter().copied().collect::<Vec<f64>>();
    assert_eq!(means(pool.ceil_mode(true)), [1.0, 3.0, 2.0]);
    assert_eq!(means(Pool::new(3).stride(3).ceil_mode(true)), [2.0, 4.0]);
}

/// A million tenths, whose sum one after another would be off in the third digit.
#[test]
fn the_mean_of_a_long_window() {
    let tape = Tape::<f32>::new();
    for shape in [[1, 1, 1, 1 << 20], [1, 1, 1 << 20, 1]] {
        let mean = tape.tensor((shape, vec![0.1f32; 1 << 20])).adaptive_avg_pool2d(1).value()[[0, 0, 0, 0]];
        assert!((mean - 0.1).abs() < 1e-6, "{mean}");
    }
    let x = tape.tensor(([1, 1, 1, 1], vec![0.1f32]));
    let said = x.try_max_pool2d(Pool::new(1 << 13).padding(1 << 12)).unwrap_err().to_string();
    assert!(said.contains("numbers of the tape cannot count 67108864 places of a window"), "{said}");
}

#[test]
fn a_nan_is_the_largest_of_its_windows() {
    let tape = Tape::<f64>::new();
    let x = tape.tensor(([1, 1, 5], vec![9.0, 1.0, f64::NAN, f64::NAN, 2.0]));
    let y = x.max_pool1d(Pool::new(2).stride(1));
    let nan = y.value().iter().map(|y| y.is_nan()).collect::<Vec<_>>();
    assert_eq!(nan, [false, true, true, true]);
    let to = y.sum().backward().wrt(x).iter().copied().collect::<Vec<f64>>();
    assert_eq!(to, [1.0, 0.0, 2.0, 1.0, 0.0]);
}

/// A tensor that is image and weight at once gets both parts of its gradient.
#[test]
fn an_operand_that_is_repeated() {
    let tape = Tape::<f64>::new();
    let x = ramp(&tape, &[1, 1, 3, 3]);
    let y = x.conv2d(x, None, Convolution::new());
    let twice = x.value().mapv(|x| 2.0 * x);
    assert_eq!(y.sum().backward().wrt(x), twice);
    let y = x.conv_transpose2d(x, None, Convolution::new().stride(3), 0);
    let total: f64 = x.value().sum();
    assert!(y.sum().backward().wrt(x).iter().all(|&g| g == 2.0 * total));
}

/// Data gets no gradient, and the weight gets the same without it.
#[test]
fn images_that_are_data() {
    let tape = Tape::<f64>::new();
    let (w, b) = (ramp(&tape, &[2, 1, 2, 2]), ramp(&tape, &[2]));
    let x = ramp(&tape, &[2, 1, 4, 3]);
    let data = tape.constant(x.value());
    let gradients = [x, data].map(|x| {
        let grads = x.conv2d(w, Some(b), Convolution::new().padding(1)).square().sum().backward();
        (grads.get(x).is_some(), grads.wrt(w).to_owned(), grads.wrt(b).to_owned())
    });
    assert!(gradients[0].0 && !gradients[1].0);
    assert_eq!(gradients[0].1, gradients[1].1);
    assert_eq!(gradients[0].2, gradients[1].2);
}
