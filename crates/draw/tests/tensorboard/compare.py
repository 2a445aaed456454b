"""Reads event files with TensorBoard, and compares every number with the history of the same training in CSV.

Arguments: the folder of the event files, the history, and how many steps an epoch has. The training has read its
checkpoint again in between, so that the files hold some steps more than once.
"""

import csv
import sys

import numpy
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.plugin_event_accumulator import EventAccumulator as ByPlugin
from tensorboard.plugins.hparams import plugin_data_pb2

folder, history, steps = sys.argv[1], sys.argv[2], int(sys.argv[3])

everything = {"scalars": 0, "histograms": 0, "images": 0, "tensors": 0}
events = EventAccumulator(folder, size_guidance=everything)
events.Reload()
with open(history, newline="") as file:
    rows = list(csv.DictReader(file))

compared = 0
tags = set(events.Tags()["scalars"])
for column in rows[0]:
    if column == "step":
        continue
    tag = column.replace(" ", "/")
    tags.discard(tag)
    found = [(event.step, event.value) for event in events.Scalars(tag)]
    wanted = [(int(row["step"]), float(numpy.float32(row[column]))) for row in rows]
    assert found == wanted, f"{tag}: {found} instead of {wanted}"
    compared += len(wanted)
for tag in ["step/loss", "step/gradient_norm", "step/learning_rate"]:
    tags.discard(tag)
    found = events.Scalars(tag)
    assert [event.step for event in found] == list(range(1, len(rows) * steps + 1)), tag
    assert all(numpy.isfinite(event.value) for event in found), tag
    compared += len(found)
assert not tags, f"nobody knows {tags}"

# The mean of the losses of all steps is about the mean of the losses of the epochs, which count rows.
by_step = numpy.mean([event.value for event in events.Scalars("step/loss")])
by_epoch = numpy.mean([float(row["loss"]) for row in rows])
assert abs(by_step / by_epoch - 1) < 0.1, (by_step, by_epoch)

for tag in events.Tags()["histograms"]:
    found = events.Histograms(tag)
    assert [event.step for event in found] == [int(row["step"]) for row in rows], tag
    for event in found:
        histogram = event.histogram_value
        assert sum(histogram.bucket) == histogram.num > 0, tag
assert len(events.Tags()["histograms"]) == 4

for number in range(2):
    (image,) = events.Images(f"digits/{number}")
    assert (image.width, image.height) == (8, 8)
    assert image.encoded_image_string.startswith(b"\x89PNG\r\n")

(text,) = events.Tensors("configuration")
assert text.tensor_proto.string_val[0].decode() == "seed 42, **digits**"


def hyperparameters(tag):
    content = events.SummaryMetadata(tag).plugin_data.content
    return plugin_data_pb2.HParamsPluginData.FromString(content)


start = hyperparameters("_hparams_/session_start_info").session_start_info
assert start.hparams["learning rate"].number_value == 0.01
assert start.hparams["seed"].number_value == 42
assert start.hparams["optimizer"].string_value == "adam"
assert start.hparams["batch"].string_value == "a quarter of 1000"
assert start.hparams["augmented"].WhichOneof("kind") == "bool_value"
assert hyperparameters("_hparams_/session_end_info").session_end_info.status == 1

# What the pages of TensorBoard are made of, which turns numbers, histograms and images into tensors first.
pages = ByPlugin(folder, size_guidance={"tensors": 0})
pages.Reload()
assert {"scalars", "histograms", "images", "text", "hparams"} <= set(pages.ActivePlugins()), pages.ActivePlugins()
assert [event.step for event in pages.Tensors("loss")] == [int(row["step"]) for row in rows]

print(f"{compared} numbers are equal")
