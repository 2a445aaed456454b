"""Serves one Python tool to `run`, over the protocol of src/serve.rs: announces what it can time, checks the answer of
what it is asked for, times it.

    peers.py TOOL --threads N --data FOLDER [--memory N5]
"""

import argparse
import importlib
import json
import math
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

TOOLS = {"numpy": "on_numpy", "torch": "on_torch", "jax": "on_jax", "micrograd": "on_micrograd"}

SHORTEST = 50e-6  # seconds; shorter calls are timed several at once


@dataclass
class Offer:
    """Something a tool can time. `prepare` makes it, checks its answer, and returns the work; or the work and a number
    that all tools have to agree on."""

    tool: str
    version: str
    workload: str
    prepare: Callable


def timing(seconds, work):
    """Median, minimum and number of samples; microseconds of one call. The same rule as src/timing.rs."""

    def elapsed(calls):
        start = time.perf_counter()
        for _ in range(calls):
            work()
        return time.perf_counter() - start

    work()
    once = elapsed(1)
    calls = min(max(math.ceil(SHORTEST / once), 1), 10_000)
    wanted = min(max(int(seconds / (once * calls)), 3), 2_000)
    end = time.perf_counter() + 2 * seconds
    samples = []
    while len(samples) < wanted and (len(samples) < 3 or time.perf_counter() < end):
        samples.append(elapsed(calls) * 1e6 / calls)
    samples.sort()
    return samples[len(samples) // 2], samples[0], len(samples)


def say(line):
    print(json.dumps(line), flush=True)


def serve(offers, threads):
    for offer in offers:
        say({"offer": True, "tool": offer.tool, "version": offer.version, "workload": offer.workload})
    say({"ready": True})
    offers = {(offer.tool, offer.workload): offer for offer in offers}
    prepared = {}
    for line in sys.stdin:
        tool, workload, seconds = line.rstrip("\n").split("\t")
        offer = offers.pop((tool, workload), None)
        if offer is not None:
            try:
                work = offer.prepare()
                work, value = work if isinstance(work, tuple) else (work, None)
                prepared[tool, workload] = (work, value, offer.version)
            except Exception:  # whatever a tool raises, the others go on
                traceback.print_exc()
        if (tool, workload) not in prepared:
            say({"tool": tool, "workload": workload, "error": "not prepared"})
            continue
        work, value, version = prepared[tool, workload]
        median, least, samples = timing(float(seconds), work)
        say({"tool": tool, "version": version, "workload": workload, "threads": threads, "median": median,
             "min": least, "samples": samples, "value": value})


class Network:
    """A network as `networks --write` leaves it: see there."""

    def __init__(self, folder, name):
        import numpy as np

        about = json.loads((folder / "networks.json").read_text())[name]
        load = lambda part: np.load(folder / f"{name}.{part}.npy")
        self.name, self.shapes, self.batch = name, about["shapes"], about["x"][0]
        self.hidden, self.loss, self.rate = about["hidden"], about["loss"], about["rate"]
        self.start, self.after = self.split(load("start")), self.split(load("after"))
        self.x = load("x").reshape(about["x"])
        self.labels = load("labels")

    def split(self, flat):
        """Weight and bias of each layer, in turn: `[inputs, outputs]`, or `[outputs, inputs, 3, 3]` of a convolution."""
        params, at = [], 0
        for shape in self.shapes:
            params.append(flat[at:at + math.prod(shape)].reshape(shape).copy())
            at += math.prod(shape)
        return params

    def check(self, loss, params):
        """The loss, and the moves of all parameters in one step at a rate of 1, are those by hand: to 1e-4 of the
        greatest in each parameter."""
        import numpy as np

        assert abs(loss - self.loss) <= 1e-4 * abs(self.loss), f"{self.name}: loss {loss}, wanted {self.loss}"
        for got, start, after in zip(params, self.start, self.after, strict=True):
            got, wanted = np.asarray(got) - start, after - start
            far = np.abs(got - wanted).max()
            assert far <= 1e-4 * np.abs(wanted).max(), f"{self.name}: a move is wrong by {far}"


def networks(folder, convolutional=False):
    """The networks of layers alone, or those with convolutions too."""
    names = ["N1", "N2", "N3", "N4", "N5", *(["N6"] if convolutional else [])]
    return [Network(folder, name) for name in names]


def numbers(shape, precision):
    """The operand of the elementwise operations: as in src/elementwise.rs."""
    import numpy as np

    n = math.prod(shape)
    k = np.arange(n, dtype=np.int64) * 7919 % n
    return (0.01 + 3.99 * k.astype(np.float64) / n).astype(precision).reshape(shape)


SHAPES = {"1e3": (10, 100), "1e6": (1000, 1000)}
PRECISIONS = {"f32": "float32", "f64": "float64"}


# Layers, forward and backward: the shapes of the operands, and of the output. The same as in src/layers.rs.
LAYERS = {
    "matmul 64×32×32": ([(64, 32, 32), (64, 32, 32)], (64, 32, 32)),
    "matmul 8×128×64": ([(8, 128, 64), (8, 64, 128)], (8, 128, 128)),
    "layer norm": ([(4096, 768), (768,), (768,)], (4096, 768)),
    "embedding": ([(30_000, 256)], (4096, 256)),
    "attention": ([(8, 8, 128, 64)] * 3, (8, 8, 128, 64)),
}


def layer_numbers(name):
    """Operands, upstream gradient, and the rows that the embedding looks up."""
    import numpy as np

    def numbers(shape, j):
        k = np.arange(math.prod(shape), dtype=np.int64)
        return ((k * 7919 + j * 31) % 1009 / 504 - 1).astype("float32").reshape(shape)

    shapes, output = LAYERS[name]
    words = np.arange(4096, dtype=np.int64) * 7919 % 3001 * 9
    return [numbers(shape, j) for j, shape in enumerate(shapes)], numbers(output, 9), words


def total(arrays):
    """The number to agree on: the sum of the absolute values of output and gradients."""
    import numpy as np

    return float(sum(np.abs(np.asarray(array, dtype=np.float64)).sum() for array in arrays))


def resident():
    """Bytes that are resident now, and at most since `reset_peak`."""
    fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    size = lambda name: int(fields[name].split()[0]) * 1024
    return size("VmRSS"), size("VmHWM")


def reset_peak():
    Path("/proc/self/clear_refs").write_text("5")


def measure_memory(tool, network, make):
    """Peak resident memory of three steps over what is there once data and parameters are built."""
    step = make(network)
    reset_peak()
    before, _ = resident()
    for _ in range(3):
        step()
    _, peak = resident()
    say({"memory": True, "tool": tool, "workload": network.name, "before": before, "peak": peak})


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tool", choices=TOOLS)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--memory")
    arguments = parser.parse_args()
    module = importlib.import_module(TOOLS[arguments.tool])
    if arguments.memory:
        network = Network(arguments.data, arguments.memory)
        module.memory(network, arguments.threads)
    else:
        serve(module.offers(arguments.data, arguments.threads), arguments.threads)


if __name__ == "__main__":
    main()
