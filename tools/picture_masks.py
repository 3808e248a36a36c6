#!/usr/bin/env python3
"""Draws scenes beside their masks: tools/picture_masks.py SCENE MASK [SCENE MASK ...] PICTURE.png

Columns: false colour (S5, S3, S1) by day or S8 by night, label, mask, where mask and truth differ. Needs h5py, numpy
and pillow. docs/pictures/masks.png is made of demo/test and demo/output.
"""

import sys

import h5py
import numpy as np
from PIL import Image

SIDE = 420


def stretch(values, low, high):
    return (255 * np.clip(np.nan_to_num((values - low) / (high - low)), 0, 1)).astype("u1")


def panels(scene, mask):
    with h5py.File(scene) as file:
        reflectance, temperature = file["refs"][...], file["bts"][..., 1]
        label, truth = file["bayes"][..., 0] > 0, file["truth"][...] > 0
    with h5py.File(mask) as file:
        probability = file["mask"][0, ..., 0]
    if np.nan_to_num(reflectance[..., 0]).mean() > 0.02:
        picture = np.stack([stretch(reflectance[..., band], 0, 0.9) for band in (4, 2, 0)], axis=-1)
    else:
        cold, warm = np.nanpercentile(temperature, (1, 99))
        picture = np.repeat(stretch(-np.nan_to_num(temperature, nan=warm), -warm, -cold)[..., None], 3, axis=-1)
    wrong = np.zeros((*truth.shape, 3), "u1") + np.uint8(40) + (60 * truth[..., None]).astype("u1")
    cloud = probability >= 0.5
    wrong[np.isnan(probability)] = 0
    wrong[cloud & ~truth] = (230, 120, 40)
    wrong[(probability < 0.5) & truth] = (70, 140, 230)
    grey = [np.repeat(stretch(layer.astype("f4"), 0, 1)[..., None], 3, axis=-1) for layer in (label, np.nan_to_num(probability))]
    return [picture, *grey, wrong]


def main():
    *pairs, output = sys.argv[1:]
    rows = []
    for scene, mask in zip(pairs[::2], pairs[1::2]):
        images = [Image.fromarray(panel).resize((SIDE, SIDE * 4 // 5), Image.Resampling.BOX) for panel in panels(scene, mask)]
        rows.append(np.concatenate([np.pad(np.asarray(image), ((4, 4), (4, 4), (0, 0)), constant_values=255) for image in images], axis=1))
    Image.fromarray(np.concatenate(rows)).convert("P", palette=Image.Palette.ADAPTIVE, colors=128).save(output, optimize=True)


if __name__ == "__main__":
    main()
