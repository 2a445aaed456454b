//! The parameters of a recurrent layer.

use std::panic::Location;

use ndarray::Array1;
use tape::{Element, Error, ErrorKind, Tensor};

use super::cell::Cell;
use crate::init::Init;
use crate::layout::ParamId;
use crate::net::Net;
use crate::params::Params;

/// The parameters of one layer that goes one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weights {
    /// `[gates · hidden, in]`
    pub weight_ih: ParamId,
    /// `[gates · hidden, hidden]`
    pub weight_hh: ParamId,
    /// Of the input and of the state: `[gates · hidden]`.
    pub biases: Option<[ParamId; 2]>,
}

impl Weights {
    /// Those of all layers. What was added before an error is left to the caller.
    #[track_caller]
    pub(super) fn of_layers<C: Cell, T: Element>(
        params: &mut Params<T>,
        name: &str,
        [inputs, hidden]: [usize; 2],
        layers: usize,
        both_ways: bool,
    ) -> Result<Vec<Vec<Self>>, Error> {
        if inputs == 0 || hidden == 0 || layers == 0 {
            let text = format!(
                "{name:?}: inputs, a state and layers are wanted, found {inputs} → {hidden} in {layers} layers"
            );
            return Err(Error::new(ErrorKind::Value, text).operation(C::NAME).at(Location::caller()));
        }
        let ways: &[&str] = if both_ways { &["", "_reverse"] } else { &[""] };
        let mut all = Vec::with_capacity(layers);
        for layer in 0..layers {
            let inputs = if layer == 0 { inputs } else { ways.len() * hidden };
            let mut of_layer = Vec::with_capacity(ways.len());
            for way in ways {
                of_layer.push(Self::new::<C, T>(params, name, &format!("l{layer}{way}"), [inputs, hidden])?);
            }
            all.push(of_layer);
        }
        Ok(all)
    }

    #[track_caller]
    fn new<C: Cell, T: Element>(
        params: &mut Params<T>,
        name: &str,
        suffix: &str,
        [inputs, hidden]: [usize; 2],
    ) -> Result<Self, Error> {
        let sums = C::GATES * hidden;
        let weight_ih = params.try_add_with_fans(
            format!("{name}.weight_ih_{suffix}"),
            &[sums, inputs],
            [inputs, sums],
            Init::GlorotUniform,
        )?;
        let of_state = format!("{name}.weight_hh_{suffix}");
        let weight_hh = params.try_add(of_state, &[sums, hidden], Init::Orthogonal)?;
        let open = |k: usize| if C::OPEN == Some(k / hidden) { T::one() } else { T::zero() };
        let bias_ih = Array1::from_shape_fn(sums, open);
        let biases = Some([
            params.try_insert(format!("{name}.bias_ih_{suffix}"), bias_ih)?,
            params.try_add(format!("{name}.bias_hh_{suffix}"), &[sums], Init::Zeros)?,
        ]);
        Ok(Self { weight_ih, weight_hh, biases })
    }

    /// The weights and the biases as leaves.
    #[track_caller]
    pub(super) fn on<'t, T: Element>(
        &self,
        net: &Net<'_, 't, T>,
    ) -> ([Tensor<'t, T>; 2], [Option<Tensor<'t, T>>; 2]) {
        let weights = [self.weight_ih, self.weight_hh].map(|id| net.param(id));
        (weights, self.biases.map_or([None; 2], |biases| biases.map(|id| Some(net.param(id)))))
    }
}
