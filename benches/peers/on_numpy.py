"""NumPy, with the gradient written by hand."""

import numpy as np

from peers import PRECISIONS, SHAPES, Offer, networks, numbers


def make(network, rate):
    params = [p.copy() for p in network.start]
    layers = list(zip(params[::2], params[1::2]))
    x, labels, rows = network.x, network.labels, np.arange(network.batch)
    scale = np.float32(1 / network.batch)
    rate = np.float32(rate)

    def activate(z):
        return np.maximum(z, 0, out=z) if network.hidden == "relu" else 1 / (1 + np.exp(-z))

    def forward():
        outputs = [x]
        for k, (weight, bias) in enumerate(layers):
            z = outputs[-1] @ weight
            z += bias
            outputs.append(activate(z) if k < len(layers) - 1 else z)
        return outputs

    def step():
        outputs = forward()
        logits = outputs[-1]
        logits -= logits.max(axis=1, keepdims=True)
        chosen = logits[rows, labels]
        p = np.exp(logits, out=logits)
        total = p.sum(axis=1, keepdims=True)
        loss = np.mean(np.log(total[:, 0]) - chosen)
        p /= total
        p[rows, labels] -= 1
        p *= scale
        for k in range(len(layers) - 1, -1, -1):
            (weight, bias), before = layers[k], outputs[k]
            weight_gradient, bias_gradient = before.T @ p, p.sum(axis=0)
            if k > 0:
                p = p @ weight.T
                p *= before > 0 if network.hidden == "relu" else before * (1 - before)
            weight_gradient *= rate
            weight -= weight_gradient
            bias -= rate * bias_gradient
        return loss

    return step, lambda: forward()[-1], params


def prepared(network):
    step, _, params = make(network, 1.0)
    network.check(float(step()), params)
    return make(network, network.rate)[0]


def offers(folder, _threads):
    version = np.__version__
    tool = "NumPy by hand"
    found = [Offer(tool, version, n.name, lambda n=n: prepared(n)) for n in networks(folder)]
    n3 = next(n for n in networks(folder) if n.name == "N3")
    found.append(Offer(tool, version, "N3 inference", lambda: make(n3, n3.rate)[1]))
    operations = {
        "add": lambda x: x + x, "mul": lambda x: x * x, "relu": lambda x: np.maximum(x, 0), "exp": np.exp,
        "ln": np.log, "tanh": np.tanh, "sin": np.sin, "cos": np.cos, "sum": np.sum,
    }
    for precision, dtype in PRECISIONS.items():
        for size, shape in SHAPES.items():
            for name, operation in operations.items():
                def prepare(shape=shape, dtype=dtype, operation=operation):
                    x = numbers(shape, dtype)
                    return lambda: operation(x), float(np.sum(operation(x), dtype=np.float64))
                found.append(Offer("NumPy", version, f"{name} {precision} {size}", prepare))
    return found
