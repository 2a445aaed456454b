//! What optimisers do around their formula: learning rate, weight decay, groups, and what is kept of each parameter.

use std::fmt;

use slotmap::SecondaryMap;
use tape::{Element, Error};

use super::{Group, Optimizer, OptimizerState, Slot, not_negative};
use crate::gradients::ParamGradients;
use crate::layout::{ParamId, ParamKey};
use crate::params::Params;

/// The formula of an optimiser that looks at one number of one parameter at a time: all that an optimiser of one's own
/// has to say, the rest is [`FirstOrder`]'s.
///
/// ```
/// use nn::{FirstOrder, Optimizer, Params, Step, UpdateRule};
///
/// /// Steps of the same size, whatever the gradient: `w ← w − lr · sign(g)`.
/// #[derive(Clone, Debug)]
/// struct SignSgd;
///
/// impl UpdateRule<f64> for SignSgd {
///     const METHOD: &'static str = "sign_sgd";
///
///     fn update(&self, step: Step<'_, f64>) {
///         for (w, g) in step.weights.iter_mut().zip(step.gradient) {
///             *w -= step.rate * g.signum();
///         }
///     }
/// }
///
/// let mut params = Params::<f64>::seeded(42);
/// let w = params.insert("w", ([2], vec![3.0, -4.0]));
/// let mut optim = FirstOrder::with_rule(0.5, SignSgd);
/// let tape = tape::Tape::new();
/// let net = params.on(&tape);
/// let grads = net.backward(net.param(w).square().sum());
/// optim.step(&mut params, &grads);
/// assert_eq!(params.values(w), [2.5, -3.5]);
/// ```
pub trait UpdateRule<T: Element>: Clone + fmt::Debug {
    /// The name of the method, which [states](OptimizerState) bear.
    const METHOD: &'static str;

    /// Names of the arrays that are kept for each parameter from step to step, each as long as the parameter.
    fn arrays(&self) -> &'static [&'static str] {
        &[]
    }

    /// What the arrays are full of before the first step.
    fn initial(&self) -> f64 {
        0.0
    }

    /// Changes a parameter and its arrays, in one pass over memory.
    fn update(&self, step: Step<'_, T>);
}

/// What a step has for one parameter.
#[derive(Debug)]
pub struct Step<'a, T> {
    /// The numbers of the parameter, to be changed.
    pub weights: &'a mut [T],
    /// Its gradient.
    pub gradient: &'a [T],
    /// What is kept of it, in the order of [`UpdateRule::arrays`].
    pub arrays: &'a mut [Vec<T>],
    /// The number of this step of the parameter, from 1.
    pub steps: u64,
    /// The learning rate of its group.
    pub rate: f64,
    /// The weight decay of its group.
    pub weight_decay: f64,
}

/// An optimiser with a formula for each number of each parameter: [`Sgd`](super::Sgd), [`Adam`](super::Adam),
/// [`AdamW`](super::AdamW), [`RmsProp`](super::RmsProp), [`Adagrad`](super::Adagrad) and [`Lion`](super::Lion) are this
/// with their rules.
///
/// It belongs to the [`Params`] that it first steps, and to clones of that; a [state](Optimizer::state) carries over to
/// another.
#[derive(Clone)]
pub struct FirstOrder<T: Element, R> {
    rule: R,
    rate: f64,
    weight_decay: f64,
    groups: Vec<Group>,
    members: SecondaryMap<ParamKey, usize>,
    owner: Option<u64>,
    kept: SecondaryMap<ParamKey, Kept<T>>,
}

#[derive(Clone)]
struct Kept<T> {
    steps: u64,
    arrays: Vec<Vec<T>>,
}

impl<T: Element, R: UpdateRule<T>> FirstOrder<T, R> {
    /// With a rule of one's own, and no weight decay.
    ///
    /// # Panics
    /// The rate is negative or not finite.
    #[track_caller]
    pub fn with_rule(rate: f64, rule: R) -> Self {
        Self {
            rule,
            rate: not_negative("a learning rate", rate),
            weight_decay: 0.0,
            groups: Vec::new(),
            members: SecondaryMap::new(),
            owner: None,
            kept: SecondaryMap::new(),
        }
    }

    /// Draws weights towards 0. Most methods add this share of each weight to its gradient, the derivative of
    /// `½ weight_decay Σ w²`; [`AdamW`](super::AdamW) and [`Lion`](super::Lion) take the share `lr · weight_decay` off
    /// the weight itself.
    ///
    /// # Panics
    /// It is negative or not finite.
    #[must_use]
    #[track_caller]
    pub fn weight_decay(self, decay: f64) -> Self {
        Self { weight_decay: not_negative("a weight decay", decay), ..self }
    }

    /// Gives some parameters settings of their own.
    ///
    /// ```
    /// use nn::{Group, Layer, Linear, Params, Sgd};
    /// let mut params = Params::<f32>::seeded(42);
    /// let [body, head] = [3, 2].map(|n_out| Linear::new(&mut params, 4, n_out));
    /// // A body that has been trained before learns slowly, the new head at full speed.
    /// let slow = [body.weight, body.bias.unwrap()];
    /// let optim = Sgd::new(0.1).momentum(0.9).group(slow, Group::new().rate(0.1));
    /// # let _: Sgd<f32> = optim;
    /// ```
    ///
    /// # Panics
    /// A parameter is in a group already, or of another [`Params`] than the others.
    #[must_use]
    #[track_caller]
    pub fn group(mut self, ids: impl IntoIterator<Item = ParamId>, group: Group) -> Self {
        for id in ids {
            self.claim(id);
            let before = self.members.insert(id.key(), self.groups.len());
            assert!(before.is_none(), "a parameter is in two groups");
        }
        self.groups.push(group);
        self
    }

