"""JAX, the whole step under `jit`."""

import jax
import jax.numpy as jnp
import numpy as np

from peers import LAYERS, Offer, layer_numbers, networks, total

TOOL = "JAX jit"


def convolution(x, weight, bias):
    """A convolution of 3 × 3, ReLU, and the greatest of each 2 × 2."""
    x = jax.lax.conv_general_dilated(x, weight, (1, 1), "SAME", dimension_numbers=("NCHW", "OIHW", "NCHW"))
    x = jax.nn.relu(x + bias[:, None, None])
    return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")


def forward(hidden, params, x):
    layers = list(zip(params[::2], params[1::2]))
    if x.ndim == 4:
        for weight, bias in layers[:2]:
            x = convolution(x, weight, bias)
        x, layers = x.reshape(x.shape[0], -1), layers[2:]
    for k, (weight, bias) in enumerate(layers):
        x = x @ weight + bias
        if k < len(layers) - 1:
            x = jax.nn.relu(x) if hidden == "relu" else jax.nn.sigmoid(x)
    return x


def make(network, rate):
    x, labels = jnp.asarray(network.x), jnp.asarray(network.labels, dtype=jnp.int32)
    state = {"params": [jnp.asarray(p) for p in network.start]}

    def loss(params, x, labels):
        logarithms = jax.nn.log_softmax(forward(network.hidden, params, x))
        return -jnp.mean(jnp.take_along_axis(logarithms, labels[:, None], axis=1))

    @jax.jit
    def whole(params, x, labels):
        value, gradients = jax.value_and_grad(loss)(params, x, labels)
        return value, [p - rate * g for p, g in zip(params, gradients)]

    def step():
        value, state["params"] = whole(state["params"], x, labels)
        jax.block_until_ready(state["params"])
        return value

    return step, state


def inference(network):
    x, params = jnp.asarray(network.x), [jnp.asarray(p) for p in network.start]
    infer = jax.jit(lambda params, x: forward(network.hidden, params, x))
    return lambda: infer(params, x).block_until_ready()


def prepared(network):
    step, state = make(network, 1.0)
    loss = float(step())
    network.check(loss, [np.asarray(p) for p in state["params"]])
    return make(network, network.rate)[0]


def layer_norm(x, weight, bias):
    mean = x.mean(axis=-1, keepdims=True)
    return (x - mean) * jax.lax.rsqrt(x.var(axis=-1, keepdims=True) + 1e-5) * weight + bias


def attention(q, k, v):
    weights = jax.nn.softmax(q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1], dtype="float32"))
    return weights @ v


def layer(name):
    operands, upstream, words = layer_numbers(name)
    operands, upstream = [jnp.asarray(x) for x in operands], jnp.asarray(upstream)
    words = jnp.asarray(words, dtype=jnp.int32)
    operation = {
        "layer norm": layer_norm, "embedding": lambda table: table[words], "attention": attention,
    }.get(name, jnp.matmul)

    @jax.jit
    def whole(operands, upstream):
        y, back = jax.vjp(operation, *operands)
        return y, *back(upstream)

    def work():
        return jax.block_until_ready(whole(operands, upstream))

    return work, total(work())


def offers(folder, _threads):
    version = jax.__version__
    found = []
    for network in networks(folder, convolutional=True):
        found.append(Offer(TOOL, version, network.name, lambda n=network: prepared(n)))
        if network.name == "N3":
            found.append(Offer(TOOL, version, "N3 inference", lambda n=network: inference(n)))
    for name in LAYERS:
        found.append(Offer(TOOL, version, name, lambda name=name: layer(name)))
    return found
