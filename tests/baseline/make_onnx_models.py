"""Writes the models that tests/model/onnx_file_test.cpp reads: the network of keras/keras3.h5 as others export it.

    torch.onnx          torch.onnx.export of the same network in PyTorch, dynamo=False (TorchScript's exporter)
    torch_dynamo.onnx   the same with dynamo=True

Needs tensorflow 2.16 or newer, torch, onnx and onnxscript.
Usage: python3 tests/baseline/make_onnx_models.py [FOLDER]     (default: the folder onnx beside this script)
"""

import pathlib
import sys

import keras
import onnx
import torch

HERE = pathlib.Path(__file__).parent


class UNet(torch.nn.Module):
    def __init__(self, convolutions):
        super().__init__()
        self.convolutions = torch.nn.ModuleList()
        for kernel, bias in convolutions:
            size, _, channels, filters = kernel.shape
            layer = torch.nn.Conv2d(channels, filters, size, padding=size // 2)
            layer.weight.data = torch.tensor(kernel).permute(3, 2, 0, 1).contiguous()
            layer.bias.data = torch.tensor(bias)
            self.convolutions.append(layer)

    def forward(self, x):
        layers = iter(self.convolutions)

        def double(x):
            x = torch.relu(next(layers)(x))
            return torch.relu(next(layers)(x))

        skips = []
        for _ in range(3):
            skips.append(double(x))
            x = torch.nn.functional.max_pool2d(skips[-1], 2)
        x = double(x)
        for skip in reversed(skips):
            x = double(torch.cat([torch.nn.functional.interpolate(x, scale_factor=2, mode="nearest"), skip], 1))
        return torch.sigmoid(next(layers)(x))


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else HERE / "onnx")
    model = keras.models.load_model(HERE / "keras/keras3.h5", compile=False)
    weights = model.get_weights()
    network = UNet(zip(weights[::2], weights[1::2])).eval()
    example = torch.zeros(1, 9, 32, 32)
    torch.onnx.export(network, example, folder / "torch.onnx", dynamo=False, input_names=["x"], output_names=["y"],
                      dynamic_axes={"x": [0, 2, 3], "y": [0, 2, 3]})
    exported = torch.onnx.export(network, (example,), dynamo=True).model_proto
    for part in (*exported.graph.node, *exported.graph.value_info, exported.graph):
        part.ClearField("metadata_props")  # where the source lay
    onnx.save(exported, folder / "torch_dynamo.onnx")


if __name__ == "__main__":
    main()
