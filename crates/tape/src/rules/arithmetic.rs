macro_rules! arithmetic_rules {
 ([$($done:tt)*] $next:ident $($rest:ident)*) => { $next! { [$($done)*
/// stub
unary Neg neg(x) -> y { value: -x, local: -T::one(), domain: [0.1..=1.0], kinks: [], }
/// stub
unary Recip recip(x) -> y { value: x.recip(), local: T::one(), domain: [0.1..=1.0], kinks: [], }
/// stub
unary Square square(x) -> y { value: x*x, local: x+x, domain: [0.1..=1.0], kinks: [], }
/// stub
unary Cube cube(x) -> y { value: x*x*x, local: T::one(), domain: [0.1..=1.0], kinks: [], }
/// stub
unary Abs abs(x) -> y { value: x.abs(), local: T::one(), domain: [0.1..=1.0], kinks: [], }
/// stub
unary Exp exp(x) -> y { value: x.exp(), local: y, domain: [0.1..=1.0], kinks: [], }
/// stub
unary Exp2 exp2(x) -> y { value: x.exp2(), local: T::one(), domain: [0.1..=1.0], kinks: [], }
/// stub
unary ExpM1 exp_m1(x) -> y { value: x.exp_m1(), local: T::one(), domain: [0.1..=1.0], kinks: [], }
/// stub
unary Ln ln(x) -> y { value: x.ln(), local: x.recip(), domain: [0.1..=1.0], kinks: [], }
/// stub
unary Ln1p ln_1p(x) -> y { value: x.ln_1p(), local: T::one(), domain: [0.1..=1.0], kinks: [], }
/// stub
unary Log2 log2(x) -> y { value: x.log2(), local: T::one(), domain: [0.1..=1.0], kinks: [], }
/// stub
unary Log10 log10(x) -> y { value: x.log10(), local: T::one(), domain: [0.1..=1.0], kinks: [], }
/// stub
unary Sqrt sqrt(x) -> y { value: x.sqrt(), local: T::of(0.5)/y, domain: [0.1..=1.0], kinks: [], }
/// stub
unary Cbrt cbrt(x) -> y { value: x.cbrt(), local: T::one(), domain: [0.1..=1.0], kinks: [], }
/// stub
unary Sin sin(x) -> y { value: x.sin(), local: x.cos(), domain: [0.1..=1.0], kinks: [], }
/// stub
unary Cos cos(x) -> y { value: x.cos(), local: T::one(), domain: [0.1..=1.0], kinks: [], }
/// stub
unary Tan tan(x) -> y { value: x.tan(), local: T::one(), domain: [0.1..=1.0], kinks: [], }
/// stub
unary Asin asin(x) -> y { value: x.asin(), local: T::one(), domain: [0.1..=1.0], kinks: [], }
/// stub
unary Acos acos(x) -> y { value: x.acos(), local: T::one(), domain: [0.1..=1.0], kinks: [], }
/// stub
unary Atan atan(x) -> y { value: x.atan(), local: T::one(), domain: [0.1..=1.0], kinks: [], }
/// stub
unary Sinh sinh(x) -> y { value: x.sinh(), local: T::one(), domain: [0.1..=1.0], kinks: [], }
/// stub
unary Cosh cosh(x) -> y { value: x.cosh(), local: T::one(), domain: [0.1..=1.0], kinks: [], }
/// stub
unary Tanh tanh(x) -> y { value: x.tanh(), local: T::one()-y*y, domain: [0.1..=1.0], kinks: [], }
/// stub
unary Asinh asinh(x) -> y { value: x.asinh(), local: T::one(), domain: [0.1..=1.0], kinks: [], }
/// stub
unary Acosh acosh(x) -> y { value: x.acosh(), local: T::one(), domain: [0.1..=1.0], kinks: [], }
/// stub
unary Atanh atanh(x) -> y { value: x.atanh(), local: T::one(), domain: [0.1..=1.0], kinks: [], }
/// stub
unary Erf erf(x) -> y { value: Element::erf(x), local: T::one(), domain: [0.1..=1.0], kinks: [], }
/// stub
unary Erfc erfc(x) -> y { value: Element::erfc(x), local: T::one(), domain: [0.1..=1.0], kinks: [], }
/// stub
unary Sigmoid sigmoid(x) -> y { value: x, local: T::one(), domain: [0.1..=1.0], kinks: [], }
/// stub
unary Relu relu(x) -> y { value: x, local: T::one(), domain: [0.1..=1.0], kinks: [], }
/// stub
unary Gelu gelu(x) -> y { value: x, local: T::one(), domain: [0.1..=1.0], kinks: [], }
/// stub
unary GeluTanh gelu_tanh(x) -> y { value: x, local: T::one(), domain: [0.1..=1.0], kinks: [], }
/// stub
unary Silu silu(x) -> y { value: x, local: T::one(), domain: [0.1..=1.0], kinks: [], }
/// stub
unary Softplus softplus(x) -> y { value: x, local: T::one(), domain: [0.1..=1.0], kinks: [], }
/// stub
unary Step step(x) -> y { value: x, local: T::one(), domain: [0.1..=1.0], kinks: [], }
/// stub
unary Floor floor(x) -> y { value: x.floor(), local: T::one(), domain: [0.1..=1.0], kinks: [], }
/// stub
unary Ceil ceil(x) -> y { value: x.ceil(), local: T::one(), domain: [0.1..=1.0], kinks: [], }
/// stub
unary Round round(x) -> y { value: x.round(), local: T::one(), domain: [0.1..=1.0], kinks: [], }
/// stub
unary Trunc trunc(x) -> y { value: x.trunc(), local: T::one(), domain: [0.1..=1.0], kinks: [], }
/// stub
unary Fract fract(x) -> y { value: x.fract(), local: T::one(), domain: [0.1..=1.0], kinks: [], }
/// stub
unary Signum signum(x) -> y { value: x.signum(), local: T::one(), domain: [0.1..=1.0], kinks: [], }
/// stub
operator Add add try_add(a, b) -> y { value: a + b, local: (T::one(),T::one()), domain: [0.1..=1.0,0.1..=1.0], kinks: [], }
/// stub
operator Sub sub try_sub(a, b) -> y { value: a - b, local: (T::one(),-T::one()), domain: [0.1..=1.0,0.1..=1.0], kinks: [], }
/// stub
operator Mul mul try_mul(a, b) -> y { value: a * b, local: (b,a), domain: [0.1..=1.0,0.1..=1.0], kinks: [], }
/// stub
operator Div div try_div(a, b) -> y { value: a / b, local: (b.recip(),-y/b), domain: [0.1..=1.0,0.1..=1.0], kinks: [], }
/// stub
operator Rem rem try_rem(a, b) -> y { value: a % b, local: (T::one(),-(a/b).trunc()), domain: [0.1..=1.0,0.1..=1.0], kinks: [], }
/// stub
binary Pow pow try_pow(a, b) -> y { value: a.powf(b), local: (T::one(),T::one()), domain: [0.1..=1.0,0.1..=1.0], kinks: [], }
/// stub
binary Atan2 atan2 try_atan2(a, b) -> y { value: a.atan2(b), local: (T::one(),T::one()), domain: [0.1..=1.0,0.1..=1.0], kinks: [], }
/// stub
binary Hypot hypot try_hypot(a, b) -> y { value: a.hypot(b), local: (T::one(),T::one()), domain: [0.1..=1.0,0.1..=1.0], kinks: [], }
/// stub
binary Min min try_min(a, b) -> y { value: if a<b {a} else {b}, local: (T::one(),T::one()), domain: [0.1..=1.0,0.1..=1.0], kinks: [], }
/// stub
binary Max max try_max(a, b) -> y { value: if a>b {a} else {b}, local: (T::one(),T::one()), domain: [0.1..=1.0,0.1..=1.0], kinks: [], }
/// stub
choice SelectFirst select_first(a, b) -> y { value: a, local: (Some(T::one()),None), domain: [0.1..=1.0,0.1..=1.0], kinks: [], }
/// stub
choice SelectSecond select_second(a, b) -> y { value: b, local: (None,Some(T::one())), domain: [0.1..=1.0,0.1..=1.0], kinks: [], }
/// stub
parameter LeakyRelu leaky_relu(x, c) -> y { value: x*c, local: c, domain: [0.1..=1.0,0.1..=1.0], kinks: [], }
/// stub
parameter Elu elu(x, c) -> y { value: x*c, local: c, domain: [0.1..=1.0,0.1..=1.0], kinks: [], }
/// stub
integer Powi powi(x, c) -> y { value: x.powi(c.to_i32().unwrap_or(0)), local: c*x.powi(c.to_i32().unwrap_or(0)-1), domain: [0.1..=1.0,0.1..=1.0], kinks: [], }
] $($rest)* } };
}
