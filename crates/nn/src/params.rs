//! Parameters: named numbers that live outside the tape.

mod adding;
mod roles;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ndarray::ArrayViewD;
use slotmap::SlotMap;
use tape::{Element, Error, ErrorKind, IntoTensor, Shape, Tape, TensorData};

use crate::generator::Generator;
use crate::init::Init;
use crate::layout::{Entry, Layout, ParamId, ParamKey, Role};
use crate::net::Net;
use crate::or_panic;

/// Named arrays that are to be learnt, in the order in which they were added.
///
/// A tape that [looks at them](Self::on) shares their memory. Changing a parameter copies its numbers only if a tape
/// still looks at the old ones.
///
/// ```
/// use ndarray::array;
/// use nn::{Init, Params};
/// let mut params = Params::<f32>::seeded(42);
/// let w = params.add("w", &[2, 3], Init::GlorotUniform);
/// let b = params.insert("b", array![0.0, 0.5, 1.0]);
/// assert_eq!(params.get(w).shape(), [2, 3]);
/// assert_eq!((params.find("b"), params.name(b)), (Some(b), "b"));
/// assert_eq!((params.len(), params.count()), (2, 9));
/// ```
#[derive(Clone)]
pub struct Params<T: Element> {
    owner: u64,
    values: SlotMap<ParamKey, Arc<Vec<T>>>,
    layout: Arc<Layout>,
    generator: Generator,
}

impl<T: Element> Params<T> {
    /// No parameters yet; initial values are drawn from the seed's sequence.
    ///
    /// ```
    /// use nn::{Init, Params};
    /// let (mut a, mut b) = (Params::<f64>::seeded(42), Params::<f64>::seeded(42));
    /// let (wa, wb) = (a.add("w", &[3], Init::HeNormal), b.add("w", &[3], Init::HeNormal));
    /// assert_eq!(a.get(wa), b.get(wb));
    /// ```
    pub fn seeded(seed: u64) -> Self {
        static OWNERS: AtomicU64 = AtomicU64::new(0);
        Self {
            owner: OWNERS.fetch_add(1, Ordering::Relaxed),
            values: SlotMap::with_key(),
            layout: Arc::default(),
            generator: Generator::seeded(seed),
        }
    }

    /// Adds a parameter with drawn values.
    ///
    /// # Panics
    /// As [`try_add`](Self::try_add) fails.
    #[track_caller]
    pub fn add(&mut self, name: impl Into<String>, shape: &[usize], init: Init) -> ParamId {
        or_panic(self.try_add(name, shape, init))
    }

    /// Adds a parameter with drawn values.
    ///
    /// ```
    /// use nn::{Init, Params};
    /// let mut params = Params::<f32>::seeded(42);
    /// params.add("w", &[2], Init::Zeros);
    /// let error = params.try_add("w", &[3], Init::Zeros).unwrap_err();
    /// assert!(error.to_string().starts_with("params: a parameter named \"w\" is there already"));
    /// ```
    ///
    /// # Errors
    /// The name is taken; or as of [`Init::fill`].
    #[track_caller]
    pub fn try_add(
        &mut self,
        name: impl Into<String>,
        shape: &[usize],
        init: Init,
    ) -> Result<ParamId, Error> {
        let name = self.vacant(name.into())?;
        let values = init.fill(shape, &mut self.generator)?;
        Ok(self.push(name, Shape::from_slice(shape), Arc::new(values), Role::Learnt))
    }

