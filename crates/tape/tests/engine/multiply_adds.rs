//! What each operation says of its multiply-adds, against counts by hand.

use tape::{AttentionMask, AttentionOptions, Convolution, Element, Error, Forward, Node, NodeId, Pool};
use tape::{Shape, Tape, Tensor, TensorOp, View, Vjp};

fn zeros<'t>(tape: &'t Tape<f64>, shape: &[usize]) -> Tensor<'t, f64> {
    tape.tensor((shape, vec![0.0; shape.iter().product()]))
}

fn of(tape: &Tape<f64>, id: NodeId) -> u64 {
    tape.nodes().nth(id.index()).unwrap().multiply_adds()
}

#[test]
fn products() {
    let tape = Tape::<f64>::new();
    let x = |shape: &[usize]| zeros(&tape, shape);
    let cases = [
        (x(&[3, 4]).matmul(x(&[4, 5])), 3 * 4 * 5),
        (x(&[4, 3]).matmul_tn(x(&[4, 5])), 3 * 4 * 5),
        (x(&[3, 4]).matmul_nt(x(&[5, 4])), 3 * 4 * 5),
        (x(&[4, 3]).matmul_tt(x(&[5, 4])), 3 * 4 * 5),
        (x(&[4]).matmul(x(&[4, 5])), 4 * 5),
        (x(&[4]).matmul_nt(x(&[5, 4])), 4 * 5),
        (x(&[3, 4]).matmul(x(&[4])), 3 * 4),
        (x(&[4]).matmul(x(&[4])), 4),
        // Stacks: a product for each, and for each pair where they are spread over one another.
        (x(&[7, 3, 4]).matmul(x(&[7, 4, 5])), 7 * 3 * 4 * 5),
        (x(&[7, 3, 4]).matmul(x(&[4, 5])), 7 * 3 * 4 * 5),
        (x(&[2, 1, 3, 4]).matmul(x(&[6, 4, 5])), 2 * 6 * 3 * 4 * 5),
        (x(&[0, 4]).matmul(x(&[4, 5])), 0),
        (x(&[3, 0]).matmul(x(&[0, 5])), 0),
        (x(&[3]).outer(x(&[5])), 3 * 5),
    ];
    for (y, count) in cases {
        assert_eq!(of(&tape, y.node_id()), count, "{:?}", y.shape());
    }
    let _ = x(&[6]).dot(x(&[6]));
    let dot = tape.nodes().find(|node| node.op() == "dot").unwrap();
    assert_eq!(dot.multiply_adds(), 6);
}

/// Counts what a convolution does by walking over it: every place of a window counts, padding or not.
fn walked(
    [n, c, h, w]: [usize; 4],
    [filters, kh, kw]: [usize; 3],
    [stride, padding, dilation]: [[usize; 2]; 3],
    groups: usize,
) -> u64 {
    let windows = |axis: usize, input: usize, kernel: usize| {
        let last = (kernel - 1) * dilation[axis];
        (0..).step_by(stride[axis]).take_while(|start| start + last < input + 2 * padding[axis]).count()
    };
    let mut count = 0;
    for _image in 0..n {
        for filter in 0..filters {
            let group = filter / (filters / groups);
            for channel in 0..c {
                if channel / (c / groups) == group {
                    count += windows(0, h, kh) * windows(1, w, kw) * kh * kw;
                }
            }
        }
    }
    count as u64
}

#[test]
fn convolutions() {
    let tape = Tape::<f64>::new();
    let x = |shape: &[usize]| zeros(&tape, shape);
    let plain = Convolution::<2>::new();
    // The first layer of ResNet-18, of which published tables say 118 million.
    let first = x(&[1, 3, 224, 224]).conv2d(x(&[64, 3, 7, 7]), None, plain.stride(2).padding(3));
    assert_eq!(of(&tape, first.node_id()), 64 * 112 * 112 * 3 * 7 * 7);
    assert_eq!(of(&tape, first.node_id()), 118_013_952);

    let options = plain.stride([2, 3]).padding([1, 2]).dilation([2, 1]).groups(2);
    // Rows: (11 + 2 − 5) / 2 + 1 = 5; columns: (8 + 4 − 2) / 3 + 1 = 4.
    let y = x(&[2, 4, 11, 8]).conv2d(x(&[6, 2, 3, 2]), Some(x(&[6])), options);
    assert_eq!(y.shape(), [2, 6, 5, 4]);
    assert_eq!(of(&tape, y.node_id()), (2 * 6 * 5 * 4) * (2 * 3 * 2));
    assert_eq!(of(&tape, y.node_id()), walked([2, 4, 11, 8], [6, 3, 2], [[2, 3], [1, 2], [2, 1]], 2));

    let each = x(&[2, 5, 6, 6]).conv2d(x(&[5, 1, 3, 3]), None, plain.padding(1).groups(5));
    assert_eq!(of(&tape, each.node_id()), 2 * 5 * 36 * 9);
    assert_eq!(of(&tape, each.node_id()), walked([2, 5, 6, 6], [5, 3, 3], [[1, 1], [1, 1], [1, 1]], 5));

    let line = Convolution::<1>::new().stride(2).padding(2).dilation(2).groups(2);
    // (6 + 4 − 5) / 2 + 1 = 3 windows.
    let y = x(&[3, 2, 6]).conv1d(x(&[4, 1, 3]), Some(x(&[4])), line);
    assert_eq!(of(&tape, y.node_id()), 3 * 4 * 3 * 3);

    let none = x(&[0, 2, 3, 3]).conv2d(x(&[2, 2, 2, 2]), None, plain);
    assert_eq!(of(&tape, none.node_id()), 0);
}

