#!/usr/bin/env python3
"""What each method loses on scenes unlike those that it was made for and learnt from.

    bench/variations.py --program build/cloudmask --folder FOLDER [--methods METHOD ...] [--label-errors SHARE]

FOLDER is one in which bench/methods.py was run with the same options and one seed of the trainings: its models and tables are used as they are. The unseen
scenes are made again with noise four times the usual, and with cloud particles of half and of twice the usual size (other
optics); all methods mask them. Then the methods that learn from labels are trained anew on labels of which SHARE is
wrong. Prints accuracy and true skill against truth, and writes FOLDER/variations.json.
"""

import json
import pathlib
import sys

import methods

UNSEEN = {"as usual": [], "noise x 4": ["--noise", 4], "particles x 0.5": ["--particle-size", 0.5],
          "particles x 2": ["--particle-size", 2]}
LABEL_TAUGHT = ["network", "both"]


def slug(variation):
    return variation.replace(" ", "-")


def mask(options, method, scenes, masks):
    """With what `methods.py` left in the folder."""
    learnt = options.folder / f"masks-{method}"
    if method == "threshold":
        words = ["screen", "--method", "threshold"]
    elif method == "bayesian":
        words = ["screen", "--method", "bayesian", "--tables", learnt / "tables.h5"]
    else:
        words = ["infer", "--model", learnt / "model.h5"]
    methods.run(options.program, *words, "--output", masks, "--quiet", scenes)


def scores(options, scenes, masks):
    """{method: {accuracy, true_skill}} of all scenes; the labels are among them."""
    file = options.folder / "variation.json"
    methods.run(options.program, "compare", "--scenes", scenes, "--json", file, "--quiet",
                *(f"{name}={folder}" for name, folder in masks.items()))
    judged = json.loads(file.read_text())["parts"]["all"]["methods"]
    file.unlink()
    return {name: {score: judged[name][score]["value"] for score in ("accuracy", "true_skill")} for name in judged}


def vary_unseen(options):
    results = {}
    for variation, flags in UNSEEN.items():
        print(f"\n== {variation}", flush=True)
        name = f"unseen-{slug(variation)}" if flags else "unseen"
        scenes = methods.make_scenes(options, name, options.unseen, options.seed + 1, *flags)
        masks = {method: options.folder / f"variation-{slug(variation)}" / method for method in options.methods}
        for method, folder in masks.items():
            mask(options, method, scenes, folder)
        results[variation] = scores(options, scenes, masks)
    return results


def vary_labels(options):
    share = options.label_errors
    print(f"\n== labels wrong on {share}", flush=True)
    taught = [method for method in options.methods if method in LABEL_TAUGHT]
    options.train = methods.make_scenes(options, f"labels-{share}", options.scenes, options.seed, "--label-errors", share)
    options.test = methods.make_scenes(options, "unseen", options.unseen, options.seed + 1)
    masks = {method: options.folder / f"variation-labels-{share}" / method for method in taught}
    for method, folder in masks.items():
        folder.mkdir(parents=True, exist_ok=True)
        methods.train_and_infer(options, method, 1, folder)
    result = scores(options, options.test, masks)
    del result["labels"]  # those of the unseen scenes are as usual
    return {f"labels wrong on {share}": result}


def table(results):
    names = list(results["as usual"])
    lines = [f"{'accuracy / true skill':24}" + "".join(f"{name:>18}" for name in names)]
    for variation, methods_of in results.items():
        cells = [f"{methods_of[name]['accuracy']:.4f} / {methods_of[name]['true_skill']:.3f}" if name in methods_of else "-"
                 for name in names]
        lines.append(f"{variation:24}" + "".join(f"{cell:>18}" for cell in cells))
    return "\n".join(lines)


def main(arguments=None):
    parser = methods.make_parser(__doc__)
    parser.add_argument("--label-errors", type=float, default=0.2)
    options = methods.parse(parser, arguments)
    results = vary_unseen(options)
    if any(method in LABEL_TAUGHT for method in options.methods):
        results |= vary_labels(options)
    (options.folder / "variations.json").write_text(json.dumps(results, indent=2) + "\n")
    print(f"\n{table(results)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
