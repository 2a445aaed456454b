"""PyTorch: eager, and the whole step compiled."""

import torch
import torch.nn.functional as F

from peers import LAYERS, PRECISIONS, SHAPES, Offer, layer_numbers, measure_memory, networks, numbers, total

EAGER, COMPILED = "PyTorch eager", "PyTorch compiled"


def forward(network, params, x):
    layers = list(zip(params[::2], params[1::2]))
    if network.name == "N6":
        for weight, bias in layers[:2]:
            x = F.max_pool2d(torch.relu(F.conv2d(x, weight, bias, padding=1)), 2)
        x, layers = x.flatten(1), layers[2:]
    for k, (weight, bias) in enumerate(layers):
        x = torch.addmm(bias, x, weight)
        if k < len(layers) - 1:
            x = torch.relu(x) if network.hidden == "relu" else torch.sigmoid(x)
    return x


def data(network):
    x, labels = torch.from_numpy(network.x.copy()), torch.from_numpy(network.labels.copy())
    return [torch.from_numpy(p.copy()) for p in network.start], x, labels


def eager(network, rate):
    params, x, labels = data(network)
    for p in params:
        p.requires_grad_()

    def step():
        loss = F.cross_entropy(forward(network, params, x), labels)
        gradients = torch.autograd.grad(loss, params)
        with torch.no_grad():
            torch._foreach_add_(params, gradients, alpha=-rate)
        return loss

    return step, params


def compiled(network, rate):
    params, x, labels = data(network)
    gradient = torch.func.grad_and_value(lambda params: F.cross_entropy(forward(network, params, x), labels))

    @torch.compile
    def whole(params):
        gradients, loss = gradient(params)
        for p, g in zip(params, gradients):
            p.sub_(g, alpha=rate)
        return loss

    def step():
        with torch.no_grad():
            return whole(params)

    return step, params


def inference(network):
    params, x, _ = data(network)

    @torch.inference_mode()
    def infer():
        return forward(network, params, x)

    return infer


def prepared(make, network):
    step, params = make(network, 1.0)
    loss = float(step().detach())
    network.check(loss, [p.detach().numpy() for p in params])
    return make(network, network.rate)[0]


OPERATIONS = {
    "add": lambda x: x + x, "mul": lambda x: x * x, "relu": torch.relu, "exp": torch.exp, "ln": torch.log,
    "tanh": torch.tanh, "sigmoid": torch.sigmoid, "sin": torch.sin, "cos": torch.cos, "erf": torch.erf,
    "gelu": F.gelu, "softplus": F.softplus, "sum": torch.sum, "softmax": lambda x: torch.softmax(x, -1),
    "log_softmax": lambda x: torch.log_softmax(x, -1),
}


def layer(name):
    operands, upstream, words = layer_numbers(name)
    operands = [torch.from_numpy(x).requires_grad_() for x in operands]
    upstream, words = torch.from_numpy(upstream), torch.from_numpy(words)
    operation = {
        "layer norm": lambda x, weight, bias: F.layer_norm(x, (768,), weight, bias, 1e-5),
        "embedding": lambda table: F.embedding(words, table),
        "attention": F.scaled_dot_product_attention,
    }.get(name, torch.matmul)

    def work():
        y = operation(*operands)
        return y, *torch.autograd.grad(y, operands, upstream)

    return work, total(x.detach() for x in work())


def offers(folder, threads):
    torch.set_num_threads(threads)
    version = torch.__version__
    found = []
    for network in networks(folder, convolutional=True):
        for tool, make in ((EAGER, eager), (COMPILED, compiled)):
            found.append(Offer(tool, version, network.name, lambda make=make, n=network: prepared(make, n)))
        if network.name == "N3":
            found.append(Offer(EAGER, version, "N3 inference", lambda n=network: inference(n)))
    for precision, dtype in PRECISIONS.items():
        for size, shape in SHAPES.items():
            for name, operation in OPERATIONS.items():
                def prepare(shape=shape, dtype=dtype, operation=operation):
                    x = torch.from_numpy(numbers(shape, dtype))
                    return lambda: operation(x), float(operation(x).sum(dtype=torch.float64))
                found.append(Offer(EAGER, version, f"{name} {precision} {size}", prepare))
    for name in LAYERS:
        found.append(Offer(EAGER, version, name, lambda name=name: layer(name)))
    return found


def memory(network, threads):
    torch.set_num_threads(threads)
    measure_memory(EAGER, network, lambda n: eager(n, n.rate)[0])
