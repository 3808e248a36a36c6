#!/usr/bin/env python3
"""The reference program's training in TensorFlow, until the test accuracy reaches a target; prints JSON.

    bench/peers/tensorflow_training.py --scenes FOLDER --target 0.85 --give-up-s SECONDS

Its patches, split, input, batch, Adam at 0.001 and fp32; the clock starts with the first epoch, patches lie in memory.
"""

import argparse
import json
import os
import pathlib
import time

import scene_patches
import timing


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenes", type=pathlib.Path, required=True)
    parser.add_argument("--target", type=float, required=True, help="test accuracy against the labels")
    parser.add_argument("--give-up-s", type=float, required=True, help="no epoch begins after that many seconds")
    parser.add_argument("--train-split", type=float, default=0.8)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--threads", type=int, default=timing.cores())
    return parser.parse_args()


def main():
    options = parse_arguments()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf
    from sklearn.model_selection import train_test_split
    from tensorflow_unet import make_unet

    tf.config.threading.set_intra_op_parallelism_threads(options.threads)
    tf.keras.utils.set_random_seed(1)
    paths = sorted(options.scenes.glob("**/S3A*.hdf"))
    train, test = train_test_split(paths, train_size=options.train_split, random_state=42)
    patches, labels, _ = scene_patches.read_patches(train)
    test_patches, test_labels, counts = scene_patches.read_patches(test)
    network = make_unet(tf.keras)
    network.compile(tf.keras.optimizers.Adam(1e-3), "binary_crossentropy")
    network.train_on_batch(patches[:1], labels[:1])  # compiled before the clock starts

    epochs, start = [], time.perf_counter()
    while not epochs or (epochs[-1]["test_accuracy"] < options.target and epochs[-1]["time_s"] < options.give_up_s):
        network.fit(patches, labels, batch_size=options.batch, shuffle=True, verbose=0)
        clouds = network.predict(test_patches, batch_size=options.batch, verbose=0) > 0.5
        accuracy = float((clouds == (test_labels > 0))[counts].mean())
        epochs.append({"epoch": len(epochs) + 1, "test_accuracy": accuracy, "time_s": time.perf_counter() - start})
    print(json.dumps({"epochs": epochs, "reached": epochs[-1]["test_accuracy"] >= options.target,
                      "version": f"tensorflow {tf.__version__}, keras {tf.keras.__version__}"}))


if __name__ == "__main__":
    main()
