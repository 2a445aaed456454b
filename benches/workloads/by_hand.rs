//! The gradients of W1 to W5, written by hand: what a person would write who knows the derivative and wants it fast.
//! Each adds to a gradient of zeros and returns the value.

pub fn w1(x: &[f64], gradient: &mut [f64]) -> f64 {
    let mut f = 0.0;
    for i in 0..x.len() - 1 {
        let a = x[i + 1] - x[i] * x[i];
        let b = 1.0 - x[i];
        f += 100.0 * a * a + b * b;
        gradient[i + 1] += 200.0 * a;
        gradient[i] -= 400.0 * a * x[i] + 2.0 * b;
    }
    f
}

pub fn w2(x: &[f64], gradient: &mut [f64]) -> f64 {
    let mut before = 1.0;
    for (g, x) in gradient.iter_mut().zip(x) {
        *g = before;
        before *= x;
    }
    let mut behind = 1.0;
    for (g, x) in gradient.iter_mut().zip(x).rev() {
        *g *= behind;
        behind *= x;
    }
    before
}

pub fn w3(x: &[f64], gradient: &mut [f64]) -> f64 {
    let m = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut s = 0.0;
    for (g, x) in gradient.iter_mut().zip(x) {
        *g = (x - m).exp();
        s += *g;
    }
    gradient.iter_mut().for_each(|g| *g /= s);
    m + s.ln()
}

pub fn w4(p: &[f64], data: &[f64], g: &mut [f64]) -> f64 {
    let samples = (data.len() / 3) as f64;
    let mut loss = 0.0;
    for sample in data.chunks_exact(3) {
        let (mut h1, mut h2, mut d1) = ([0.0; 16], [0.0; 16], [0.0; 16]);
        for i in 0..16 {
            h1[i] = (p[32 + i] + p[2 * i] * sample[0] + p[2 * i + 1] * sample[1]).tanh();
        }
        for i in 0..16 {
            let row = &p[48 + 16 * i..][..16];
            h2[i] = row.iter().zip(&h1).fold(p[304 + i], |sum, (w, h)| sum + w * h).tanh();
        }
        let e = h2.iter().zip(&p[320..336]).fold(p[336], |sum, (h, w)| sum + h * w) - sample[2];
        loss += e * e;
        let de = 2.0 * e / samples;
        g[336] += de;
        for i in 0..16 {
            g[320 + i] += de * h2[i];
            let d2 = de * p[320 + i] * (1.0 - h2[i] * h2[i]);
            g[304 + i] += d2;
            for j in 0..16 {
                g[48 + 16 * i + j] += d2 * h1[j];
                d1[j] += d2 * p[48 + 16 * i + j];
            }
        }
        for i in 0..16 {
            let d = d1[i] * (1.0 - h1[i] * h1[i]);
            g[32 + i] += d;
            g[2 * i] += d * sample[0];
            g[2 * i + 1] += d * sample[1];
        }
    }
    loss / samples
}

pub fn w5(p: &[f64], z: &[f64], g: &mut [f64]) -> f64 {
    let [s0, r, sigma, t, k] = [p[0], p[1], p[2], p[3], p[4]];
    let dt = t / 12.0;
    let (rate, root) = (r - 0.5 * sigma * sigma, dt.sqrt());
    let (drift, vol) = (rate * dt, sigma * root);
    let (mut sum, mut d_s0, mut d_k, mut d_drift, mut d_vol) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for path in z.chunks_exact(12) {
        let s = path.iter().fold(s0, |s, &z| s * (drift + vol * z).exp());
        if s > k {
            sum += s - k;
            d_s0 += s / s0;
            d_k -= 1.0;
            d_drift += 12.0 * s;
            d_vol += s * path.iter().sum::<f64>();
        }
    }
    let scale = (-r * t).exp() / 10_000.0;
    let f = scale * sum;
    g[0] = scale * d_s0;
    g[1] = scale * d_drift * dt - t * f;
    g[2] = scale * (d_vol * root - d_drift * sigma * dt);
    g[3] = scale * (d_drift * rate / 12.0 + d_vol * sigma / (24.0 * root)) - r * f;
    g[4] = scale * d_k;
    f
}