    /// Adds a parameter with given values: see [`IntoTensor`] for what they can be.
    ///
    /// # Panics
    /// As [`try_insert`](Self::try_insert) fails.
    #[track_caller]
    pub fn insert<'a>(&mut self, name: impl Into<String>, values: impl IntoTensor<'a, T>) -> ParamId
    where
        T: 'a,
    {
        or_panic(self.try_insert(name, values))
    }

    /// Adds a parameter with given values.
    ///
    /// # Errors
    /// The name is taken, or shape and values disagree.
    #[track_caller]
    pub fn try_insert<'a>(
        &mut self,
        name: impl Into<String>,
        values: impl IntoTensor<'a, T>,
    ) -> Result<ParamId, Error>
    where
        T: 'a,
    {
        self.insert_as(name.into(), values, Role::Learnt)
    }

    /// Removes a parameter. The others keep their ids.
    ///
    /// ```
    /// use nn::{Init, Params};
    /// let mut params = Params::<f32>::seeded(42);
    /// let [a, b] = ["a", "b"].map(|name| params.add(name, &[2], Init::Zeros));
    /// params.remove(a);
    /// assert!(!params.contains(a));
    /// assert_eq!((params.name(b), params.len()), ("b", 1));
    /// ```
    ///
    /// # Panics
    /// The id is another's, or of a parameter that was removed.
    #[track_caller]
    pub fn remove(&mut self, id: ParamId) {
        let index = self.index(id);
        self.values.remove(id.key);
        let layout = Arc::make_mut(&mut self.layout);
        layout.entries.remove(index);
        layout.index.remove(id.key);
        for (index, entry) in layout.entries.iter().enumerate().skip(index) {
            layout.index[entry.id.key] = index;
        }
    }

    /// The values, in their shape.
    ///
    /// # Panics
    /// The id is another's, or of a parameter that was removed.
    #[track_caller]
    pub fn get(&self, id: ParamId) -> ArrayViewD<'_, T> {
        view(self.shape(id), self.values(id))
    }

    /// The values in row-major order.
    ///
    /// # Panics
    /// The id is another's, or of a parameter that was removed.
    #[track_caller]
    pub fn values(&self, id: ParamId) -> &[T] {
        self.index(id);
        &self.values[id.key]
    }

    /// The values in row-major order, to be changed. They are copied first if a tape still looks at them, so that
    /// what was recorded stays as it was.
    ///
    /// ```
    /// use nn::Params;
    /// let mut params = Params::<f64>::seeded(42);
    /// let w = params.insert("w", ([2], vec![1.0, 2.0]));
    /// let tape = tape::Tape::new();
    /// let recorded = params.on(&tape).param(w);
    /// params.values_mut(w)[0] = 9.0;
    /// assert_eq!(params.values(w), [9.0, 2.0]);
    /// assert_eq!(recorded.value().as_slice(), Some(&[1.0, 2.0][..]));
    /// ```
    ///
    /// # Panics
    /// The id is another's, or of a parameter that was removed.
    #[track_caller]
    pub fn values_mut(&mut self, id: ParamId) -> &mut [T] {
        self.index(id);
        let values: &mut Vec<T> = Arc::make_mut(&mut self.values[id.key]);
        values
    }

    /// Replaces the values.
    ///
    /// # Panics
    /// As [`try_set`](Self::try_set) fails.
    #[track_caller]
    pub fn set<'a>(&mut self, id: ParamId, values: impl IntoTensor<'a, T>)
    where
        T: 'a,
    {
        or_panic(self.try_set(id, values));
    }

    /// Replaces the values.
    ///
    /// # Errors
    /// The shape is not that of the parameter; it keeps its values.
    ///
    /// # Panics
    /// The id is another's, or of a parameter that was removed.
    #[track_caller]
    pub fn try_set<'a>(&mut self, id: ParamId, values: impl IntoTensor<'a, T>) -> Result<(), Error>
    where
        T: 'a,
    {
        let (shape, values) = numbers(values)?;
        if &shape[..] != self.shape(id) {
            let text = format!("the shape of the parameter \"{}\" is {:?}", self.name(id), self.shape(id));
            return Err(fault(ErrorKind::Shape, text).shapes([shape]));
        }
        self.values[id.key] = values;
        Ok(())
    }

    /// The shape.
    ///
    /// # Panics
    /// The id is another's, or of a parameter that was removed.
    #[track_caller]
    pub fn shape(&self, id: ParamId) -> &[usize] {
        &self.layout.entries[self.index(id)].shape
    }

    /// The name.
    ///
    /// # Panics
    /// The id is another's, or of a parameter that was removed.
    #[track_caller]
    pub fn name(&self, id: ParamId) -> &str {
        &self.layout.entries[self.index(id)].name
    }

    /// The parameter of this name.
    pub fn find(&self, name: &str) -> Option<ParamId> {
        self.layout.entries.iter().find(|entry| entry.name == name).map(|entry| entry.id)
    }

    /// Whether the parameter is here: the id came from here or from what this was cloned from, and its parameter was
    /// not removed.
    pub fn contains(&self, id: ParamId) -> bool {
        id.owner == self.owner && self.values.contains_key(id.key)
    }

    /// Id, name and values of each parameter, in the order of addition.
    ///
    /// ```
    /// use nn::{Init, Params};
    /// let mut params = Params::<f32>::seeded(42);
    /// params.add("w", &[3, 2], Init::HeNormal);
    /// params.add("b", &[2], Init::Zeros);
    /// let names: Vec<&str> = params.iter().map(|(_id, name, _values)| name).collect();
    /// assert_eq!(names, ["w", "b"]);
    /// ```
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (ParamId, &str, ArrayViewD<'_, T>)> {
        let entries = self.layout.entries.iter();
        entries.map(|e| (e.id, e.name.as_str(), view(&e.shape, &self.values[e.id.key])))
    }

    /// The ids, in the order of addition.
    pub fn ids(&self) -> impl ExactSizeIterator<Item = ParamId> {
        self.layout.entries.iter().map(|entry| entry.id)
    }

    /// How many parameters there are.
    pub fn len(&self) -> usize {
        self.layout.entries.len()
    }

    /// There are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many numbers there are in all of them, without those of [buffers](Role::Buffer).
    pub fn count(&self) -> usize {
        let parameters = self.layout.entries.iter().filter(|entry| entry.role != Role::Buffer);
        parameters.map(|entry| self.values[entry.id.key].len()).sum()
    }

    /// Records all parameters on a tape, in the order of addition: those that are learnt as leaves, the others as
    /// data. Nothing is copied.
    ///
    /// Layers that act otherwise in training than in evaluation, as dropout does, want to be told which it is: see
    /// [`Net::training`] and [`Net::evaluation`].
    ///
    /// ```
    /// use nn::Params;
    /// let mut params = Params::<f64>::seeded(42);
    /// let w = params.insert("w", ([2], vec![1.0, 2.0]));
    /// let tape = tape::Tape::new();
    /// let net = params.on(&tape);
    /// let grads = net.backward(net.param(w).square().sum());
    /// assert_eq!(grads.wrt(w).as_slice(), Some(&[2.0, 4.0][..]));
    /// ```
    #[track_caller]
    pub fn on<'p, 't>(&'p self, tape: &'t Tape<T>) -> Net<'p, 't, T> {
        Net::record(self, tape)
    }

    pub(crate) fn layout(&self) -> &Arc<Layout> {
        &self.layout
    }

    /// What initial values are drawn from.
    pub(crate) fn generator(&self) -> &Generator {
        &self.generator
    }

    pub(crate) fn set_generator(&mut self, generator: Generator) {
        self.generator = generator;
    }

    pub(crate) fn owner(&self) -> u64 {
        self.owner
    }

    pub(crate) fn shared(&self, id: ParamId) -> Arc<Vec<T>> {
        Arc::clone(&self.values[id.key])
    }

    #[track_caller]
    fn index(&self, id: ParamId) -> usize {
        self.layout.index(id, self.owner)
    }

    #[track_caller]
    fn vacant(&self, name: String) -> Result<String, Error> {
        match self.find(&name) {
            None => Ok(name),
            Some(_) => Err(fault(ErrorKind::Value, format!("a parameter named {name:?} is there already"))),
        }
    }

    #[track_caller]
    fn insert_as<'a>(
        &mut self,
        name: String,
        values: impl IntoTensor<'a, T>,
        role: Role,
    ) -> Result<ParamId, Error>
    where
        T: 'a,
    {
        let name = self.vacant(name)?;
        let (shape, values) = numbers(values)?;
        Ok(self.push(name, shape, values, role))
    }

    fn push(&mut self, name: String, shape: Shape, values: Arc<Vec<T>>, role: Role) -> ParamId {
        let id = ParamId { owner: self.owner, key: self.values.insert(values) };
        let layout = Arc::make_mut(&mut self.layout);
        layout.index.insert(id.key, layout.entries.len());
        layout.entries.push(Entry { id, name, shape, role, transposed: false });
        id
    }
}

