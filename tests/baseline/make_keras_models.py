"""Writes the models that tests/model/model_file_test.cpp reads: small U-Nets as TensorFlow itself saves them.

    keras2.h5      Keras 2 (tf_keras), layers Activation("relu")
    keras2.keras   the same model as Keras 2's archive
    keras3.h5      Keras 3, layers ReLU
    keras3.keras   Keras 3, relu as the convolutions' own activation
    expected.h5    `input` [2,32,32,9] and the `output` [2,32,32,1] of the models: all have the same weights

Needs tensorflow 2.16 or newer, tf_keras and h5py.
Usage: python3 tests/baseline/make_keras_models.py [FOLDER]     (default: the folder keras beside this script)
"""

import pathlib
import sys

import h5py
import keras
import numpy as np
import tf_keras

FILTERS = 2


def make_unet(api, filters, relu, size=256):
    """The reference program's network; `api` is keras or tf_keras, `relu` says how ReLU is written."""
    layers = api.layers

    def conv(x, maps):
        x = layers.Conv2D(maps, 3, padding="same", kernel_initializer="he_normal",
                          activation="relu" if relu == "argument" else None)(x)
        if relu == "ReLU":
            x = layers.ReLU()(x)
        elif relu == "Activation":
            x = layers.Activation("relu")(x)
        return x

    def double(x, maps):
        return conv(conv(x, maps), maps)

    inputs = x = layers.Input((size, size, 9))
    skips = []
    for level in (1, 2, 4):
        x = double(x, filters * level)
        skips.append(x)
        x = layers.MaxPooling2D(2)(x)
    x = double(x, filters * 8)
    for level in (4, 2, 1):
        x = layers.concatenate([layers.UpSampling2D(2)(x), skips.pop()])
        x = double(x, filters * level)
    outputs = layers.Conv2D(1, 1, activation="sigmoid")(x)
    return api.Model(inputs, outputs)


def make_weights(model, seed=1):
    """He-normal kernels and biases that are not zero, so that a mixed-up bias shows."""
    random = np.random.default_rng(seed)
    weights = []
    for weight in model.get_weights():
        if weight.ndim == 1:
            weights.append(random.normal(0, 0.1, weight.shape))
        else:
            weights.append(random.normal(0, np.sqrt(2 / np.prod(weight.shape[:3])), weight.shape))
    return weights


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent / "keras")
    keras2 = make_unet(tf_keras, FILTERS, "Activation", size=32)
    keras2.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    keras3_layers = make_unet(keras, FILTERS, "ReLU", size=32)
    keras3_arguments = make_unet(keras, FILTERS, "argument", size=32)
    weights = make_weights(keras2)
    for model in (keras2, keras3_layers, keras3_arguments):
        model.set_weights(weights)

    keras2.save(folder / "keras2.h5")
    keras2.save(folder / "keras2.keras")
    keras3_layers.save(folder / "keras3.h5")
    keras3_arguments.save(folder / "keras3.keras")

    # Multiples of 1/64 in the range of scaled channels: exact in binary, and small in the file.
    inputs = np.random.default_rng(2).integers(-96, 97, (2, 32, 32, 9)).astype(np.float32) / 64
    outputs = keras3_layers.predict(inputs, verbose=0)
    for model in (keras2, keras3_arguments):
        np.testing.assert_allclose(model.predict(inputs, verbose=0), outputs, atol=1e-6)
    with h5py.File(folder / "expected.h5", "w") as file:
        file.create_dataset("input", data=inputs, compression="gzip", shuffle=True)
        file.create_dataset("output", data=outputs, compression="gzip", shuffle=True)


if __name__ == "__main__":
    main()
