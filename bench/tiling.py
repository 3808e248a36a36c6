#!/usr/bin/env python3
"""Do the two tile modes agree, whatever the tile size, and what do they cost?

    bench/tiling.py --program build/cloudmask --model demo/cloudModel.h5 --scenes demo/test --patch-size 128 --crop-size 32

Prints the share of pixels more than 40 px from the border on which `scene` and `patches` agree (fp32), the largest
difference between tile sizes, and the time of each mode in the machine's default precision. Needs h5py and numpy.
"""

import argparse
import json
import pathlib
import subprocess
import tempfile

import h5py
import numpy as np

BORDER = 40


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("program", "model", "scenes"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    parser.add_argument("--patch-size", type=int, default=256)
    parser.add_argument("--crop-size", type=int, default=80)
    options = parser.parse_args()

    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)

        def infer(label, **settings):
            """Masks of all scenes, and the seconds of computing a scene."""
            out = folder / label
            config = folder / f"{label}.yaml"
            keys = {"inference_dir": options.scenes.resolve(), "model_file": options.model.resolve(), "output_dir": out,
                    "log_file": folder / "log", "mlperf_logfile": folder / "mlperf", "PATCH_SIZE": options.patch_size,
                    "CROP_SIZE": options.crop_size, **settings}
            config.write_text("".join(f"{key}: {value}\n" for key, value in keys.items()))
            subprocess.run([options.program.resolve(), "infer", "--config", config, "--quiet"], check=True)
            masks = {}
            for file in sorted(out.glob("*.hdf.h5")):
                with h5py.File(file) as mask:
                    masks[file.name] = mask["mask"][0, ..., 0]
            events = [json.loads(line) for line in (out / "run.jsonl").read_text().splitlines()]
            return masks, np.median([event["compute_s"] for event in events if event["event"] == "scene"])

        whole, _ = infer("whole", precision="fp32", tile_px=4096)
        patches, _ = infer("patches", precision="fp32", tile_mode="patches")
        agree = [np.mean(((whole[key] >= 0.5) == (patches[key] >= 0.5))[BORDER:-BORDER, BORDER:-BORDER]) for key in whole]
        print(f"tile_mode scene and patches agree on {100 * np.mean(agree):.3f} % of the pixels more than {BORDER} px inside")
        for tile in (256, 440, 1024):
            tiled, _ = infer(f"tile{tile}", precision="fp32", tile_px=tile)
            difference = max(np.nanmax(np.abs(tiled[key] - whole[key])) for key in whole)
            print(f"tiles of {tile} px differ from the whole scene by at most {difference:.1e}")
        _, patches_s = infer("patches_fast", tile_mode="patches")
        _, scene_s = infer("scene_fast")
        print(f"a scene: patches {patches_s:.3f} s, scene {scene_s:.3f} s, ratio {scene_s / patches_s:.2f}")


if __name__ == "__main__":
    main()
