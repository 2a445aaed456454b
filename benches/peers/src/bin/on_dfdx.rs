//! Serves N1 to N5 on dfdx: shapes are types there, so that each network is a type of its own.

use chainrule_peers::networks::Network;
use chainrule_peers::serve::{Offer, serve, threads};
use chainrule_peers::steps::{Steps, networks, offers};
use dfdx::optim::{Sgd, SgdConfig};
use dfdx::prelude::*;

/// A weight `[inputs, outputs]` as dfdx keeps it, `[outputs, inputs]`, and the other way round.
fn transposed(from: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    (0..rows * columns).map(|k| from[(k % rows) * columns + k / rows]).collect()
}

macro_rules! network {
    ($Name:ident, $Model:ty, $batch:literal, $inputs:literal, $classes:literal, $($layer:tt)+) => {
        struct $Name {
            widths: &'static [usize],
            model: <$Model as BuildOnDevice<Cpu, f32>>::Built,
            /// Taken and put back in every step.
            gradients: Option<Gradients<f32, Cpu>>,
            sgd: Sgd<<$Model as BuildOnDevice<Cpu, f32>>::Built, f32, Cpu>,
            x: Tensor<Rank2<$batch, $inputs>, f32, Cpu>,
            targets: Tensor<Rank2<$batch, $classes>, f32, Cpu>,
        }

        impl Steps for $Name {
            fn new(network: &'static Network, rate: f32) -> Self {
                let device = Cpu::default();
                let mut model = device.build_module::<$Model, f32>();
                let mut layers = network.widths.windows(2).zip(network.params.chunks(2));
                $(
                    let (w, start) = layers.next().expect("as many layers as the model");
                    model.$layer.weight.copy_from(&transposed(&start[0], w[0], w[1]));
                    model.$layer.bias.copy_from(&start[1]);
                )+
                let (mut x, mut targets) = (device.zeros(), device.zeros());
                x.copy_from(&network.x);
                let one_hot = |k: usize| f32::from(u8::from(network.labels[k / $classes] == k % $classes));
                targets.copy_from(&(0..$batch * $classes).map(one_hot).collect::<Vec<_>>());
                let config = SgdConfig { lr: rate.into(), momentum: None, weight_decay: None };
                let (gradients, sgd) = (Some(model.alloc_grads()), Sgd::new(&model, config));
                Self { widths: network.widths, model, gradients, sgd, x, targets }
            }

            fn step(&mut self) -> Option<f32> {
                let gradients = self.gradients.take().expect("a step leaves the gradients");
                let logits = self.model.forward_mut(self.x.clone().traced(gradients));
                let loss = cross_entropy_with_logits_loss(logits, self.targets.clone());
                let mut gradients = loss.backward();
                self.sgd.update(&mut self.model, &gradients).expect("all parameters are used");
                self.model.zero_grads(&mut gradients);
                self.gradients = Some(gradients);
                None
            }

            fn infer(&mut self) {
                std::hint::black_box(self.model.forward(self.x.clone()));
            }

            fn params(&self) -> Vec<Vec<f32>> {
                let mut params = Vec::new();
                let mut widths = self.widths.windows(2);
                $(
                    let w = widths.next().expect("as many layers as the model");
                    params.push(transposed(&self.model.$layer.weight.as_vec(), w[1], w[0]));
                    params.push(self.model.$layer.bias.as_vec());
                )+
                params
            }
        }
    };
}

network!(N1, (Linear<2, 3>, Sigmoid, Linear<3, 2>, Sigmoid, Linear<2, 2>), 4, 2, 2, 0 2 4);
network!(N2, (Linear<64, 64>, ReLU, Linear<64, 32>, ReLU, Linear<32, 10>), 32, 64, 10, 0 2 4);
network!(N3, (Linear<784, 128>, ReLU, Linear<128, 10>), 64, 784, 10, 0 2);
network!(N4, (Linear<784, 512>, ReLU, Linear<512, 512>, ReLU, Linear<512, 10>), 128, 784, 10, 0 2 4);
network!(N5, (Linear<1024, 2048>, ReLU, Linear<2048, 2048>, ReLU, Linear<2048, 1000>), 256, 1024, 1000, 0 2 4);

fn main() {
    fn one<S: Steps>(network: &'static Network) -> Vec<Offer> {
        offers::<S>("dfdx", "dfdx", &[network])
    }
    dfdx::flush_denormals_to_zero();
    let [n1, n2, n3, n4, n5] = networks();
    let all = [one::<N1>(n1), one::<N2>(n2), one::<N3>(n3), one::<N4>(n4), one::<N5>(n5)];
    serve(all.into_iter().flatten().collect(), threads());
}
