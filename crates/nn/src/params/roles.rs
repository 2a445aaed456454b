//! Which parameters are learnt, which are frozen, and which are no parameters at all.

use std::sync::Arc;

use tape::{Element, Error, IntoTensor};

use super::Params;
use crate::layout::{ParamId, Role};
use crate::or_panic;

impl<T: Element> Params<T> {
    /// Adds numbers that belong to the network and are saved with it, but are not learnt: see [`Role::Buffer`].
    ///
    /// ```
    /// use ndarray::array;
    /// use nn::{Params, Role};
    /// let mut params = Params::<f32>::seeded(42);
    /// let mean = params.insert_buffer("running_mean", array![0.0, 0.0]);
    /// assert_eq!((params.role(mean), params.len(), params.count()), (Role::Buffer, 1, 0));
    /// ```
    ///
    /// # Panics
    /// As [`try_insert_buffer`](Self::try_insert_buffer) fails.
    #[track_caller]
    pub fn insert_buffer<'a>(&mut self, name: impl Into<String>, values: impl IntoTensor<'a, T>) -> ParamId
    where
        T: 'a,
    {
        or_panic(self.try_insert_buffer(name, values))
    }

    /// Adds numbers that are not learnt.
    ///
    /// # Errors
    /// The name is taken, or shape and values disagree.
    #[track_caller]
    pub fn try_insert_buffer<'a>(
        &mut self,
        name: impl Into<String>,
        values: impl IntoTensor<'a, T>,
    ) -> Result<ParamId, Error>
    where
        T: 'a,
    {
        self.insert_as(name.into(), values, Role::Buffer)
    }

    /// What becomes of the parameter in training.
    ///
    /// # Panics
    /// The id is another's, or of a parameter that was removed.
    #[track_caller]
    pub fn role(&self, id: ParamId) -> Role {
        self.layout.entries[self.index(id)].role
    }

    /// Keeps the parameter as it is: it is data on the tapes to come, no gradient is computed for it, and optimisers
    /// leave it alone.
    ///
    /// ```
    /// use nn::{Layer, Linear, Params};
    /// let mut params = Params::<f32>::seeded(42);
    /// let [first, last] = [3, 2].map(|n_in| Linear::new(&mut params, n_in, 2));
    /// params.freeze(first.weight);
    /// let tape = tape::Tape::new();
    /// let net = params.on(&tape);
    /// let y = last.forward(&net, first.forward(&net, tape.constant(([3], vec![1.0; 3]))));
    /// let grads = net.backward(y.sum());
    /// assert!(grads.get(first.weight).is_none() && grads.get(last.weight).is_some());
    /// ```
    ///
    /// # Panics
    /// It is a buffer; or the id is another's, or of a parameter that was removed.
    #[track_caller]
    pub fn freeze(&mut self, id: ParamId) {
        self.change(id, Role::Frozen);
    }

    /// Lets the parameter be learnt again.
    ///
    /// # Panics
    /// As [`freeze`](Self::freeze).
    #[track_caller]
    pub fn unfreeze(&mut self, id: ParamId) {
        self.change(id, Role::Learnt);
    }

    /// Notes that the matrix is `[in, out]` where `PyTorch`'s is `[out, in]`.
    #[track_caller]
    pub(crate) fn mark_transposed(&mut self, id: ParamId) {
        let index = self.index(id);
        Arc::make_mut(&mut self.layout).entries[index].transposed = true;
    }

    #[track_caller]
    fn change(&mut self, id: ParamId, role: Role) {
        let index = self.index(id);
        let name = self.name(id);
        assert!(self.role(id) != Role::Buffer, "\"{name}\" is a buffer: it is neither learnt nor frozen");
        Arc::make_mut(&mut self.layout).entries[index].role = role;
    }
}
