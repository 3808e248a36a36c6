#!/usr/bin/env python3
"""The benchmark's U-Net in TensorFlow, as the reference builds it: a training step, inference or the 63 patches of a
scene, timed; prints JSON.

    bench/peers/tensorflow_unet.py --what train|infer|scene [--precision auto|fp32|bf16] [--onednn 0|1]

--precision bf16 is Keras' mixed_bfloat16 with the last layer in fp32; auto takes it where the processor has it. The
training step is a tf.function: Adam and binary cross entropy on probabilities. --onednn 0 runs Eigen's kernels.
"""

import os

import timing


def parse_arguments():
    parser = timing.arguments(__doc__)
    parser.add_argument("--onednn", choices=["0", "1"], default="1", help="TF_ENABLE_ONEDNN_OPTS (default 1)")
    options = parser.parse_args()
    if options.precision == "auto":
        options.precision = "bf16" if timing.has_bf16() else "fp32"
    return options


def make_unet(keras, width=32, size_px=timing.PATCH_PX):
    """The reference network; size_px None: for patches of any size."""
    layers = keras.layers

    def convolve(x, filters):
        for _ in range(2):
            x = layers.Conv2D(filters, 3, padding="same", kernel_initializer="he_normal")(x)
            x = layers.ReLU()(x)
        return x

    entry = keras.Input((size_px, size_px, timing.CHANNELS))
    x, skips = entry, []
    for level in range(3):
        x = convolve(x, width << level)
        skips.append(x)
        x = layers.MaxPooling2D(2)(x)
    x = convolve(x, width << 3)
    for level in (2, 1, 0):
        x = layers.Concatenate()([layers.UpSampling2D(2)(x), skips[level]])
        x = convolve(x, width << level)
    return keras.Model(entry, layers.Conv2D(1, 1, activation="sigmoid", dtype="float32")(x))


def training(tf, options, network):
    """One step on a batch that lies ready in memory."""
    optimizer = tf.keras.optimizers.Adam(1e-3)
    loss_function = tf.keras.losses.BinaryCrossentropy()
    shape = (options.batch, timing.PATCH_PX, timing.PATCH_PX)
    patches = tf.random.normal((*shape, timing.CHANNELS))
    clouds = tf.cast(tf.random.uniform((*shape, 1)) < 0.5, tf.float32)

    @tf.function
    def step(x, y):
        with tf.GradientTape() as tape:
            loss = loss_function(y, network(x, training=True))
        variables = network.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
        return loss

    return lambda: step(patches, clouds).numpy()


def inference(tf, options, network):
    """Probabilities of a batch, or of the 63 patches of a scene in such batches."""
    count = timing.SCENE_PATCHES if options.what == "scene" else options.batch
    patches = tf.random.normal((count, timing.PATCH_PX, timing.PATCH_PX, timing.CHANNELS))
    parts = [patches[first:first + options.batch] for first in range(0, count, options.batch)]

    @tf.function
    def probabilities(x):
        return network(x, training=False)

    def run():
        for part in parts:
            probabilities(part).numpy()

    return run


def main():
    options = parse_arguments()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["TF_ENABLE_ONEDNN_OPTS"] = options.onednn
    import tensorflow as tf  # only now: it reads those on loading

    tf.config.threading.set_intra_op_parallelism_threads(options.threads)
    tf.keras.utils.set_random_seed(1)
    if options.precision == "bf16":
        tf.keras.mixed_precision.set_global_policy("mixed_bfloat16")
    network = make_unet(tf.keras)
    work = (training if options.what == "train" else inference)(tf, options, network)
    timing.print_record(options, timing.time_repeatedly(work, options), network.count_params(),
                        precision=options.precision, onednn=options.onednn == "1",
                        version=f"tensorflow {tf.__version__}, keras {tf.keras.__version__}")


if __name__ == "__main__":
    main()
