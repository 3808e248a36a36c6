#!/usr/bin/env python3
"""Compares cloudmask with the reference network in TensorFlow and the reference's split in scikit-learn.

    parity.py --probe build/tests/parity_probe --program build/cloudmask

Prints each figure beside what it must keep; exit 1 when one does not.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # its fp32 convolutions may round through bf16

import h5py  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from sklearn.model_selection import train_test_split  # noqa: E402

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench/peers"))
from scene_patches import scene_input  # noqa: E402
from tensorflow_unet import make_unet  # noqa: E402

keras = tf.keras
PATCH, CROP = 256, 80


class Probe:
    def __init__(self, probe, folder):
        self.probe, self.folder = probe, folder

    def forward(self, model, patches):
        patches.astype("<f4").tofile(self.folder / "input")
        subprocess.run([self.probe, "forward", model, self.folder / "input", self.folder / "output",
                        str(len(patches)), str(patches.shape[1])], check=True)
        return np.fromfile(self.folder / "output", "<f4").reshape(patches.shape[:3] + (1,))

    def losses(self, model, patches, target, batch, rate):
        patches.astype("<f4").tofile(self.folder / "input")
        target.astype("<f4").tofile(self.folder / "target")
        done = subprocess.run([self.probe, "adam", model, self.folder / "input", self.folder / "target",
                               str(len(patches)), str(patches.shape[1]), str(batch), str(rate)],
                              check=True, capture_output=True, text=True)
        return np.array(done.stdout.split(), float)

    def split(self, cases):
        text = "".join(f"{n} {share}\n" for n, share in cases)
        done = subprocess.run([self.probe, "split"], input=text, check=True, capture_output=True, text=True)
        return [[list(map(int, part.split())) for part in line.split("|")] for line in done.stdout.splitlines()]


def stitched(model, channels):
    """The reference's inference: TensorFlow's own extract_patches, crop, side by side, centre crop."""
    height, width = channels.shape[:2]
    stride = PATCH - CROP
    found = tf.image.extract_patches(channels[None], [1, PATCH, PATCH, 1], [1, stride, stride, 1], [1, 1, 1, 1], "SAME")
    rows, columns = found.shape[1:3]
    patches = tf.reshape(found, (-1, PATCH, PATCH, 9)).numpy()
    masks = np.concatenate([model(patches[i:i + 8], training=False).numpy() for i in range(0, len(patches), 8)])
    half = CROP // 2
    masks = masks[:, half:-half, half:-half, 0].reshape(rows, columns, stride, stride)
    whole = masks.transpose(0, 2, 1, 3).reshape(rows * stride, columns * stride)
    top, left = (whole.shape[0] - height) // 2, (whole.shape[1] - width) // 2
    return whole[top:top + height, left:left + width]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--probe", type=pathlib.Path, required=True)
    parser.add_argument("--program", type=pathlib.Path, required=True)
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        probe = Probe(options.probe.resolve(), folder)
        run = [options.program.resolve()]

        def figure(text, value, limit):
            rows.append((text, value, limit))
            print(f"{text:62} {value:10.2e}   must be <= {limit:.0e}   {'ok' if value <= limit else 'MISSED'}", flush=True)

        keras.utils.set_random_seed(5)
        model = make_unet(keras, size_px=None)
        model.save(folder / "tf.h5")
        subprocess.run(run + ["synth", folder / "scenes", "--scenes", "2", "--seed", "77", "--quiet"], check=True)
        scene = sorted((folder / "scenes").glob("*.hdf"))[0]
        channels, missing = scene_input(scene)
        patches = np.stack([channels[y:y + PATCH, x:x + PATCH] for y, x in ((0, 0), (300, 500), (700, 900), (940, 1200))])

        theirs = model(patches, training=False).numpy()
        figure("same weights (.h5), real-valued patches, probabilities", np.abs(probe.forward(folder / "tf.h5", patches) - theirs).max(), 1e-4)
        model.save(folder / "tf.keras")
        figure("same weights (.keras), probabilities", np.abs(probe.forward(folder / "tf.keras", patches) - theirs).max(), 1e-4)

        subprocess.run(run + ["infer", "--model", folder / "tf.h5", "--output", folder, scene, "--quiet", "--precision",
                              "fp32", "--set", "tile_mode=patches", "--set", "batch_size=8"], check=True)
        with h5py.File(folder / f"{scene.name}.h5") as file:
            ours = file["mask"][0, ..., 0]
        figure("stitched mask of 63 patches", np.abs(ours - stitched(model, channels))[~missing].max(), 1e-4)

        learner = make_unet(keras, size_px=None)
        learner.set_weights(model.get_weights())
        learner.compile(keras.optimizers.Adam(1e-3), "binary_crossentropy")
        batches = np.stack([channels[y:y + 128, x:x + 128] for y in range(0, 1024, 256) for x in range(0, 1280, 256)])
        with h5py.File(scene) as file:
            label = (file["bayes"][...] > 0).astype("f4")
        labels = np.stack([label[y:y + 128, x:x + 128] for y in range(0, 1024, 256) for x in range(0, 1280, 256)])
        theirs = np.array([learner.train_on_batch(batches[i:i + 2], labels[i:i + 2]) for i in range(0, 20, 2)])
        ours = probe.losses(folder / "tf.h5", batches[:20], labels[:20], 2, 1e-3)
        figure("losses of the first 10 Adam steps, relative", np.abs(ours / theirs - 1).max(), 1e-3)

        cases = [(n, share) for n in (2, 3, 5, 10, 20, 99, 100, 970) for share in (0.1, 0.5, 0.7, 0.8, 0.85, 0.99)
                 if 1 <= int(np.floor(n * share)) < n]
        wrong = sum(part != train_test_split(list(range(n)), train_size=share, random_state=42)
                    for (n, share), part in zip(cases, probe.split(cases)))
        figure(f"splits that differ from scikit-learn, of {len(cases)}", wrong, 0)

        for normalisation in ("background", "spectral", "reference"):
            config = folder / f"{normalisation}.yaml"
            config.write_text(f"train_dir: {folder}/scenes\noutput_dir: {folder}/out\nmodel_file: {folder}/{normalisation}.h5\n"
                              f"log_file: {folder}/log\nmlperf_logfile: {folder}/mlperf\nbase_filters: 8\nbatch_size: 8\n"
                              f"train_split: 0.5\nnormalisation: {normalisation}\n")
            subprocess.run(run + ["train", "--config", config, "--quiet"], check=True)
            ours = keras.models.load_model(folder / f"{normalisation}.h5", compile=False)
            background = [patches[..., 7:8] + 0.2] if normalisation == "background" else []
            seen = np.concatenate([patches, *background], axis=-1)
            difference = np.abs(ours(seen, training=False).numpy() - probe.forward(folder / f"{normalisation}.h5", seen))
            figure(f"our {normalisation} file in tf.keras, probabilities", difference.max(), 1e-5)
    print(f"TensorFlow {tf.__version__}, Keras {keras.__version__}")
    return 1 if any(not value <= limit for _, value, limit in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
