"""micrograd on W1 with 100 inputs and W4: inputs, functions and checksums as in ../workloads."""

import math
import sys
from importlib.metadata import version

from micrograd.engine import Value

from peers import Offer

TOOL = "micrograd"


class Lcg:
    def __init__(self, seed):
        self.state = seed

    def uniform(self):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 11) * 2.0**-53


def tanh(x):
    """As micrograd's own operations are written; it has none of this name."""
    y = math.tanh(x.data)
    out = Value(y, (x,), "tanh")

    def backward():
        x.grad += (1 - y * y) * out.grad

    out._backward = backward
    return out


def w1():
    lcg = Lcg(1)
    numbers = [0.5 + lcg.uniform() for _ in range(100)]

    def function(x):
        f = 0
        for left, right in zip(x, x[1:]):
            a, b = right - left * left, 1.0 - left
            f = f + (a * 100.0 * a + b * b)
        return f

    return numbers, function, (4229.8343551434982, 7816.342463179949, -1203.1862303939183)


def w4():
    lcg = Lcg(4)
    signed = lambda: 2.0 * lcg.uniform() - 1.0
    sizes = [(32, 1 / math.sqrt(2.0)), (16, 0.1), (256, 0.25), (16, 0.1), (16, 0.25), (1, 0.1)]
    numbers = [scale * signed() for n, scale in sizes for _ in range(n)]
    data = [(a, b, a * b) for a, b in ((signed(), signed()) for _ in range(100))]

    def function(p):
        loss = 0
        for *x, y in data:
            h1 = [tanh(sum((p[2 * i + j] * x[j] for j in range(2)), p[32 + i])) for i in range(16)]
            h2 = [tanh(sum((p[48 + 16 * i + j] * h1[j] for j in range(16)), p[304 + i])) for i in range(16)]
            e = sum((p[320 + j] * h2[j] for j in range(16)), p[336]) - y
            loss = loss + e * e
        return loss * (1.0 / 100)

    return numbers, function, (0.10811815720781277, -0.15612379210448984, 0.06071768986241953)


def prepared(workload):
    numbers, function, checksums = workload()

    def gradient():
        x = [Value(number) for number in numbers]
        f = function(x)
        f.backward()
        return f.data, [v.grad for v in x]

    f, g = gradient()
    scale = sum(map(abs, g))
    got = f, sum(g), sum(v * math.cos(i) for i, v in enumerate(g))
    for got, wanted, unit in zip(got, checksums, (abs(f), scale, scale)):
        assert abs(got - wanted) <= 1e-10 * unit, f"{got}, wanted {wanted}"
    return gradient


def offers(_folder, _threads):
    sys.setrecursionlimit(100_000)  # its topological sort is recursive
    found = {"W1/100": w1, "W4": w4}
    return [Offer(TOOL, version("micrograd"), name, lambda w=w: prepared(w)) for name, w in found.items()]
