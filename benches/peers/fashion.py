"""Fashion-MNIST in PyTorch: the networks of docs/RESULTS.md, seconds per epoch and accuracy.

    python fashion.py mlp --threads 2 --epochs 3 --data /usr/share/datasets/fashion-mnist
"""

import argparse
import gzip
import pathlib
import statistics
import time

import numpy
import torch
from torch import nn

NETWORKS = {
    "mlp": lambda: nn.Sequential(
        nn.Linear(784, 512), nn.ReLU(), nn.Dropout(0.3),
        nn.Linear(512, 256), nn.ReLU(), nn.Dropout(0.3),
        nn.Linear(256, 10),
    ),
    "cnn": lambda: nn.Sequential(
        nn.Unflatten(1, (1, 28, 28)),
        nn.Conv2d(1, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Dropout(0.3),
        nn.Linear(64 * 7 * 7, 128), nn.ReLU(), nn.Dropout(0.3),
        nn.Linear(128, 10),
    ),
}


def idx(path):
    """The numbers of an IDX file, one row for each item."""
    with gzip.open(path) as file:
        content = file.read()
    axes = content[3]
    shape = [int.from_bytes(content[4 + 4 * k:8 + 4 * k], "big") for k in range(axes)]
    return numpy.frombuffer(content, numpy.uint8, offset=4 + 4 * axes).reshape(shape[0], -1)


def part(folder, name):
    """Images between 0 and 1, and labels."""
    images = idx(folder / f"{name}-images-idx3-ubyte.gz").astype(numpy.float32) / 255
    labels = idx(folder / f"{name}-labels-idx1-ubyte.gz").reshape(-1).astype(numpy.int64)
    return torch.from_numpy(images), torch.from_numpy(labels)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("network", choices=NETWORKS)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path("/usr/share/datasets/fashion-mnist"))
    options = parser.parse_args()
    torch.manual_seed(42)
    torch.set_num_threads(options.threads)
    (x, y), (test_x, test_y) = part(options.data, "train"), part(options.data, "t10k")
    model = NETWORKS[options.network]()
    optimizer = torch.optim.AdamW(model.parameters(), lr=options.rate, fused=True)
    loss_of = nn.CrossEntropyLoss()
    seconds = []
    for epoch in range(1, options.epochs + 1):
        model.train()
        start = time.perf_counter()
        order = torch.randperm(len(x))
        for rows in order.split(options.batch):
            optimizer.zero_grad(set_to_none=True)
            loss_of(model(x[rows]), y[rows]).backward()
            optimizer.step()
        seconds.append(time.perf_counter() - start)
        model.eval()
        with torch.no_grad():
            right = sum((model(part).argmax(1) == labels).sum().item()
                        for part, labels in zip(test_x.split(1000), test_y.split(1000)))
        print(f"{epoch:>3}  {seconds[-1]:.2f} s  {right / len(test_x):.4f}", flush=True)
    print(f"median {statistics.median(seconds):.2f} s per epoch, {options.threads} threads, torch {torch.__version__}")


if __name__ == "__main__":
    main()
