//! W1 to W5 over any number, operation by operation as each tape is to record them: constants are plain doubles,
//! comparisons look at values and record nothing.

use super::real::Real;

#[inline(never)]
pub fn w1<R: Real>(x: &[R]) -> R {
    let mut f = R::constant(0.0);
    for pair in x.windows(2) {
        let a = pair[1] - pair[0] * pair[0];
        let b = pair[0].subtracted_from(1.0);
        f = f + (a * 100.0 * a + b * b);
    }
    f
}

#[inline(never)]
pub fn w2<R: Real>(x: &[R]) -> R {
    x[1..].iter().fold(x[0], |p, &x| p * x)
}

#[inline(never)]
pub fn w3<R: Real>(x: &[R]) -> R {
    let mut m = x[0];
    for &x in &x[1..] {
        if x > m {
            m = x;
        }
    }
    let s = x.iter().fold(R::constant(0.0), |s, &x| s + (x - m).exp());
    m + s.ln()
}

#[inline(never)]
pub fn w4<R: Real>(p: &[R], data: &[f64]) -> R {
    let mut loss = R::constant(0.0);
    for sample in data.chunks_exact(3) {
        let (mut h1, mut h2) = ([R::constant(0.0); 16], [R::constant(0.0); 16]);
        for i in 0..16 {
            let mut sum = p[32 + i];
            for j in 0..2 {
                sum = sum + p[2 * i + j] * sample[j];
            }
            h1[i] = sum.tanh();
        }
        for i in 0..16 {
            let mut sum = p[304 + i];
            for j in 0..16 {
                sum = sum + p[48 + 16 * i + j] * h1[j];
            }
            h2[i] = sum.tanh();
        }
        let mut o = p[336];
        for j in 0..16 {
            o = o + p[320 + j] * h2[j];
        }
        let e = o - sample[2];
        loss = loss + e * e;
    }
    loss * (1.0 / (data.len() / 3) as f64)
}

#[inline(never)]
pub fn w5<R: Real>(p: &[R], z: &[f64]) -> R {
    let [s0, r, sigma, t, k] = [p[0], p[1], p[2], p[3], p[4]];
    let dt = t * (1.0 / 12.0);
    let drift = (r - sigma * 0.5 * sigma) * dt;
    let vol = sigma * dt.sqrt();
    let mut sum = R::constant(0.0);
    for path in z.chunks_exact(12) {
        let s = path.iter().fold(s0, |s, &z| s * (drift + vol * z).exp());
        if s > k {
            sum = sum + (s - k);
        }
    }
    (r.subtracted_from(0.0) * t).exp() * sum * (1.0 / 10_000.0)
}
