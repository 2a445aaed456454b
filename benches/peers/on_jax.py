"""JAX, the whole step under `jit`."""

import jax
import jax.numpy as jnp
import numpy as np

from peers import Offer, networks

TOOL = "JAX jit"


def forward(hidden, params, x):
    layers = list(zip(params[::2], params[1::2]))
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


def offers(folder, _threads):
    version = jax.__version__
    found = []
    for network in networks(folder):
        found.append(Offer(TOOL, version, network.name, lambda n=network: prepared(n)))
        if network.name == "N3":
            found.append(Offer(TOOL, version, "N3 inference", lambda n=network: inference(n)))
    return found
