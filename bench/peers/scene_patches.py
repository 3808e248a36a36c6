"""Scenes as the reference program gives them to its network: nine channels, 20 patches of 256x256 a scene."""

import h5py
import numpy as np

PATCH_PX, ROWS, COLUMNS = 256, slice(88, 1112), slice(110, 1390)


def scene_input(scene):
    """[H,W,9] and where pixels are missing (0 there, which the reference does not know)."""
    with h5py.File(scene) as file:
        reflectance = np.nan_to_num(file["refs"][...], nan=0.0)
        temperature = file["bts"][...]
    missing = np.isnan(temperature[..., 1]) | np.isnan(temperature[..., 2])
    temperature[..., 0] = np.where(np.isnan(temperature[..., 0]), temperature[..., 1], temperature[..., 0])
    channels = np.concatenate([reflectance - 0.5, (temperature - 270) / 22], axis=-1).astype("f4")
    channels[missing] = 0
    return channels, missing


def cut(raster):
    """[H,W,C] to [20,256,256,C]."""
    raster = raster[ROWS, COLUMNS]
    rows, columns = raster.shape[0] // PATCH_PX, raster.shape[1] // PATCH_PX
    tiles = raster.reshape(rows, PATCH_PX, columns, PATCH_PX, raster.shape[2])
    return tiles.transpose(0, 2, 1, 3, 4).reshape(-1, PATCH_PX, PATCH_PX, raster.shape[2])


def read_patches(scenes):
    """Patches [N,256,256,9], labels [N,256,256,1] and which pixels count [N,256,256,1] of all scenes."""
    parts = []
    for scene in scenes:
        channels, missing = scene_input(scene)
        with h5py.File(scene) as file:
            label = (file["bayes"][...] > 0).astype("f4").reshape(*channels.shape[:2], 1)
        parts.append((cut(channels), cut(label), cut(~missing[..., None])))
    return tuple(np.concatenate(columns) for columns in zip(*parts))