    /// Gives settings of their own to the parameters that `choose` picks by name and shape.
    ///
    /// ```
    /// use nn::{Activation, AdamW, Group, Mlp, Params};
    /// let mut params = Params::<f32>::seeded(42);
    /// let model = Mlp::new(&mut params, &[4, 8, 3], Activation::Relu);
    /// let biases = |name: &str, _shape: &[usize]| name.ends_with("bias");
    /// let optim = AdamW::new(1e-3).group_where(&params, biases, Group::new().weight_decay(0.0));
    /// # let _: AdamW<f32> = optim;
    /// ```
    ///
    /// # Panics
    /// As [`group`](Self::group).
    #[must_use]
    #[track_caller]
    pub fn group_where(
        self,
        params: &Params<T>,
        mut choose: impl FnMut(&str, &[usize]) -> bool,
        group: Group,
    ) -> Self {
        let ids: Vec<ParamId> =
            params.ids().filter(|&id| choose(params.name(id), params.shape(id))).collect();
        self.group(ids, group)
    }

    /// Spares biases, and scales and shifts of normalisation, from weight decay, as is usual with
    /// [`AdamW`](super::AdamW): all parameters with less than two axes that are in no group yet.
    ///
    /// ```
    /// use nn::{Activation, AdamW, Mlp, Params};
    /// let mut params = Params::<f32>::seeded(42);
    /// let model = Mlp::new(&mut params, &[4, 8, 3], Activation::Relu);
    /// let optim = AdamW::new(1e-3).weight_decay(0.1).decay_matrices_only(&params);
    /// # let _: AdamW<f32> = optim;
    /// ```
    ///
    /// # Panics
    /// Groups are of another [`Params`].
    #[must_use]
    #[track_caller]
    pub fn decay_matrices_only(self, params: &Params<T>) -> Self {
        let free = |id: &ParamId| params.shape(*id).len() < 2 && !self.members.contains_key(id.key());
        let ids: Vec<ParamId> = params.ids().filter(free).collect();
        self.group(ids, Group::new().weight_decay(0.0))
    }

    /// Changes a setting of the rule. Where other arrays are to be kept then, it starts anew.
    pub(super) fn with(mut self, change: impl FnOnce(&mut R)) -> Self {
        let before = self.rule.arrays();
        change(&mut self.rule);
        if self.rule.arrays() != before {
            self.kept.clear();
        }
        self
    }

    #[track_caller]
    fn claim(&mut self, id: ParamId) {
        let owner = *self.owner.get_or_insert(id.owner);
        assert!(owner == id.owner, "the optimiser is of another Params: its state carries over, by restore");
    }
}

impl<T: Element, R: UpdateRule<T>> Optimizer<T> for FirstOrder<T, R> {
    #[track_caller]
    fn update(&mut self, params: &mut Params<T>, grads: &ParamGradients<T>) {
        for (id, gradient) in grads.iter() {
            let Some(gradient) = gradient else { continue };
            self.claim(id);
            let weights = params.values_mut(id);
            if !self.kept.contains_key(id.key()) {
                let array = vec![T::of(self.rule.initial()); weights.len()];
                let arrays = vec![array; self.rule.arrays().len()];
                self.kept.insert(id.key(), Kept { steps: 0, arrays });
            }
            let Kept { steps, arrays } = &mut self.kept[id.key()];
            *steps += 1;
            let group = self.members.get(id.key()).map_or(Group::new(), |&group| self.groups[group]);
            let (rate, weight_decay) = group.apply(self.rate, self.weight_decay);
            self.rule.update(Step { weights, gradient, arrays, steps: *steps, rate, weight_decay });
        }
    }

    fn learning_rate(&self) -> f64 {
        self.rate
    }

    #[track_caller]
    fn set_learning_rate(&mut self, rate: f64) {
        self.rate = not_negative("a learning rate", rate);
    }

    fn state(&self, params: &Params<T>) -> OptimizerState<T> {
        let mut slots = Vec::new();
        for id in params.ids() {
            let Some(Kept { steps, arrays }) = self.kept.get(id.key()) else { continue };
            let names = self.rule.arrays().iter().map(|&name| name.to_owned());
            let arrays = names.zip(arrays.iter().cloned()).collect();
            slots.push(Slot { parameter: params.name(id).to_owned(), steps: *steps, arrays });
        }
        OptimizerState { method: R::METHOD.to_owned(), learning_rate: self.rate, slots }
    }

    #[track_caller]
    fn restore(&mut self, params: &Params<T>, state: &OptimizerState<T>) -> Result<(), Error> {
        let wanted = self.rule.arrays();
        let ids = state.fit(params, R::METHOD, |slot| {
            let found = slot.names();
            (found != wanted).then(|| format!("has the arrays {found:?}, to be kept are {wanted:?}"))
        })?;
        if self.groups.is_empty() {
            self.owner = None;
        }
        self.kept.clear();
        for (id, slot) in ids.into_iter().zip(&state.slots) {
            let arrays = slot.arrays.iter().map(|(_, numbers)| numbers.clone()).collect();
            self.kept.insert(id.key(), Kept { steps: slot.steps, arrays });
        }
        self.rate = state.learning_rate;
        Ok(())
    }
}

impl<T: Element, R: UpdateRule<T>> fmt::Debug for FirstOrder<T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, rate, weight_decay, groups, .. } = self;
        let mut shown = f.debug_struct(R::METHOD);
        shown.field("rate", rate).field("weight_decay", weight_decay).field("rule", rule);
        shown.field("groups", groups).finish_non_exhaustive()
    }
}
