//! What layers need to add their parameters.

use std::sync::Arc;

use tape::{Element, Error, Shape};

use super::Params;
use crate::init::Init;
use crate::layout::{ParamId, Role};

impl<T: Element> Params<T> {
    /// As [`try_add`](Self::try_add), for a shape whose first and last axes are not the inputs and the outputs.
    ///
    /// ```
    /// use nn::{Init, Params};
    /// let mut params = Params::<f32>::seeded(42);
    /// // Eight kernels of 3 × 3 over one channel, stored as [out, in, height, width].
    /// let kernels = params.try_add_with_fans("kernels", &[8, 1, 3, 3], [9, 72], Init::HeUniform)?;
    /// assert_eq!(params.values(kernels).len(), 72);
    /// # Ok::<(), tape::Error>(())
    /// ```
    ///
    /// # Errors
    /// The name is taken; or as of [`Init::fill_with_fans`].
    #[track_caller]
    pub fn try_add_with_fans(
        &mut self,
        name: impl Into<String>,
        shape: &[usize],
        [fan_in, fan_out]: [usize; 2],
        init: Init,
    ) -> Result<ParamId, Error> {
        let name = self.vacant(name.into())?;
        let values = init.fill_with_fans(shape, fan_in, fan_out, &mut self.generator)?;
        Ok(self.push(name, Shape::from_slice(shape), Arc::new(values), Role::Learnt))
    }

    /// Removes what was added since there were `len` parameters, if what it was added for has failed.
    pub(crate) fn undo_if_failed<V>(&mut self, len: usize, result: Result<V, Error>) -> Result<V, Error> {
        if result.is_err() {
            let later: Vec<ParamId> = self.ids().skip(len).collect();
            later.into_iter().for_each(|id| self.remove(id));
        }
        result
    }
}