#[test]
fn a_transposed_convolution_multiplies_each_number_of_its_input_with_its_weights() {
    let tape = Tape::<f64>::new();
    let x = |shape: &[usize]| zeros(&tape, shape);
    let options = Convolution::new().stride(2).padding(1).groups(2);
    let y = x(&[2, 4, 5, 3]).conv_transpose2d(x(&[4, 3, 3, 2]), Some(x(&[6])), options, [1, 0]);
    assert_eq!(of(&tape, y.node_id()), (2 * 4 * 5 * 3) * (3 * 3 * 2));
}

#[test]
fn attention_counts_both_products_whatever_is_hidden() {
    let tape = Tape::<f64>::new();
    let x = |shape: &[usize]| zeros(&tape, shape);
    let (q, k, v) = (x(&[2, 8, 5, 3]), x(&[2, 8, 7, 3]), x(&[2, 8, 7, 4]));
    let count = (2 * 8) * (5 * 7 * 3 + 5 * 7 * 4);
    let hidden =
        AttentionOptions { causal: true, mask: Some(AttentionMask::Added(x(&[5, 7]))), ..Default::default() };
    for options in [AttentionOptions::default(), hidden] {
        let y = q.scaled_dot_product_attention(k, v, options);
        assert_eq!(of(&tape, y.node_id()), count);
    }
}

#[test]
fn recurrent_cells_count_both_products() {
    let tape = Tape::<f64>::new();
    let x = |shape: &[usize]| zeros(&tape, shape);
    let (input, state) = (x(&[2, 3]), x(&[2, 5]));
    let bias = Some(x(&[20]));
    let _ = input.lstm_cell((state, state), x(&[20, 3]), x(&[20, 5]), bias, bias);
    let lstm = tape.nodes().find(|node| node.op() == "lstm_cell").unwrap();
    assert_eq!(lstm.multiply_adds(), 2 * (20 * 3 + 20 * 5));
    let gru = x(&[3]).gru_cell(x(&[5]), x(&[15, 3]), x(&[15, 5]), None, None);
    assert_eq!(of(&tape, gru.node_id()), 15 * 3 + 15 * 5);
}

#[test]
fn the_products_of_an_equation_are_its_nodes() {
    let tape = Tape::<f64>::new();
    let x = |shape: &[usize]| zeros(&tape, shape);
    let _ = Tensor::einsum("bij,bjk,kl->bil", &[x(&[2, 3, 4]), x(&[2, 4, 5]), x(&[5, 6])]);
    let all: u64 = tape.nodes().map(Node::multiply_adds).sum();
    assert_eq!(all, 2 * 3 * 4 * 5 + 2 * 3 * 5 * 6);
}

#[test]
fn leaves_scalars_and_elementwise_work_count_nothing() {
    let tape = Tape::<f64>::new();
    let (a, b) = (tape.scalar(2.0), tape.scalar(3.0));
    let _ = (a * b + 1.0).sin();
    let x = zeros(&tape, &[2, 3, 4, 4]);
    let y = (x * 2.0 + x * a).relu().softmax(1).max_pool2d(Pool::new(2));
    let _ = y.sum() * b;
    assert!(tape.nodes().len() > 10);
    assert!(tape.nodes().all(|node| node.multiply_adds() == 0));
}

/// Row by row: the inner product with the row behind it.
struct Neighbours;

impl<T: Element> TensorOp<T> for Neighbours {
    fn name(&self) -> &str {
        "neighbours"
    }
    fn output_shape(&self, inputs: &[View<'_, T>]) -> Result<Shape, Error> {
        Ok(Shape::from_slice(&[inputs[0].shape[0] - 1]))
    }
    fn forward(&self, pass: Forward<'_, T>) {
        pass.output.fill(T::zero());
    }
    fn vjp(&self, _: &mut Vjp<'_, T>) {}
    fn multiply_adds(&self, inputs: &[View<'_, T>], output: &[usize]) -> u64 {
        (output[0] * inputs[0].shape[1]) as u64
    }
}

#[test]
fn an_operation_of_the_users_is_asked_with_its_shapes() {
    let tape = Tape::<f64>::new();
    let y = tape.apply(Neighbours, &[zeros(&tape, &[4, 7])]).unwrap();
    assert_eq!(of(&tape, y.node_id()), 3 * 7);
}