impl<T: Element> fmt::Display for Params<T> {
    /// A table: names, shapes, how many numbers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = &self.layout.entries;
        let shapes: Vec<String> = entries.iter().map(|entry| format!("{:?}", entry.shape)).collect();
        let widest = |lengths: &mut dyn Iterator<Item = usize>| lengths.max().unwrap_or(0).max(5);
        let first = widest(&mut entries.iter().map(|entry| entry.name.chars().count()));
        let second = widest(&mut shapes.iter().map(String::len));
        writeln!(f, "{:first$}  {:second$}  {:>10}", "name", "shape", "numbers")?;
        for (entry, shape) in entries.iter().zip(&shapes) {
            let count = self.values[entry.id.key].len();
            writeln!(f, "{:first$}  {shape:second$}  {count:>10}", entry.name)?;
        }
        write!(f, "{:first$}  {:second$}  {:>10}", "total", "", self.count())
    }
}

impl<T: Element> fmt::Debug for Params<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.layout.entries.iter().map(|entry| (&entry.name, &entry.shape))).finish()
    }
}

pub(crate) fn view<'a, T>(shape: &[usize], values: &'a [T]) -> ArrayViewD<'a, T> {
    ArrayViewD::from_shape(shape, values).expect("as many numbers as the shape has")
}

#[track_caller]
fn fault(kind: ErrorKind, text: String) -> Error {
    Error::new(kind, text).operation("params").at(std::panic::Location::caller())
}

/// Shape and numbers of whatever can become a tensor.
#[track_caller]
fn numbers<'a, T: Element + 'a>(values: impl IntoTensor<'a, T>) -> Result<(Shape, Arc<Vec<T>>), Error> {
    let here = std::panic::Location::caller();
    let explain = |error: Error| error.operation("params").at(here);
    Ok(match values.into_tensor().map_err(explain)? {
        TensorData::Owned(shape, numbers) => (shape, Arc::new(numbers)),
        TensorData::Shared(shape, numbers) => (shape, numbers),
        TensorData::Copied(view) => (view.shape().into(), Arc::new(view.iter().copied().collect())),
        TensorData::Written(shape, number) => {
            let len = tape::shape::elements(&shape).map_err(explain)?;
            (shape, Arc::new((0..len).map(number).collect()))
        }
    })
}
