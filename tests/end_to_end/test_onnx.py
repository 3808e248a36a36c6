"""Models as ONNX graphs: onnxruntime computes the program's masks, and what is no U-Net is refused."""

import pathlib
import shutil

import h5py
import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from conftest import Program

DOCS = pathlib.Path(__file__).parents[2] / "docs"
NORMALISATIONS = ["reference", "spectral", "background"]


@pytest.fixture(scope="session")
def example():
    """The code of docs/exchange.md."""
    text = (DOCS / "exchange.md").read_text()
    names = {}
    exec(text.split("```python\n")[1].split("```")[0], names)
    return names


@pytest.fixture(scope="session")
def exported(scenes, tmp_path_factory):
    """A network of each normalisation, trained and exported: <normalisation>.h5 and .onnx, and masks of both tilings."""
    program = Program(tmp_path_factory.mktemp("exported"))
    for name in ("train", "test"):
        shutil.copytree(scenes / name, program.folder / name)
    for name in NORMALISATIONS:
        config = program.config(f"{name}.yaml", epochs=1, normalisation=name, model_file=f"{name}.h5",
                                output_dir=f"{name}_run", threshold=0.4, precision="fp32")
        program("train", "--config", config)
        program("export", "--model", f"{name}.h5", "--to", "onnx", f"{name}.onnx")
        for mode in ("scene", "patches"):
            program("infer", "--config", config, "--set", f"tile_mode={mode}", "--set", f"output_dir={name}_{mode}",
                    "--set", "inference_dir=test")
    return program


def masks(program, folder):
    """Of each scene: its file and the program's mask."""
    for scene in sorted((program.folder / "test").glob("*.hdf")):
        with h5py.File(program.folder / folder / f"{scene.name}.h5") as file:
            yield scene, file["mask"][0, ..., 0]


def session_of(program, name):
    return onnxruntime.InferenceSession(program.folder / f"{name}.onnx")


def channels_of(scene, example, count):
    with h5py.File(scene) as file:
        channels = np.concatenate([file["refs"], file["bts"]], axis=2).astype(np.float32)
    if count == 10:
        s8_k = np.where(np.isnan(channels[..., 8]), np.nan, channels[..., 7])
        channels = np.dstack([channels, example["clear_reference"](s8_k).astype(np.float32)])
    return channels


@pytest.mark.parametrize("name", NORMALISATIONS)
def test_the_graph_is_valid_and_says_what_the_model_file_says(exported, name):
    model = onnx.load(exported.folder / f"{name}.onnx")
    onnx.checker.check_model(model, full_check=True)
    assert [(entry.domain, entry.version) for entry in model.opset_import] == [("", 17)]
    notes = {entry.key: entry.value for entry in model.metadata_props}
    with h5py.File(exported.folder / f"{name}.h5") as file:
        for key in ("cloudmask_normalisation", "cloudmask_written_by", "cloudmask_training"):
            assert notes[key] == file.attrs[key].decode()
    assert notes["cloudmask_normalisation"] == name and float(notes["cloudmask_threshold"]) == 0.4
    assert ("Tref" in notes["cloudmask_input"]) == (name == "background")


@pytest.mark.parametrize("name", NORMALISATIONS)
def test_onnxruntime_computes_the_programs_masks_of_scenes(exported, example, name):
    for scene, mask in masks(exported, f"{name}_scene"):
        probability = example["cloud_probability"](exported.folder / f"{name}.onnx", scene, patch=64, crop=16)
        assert np.isnan(mask).any() and np.nanstd(mask) > 0.001
        np.testing.assert_allclose(probability, mask, atol=1e-5, rtol=0)


@pytest.mark.parametrize("name", NORMALISATIONS)
def test_onnxruntime_computes_the_programs_masks_of_patches(exported, example, name):
    session = session_of(exported, name)
    patch, crop = 64, 16  # as SMALL has them
    stride = patch - crop
    for scene, mask in masks(exported, f"{name}_patches"):
        channels = channels_of(scene, example, session.get_inputs()[0].shape[3])
        height, width = mask.shape
        rows, columns = -(-height // stride), -(-width // stride)
        spare = [(rows - 1) * stride + patch - height, (columns - 1) * stride + patch - width]
        around = [(pixels // 2, pixels - pixels // 2) for pixels in spare]
        channels = np.pad(channels, (*around, (0, 0)), constant_values=np.nan)
        batch = [channels[row * stride:row * stride + patch, column * stride:column * stride + patch]
                 for row in range(rows) for column in range(columns)]
        probability, = session.run(None, {"scene": np.stack(batch)})
        cut = crop // 2
        kept = probability[:, cut:-cut, cut:-cut, 0].reshape(rows, columns, stride, stride)
        stitched = kept.transpose(0, 2, 1, 3).reshape(rows * stride, columns * stride)
        top, left = around[0][0] - cut, around[1][0] - cut
        np.testing.assert_allclose(stitched[top:top + height, left:left + width], mask, atol=1e-5, rtol=0)


def test_missing_values_are_treated_as_in_the_program(exported):
    session = session_of(exported, "background")
    random = np.random.default_rng(1)
    plain = np.concatenate([random.uniform(0, 1, (1, 16, 16, 6)), random.uniform(230, 300, (1, 16, 16, 4))], axis=3)
    plain = plain.astype(np.float32)

    def changed(channel, value):
        values = plain.copy()
        values[0, 5, 7, channel] = value
        return session.run(None, {"scene": values})[0][0, ..., 0]

    np.testing.assert_array_equal(changed(2, np.nan), changed(2, 0))
    np.testing.assert_array_equal(changed(6, np.nan), changed(6, plain[0, 5, 7, 7]))
    for channel in (7, 8):
        assert np.argwhere(np.isnan(changed(channel, np.nan))).tolist() == [[5, 7]]
    np.testing.assert_array_equal(changed(7, np.nan), changed(8, np.nan))  # no channel counts there


@pytest.mark.parametrize("name", NORMALISATIONS)
def test_an_exported_model_comes_back_byte_for_byte(exported, name):
    exported("import", "--from", "onnx", f"{name}.onnx", "--model", f"{name}_back.h5")
    assert (exported.folder / f"{name}_back.h5").read_bytes() == (exported.folder / f"{name}.h5").read_bytes()
    exported("export", "--model", f"{name}_back.h5", "--to", "onnx", f"{name}_again.onnx")
    assert (exported.folder / f"{name}_again.onnx").read_bytes() == (exported.folder / f"{name}.onnx").read_bytes()


def test_names_that_hide_the_format_and_the_file_itself_are_refused(exported):
    for arguments in (["export", "--model", "spectral.h5", "--to", "onnx", "other.h5"],
                      ["export", "--model", "spectral.h5", "--to", "keras", "other.onnx"],
                      ["import", "--from", "onnx", "spectral.onnx", "--model", "other.onnx"],
                      ["export", "--model", "spectral.h5", "--to", "keras", "spectral.h5"]):
        assert "cannot write" in exported.fault(*arguments, code=2)
    assert not (exported.folder / "other.h5").exists() and not (exported.folder / "other.onnx").exists()


def test_a_model_file_of_the_other_format_is_refused_with_its_name(exported):
    assert "spectral.h5" in exported.fault("import", "--from", "onnx", "spectral.h5", "--model", "x.h5")
    assert "--from onnx" in exported.fault("infer", "--model", "spectral.onnx", "--output", "x", "test")
    assert "absent.onnx: no such file" in exported.fault("import", "--from", "onnx", "absent.onnx", "--model", "x.h5")


# Mutations: what is done to a good graph, and what the refusal says.


def weight(model, name):
    return next(tensor for tensor in model.graph.initializer if tensor.name == name)


def node(model, name):
    return next(node for node in model.graph.node if node.name == name)


def set_attribute(model, name, key, value):
    kept = [attribute for attribute in node(model, name).attribute if attribute.name != key]
    del node(model, name).attribute[:]
    node(model, name).attribute.extend([*kept, helper.make_attribute(key, value)])


def huge_dims(model):
    weight(model, "down2_conv1/kernel").dims[0] = 2**62


def negative_dims(model):
    weight(model, "down2_conv1/kernel").dims[0] = -8


def fewer_values(model):
    tensor = weight(model, "head/kernel")
    tensor.raw_data = tensor.raw_data[:-4]


def external_values(model):
    tensor = weight(model, "head/kernel")
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", "/etc/passwd"), ("offset", "0"), ("length", "16")):
        entry = tensor.external_data.add()
        entry.key, entry.value = key, value


def cycle(model):
    node(model, "down1_conv1").input[0] = "head"


def identity_cycle(model):
    model.graph.node.append(helper.make_node("Identity", ["b"], ["a"], name="a"))
    model.graph.node.append(helper.make_node("Identity", ["a"], ["b"], name="b"))


def missing_initialiser(model):
    model.graph.initializer.remove(weight(model, "up3_conv1/kernel"))


def computed_weights(model):
    model.graph.node.append(helper.make_node("Neg", ["up3_conv1/kernel"], ["negative"], name="negative"))
    node(model, "up3_conv1").input[1] = "negative"


def double_weights(model):
    tensor = weight(model, "bottom_conv1/bias")
    tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float64), tensor.name))


def nan_weights(model):
    tensor = weight(model, "bottom_conv1/bias")
    values = numpy_helper.to_array(tensor).copy()
    values[0] = np.nan
    tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))


def fewer_filters(model):
    for part in ("kernel", "bias"):
        tensor = weight(model, f"down3_conv2/{part}")
        tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor)[:-1], tensor.name))


def fewer_channels(model):
    tensor = weight(model, "down3_conv2/kernel")
    tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor)[:, :-1], tensor.name))


def average_pooling(model):
    node(model, "down2_pool").op_type = "AveragePool"


def strides(model):
    set_attribute(model, "down2_conv1", "strides", [2, 2])


def bilinear(model):
    set_attribute(model, "up1_sample", "mode", "linear")


def other_skip(model):
    node(model, "up1_join").input[1] = "down1_conv1_relu"


def other_scaling(model):
    tensor = weight(model, "unit")
    tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor) * np.float32(2), tensor.name))


def other_marks(model):
    node(model, "missing").op_type = "And"


def tensor_made_twice(model):
    model.graph.node.append(helper.make_node("Relu", ["head"], ["down1_pool"], name="twice"))


def two_outputs(model):
    model.graph.output.append(helper.make_tensor_value_info("missing", TensorProto.BOOL, None))


def foreign_operator(model):
    node(model, "up2_conv1").domain = "com.example"


def old_operators(model):
    model.opset_import[0].version = 9


def no_graph(model):
    model.ClearField("graph")


def no_threshold(model):
    model.metadata_props.remove(next(e for e in model.metadata_props if e.key == "cloudmask_threshold"))


def damaged_training(model):
    next(e for e in model.metadata_props if e.key == "cloudmask_training").value = "{"


def newer_format(model):
    next(e for e in model.metadata_props if e.key == "cloudmask_format_version").value = "2"


def control_characters(model):
    node(model, "down2_pool").op_type = "Max\n\x1b[31mPool"


REFUSALS = {
    huge_dims: "'down2_conv1/kernel'", negative_dims: "'down2_conv1/kernel'", fewer_values: "'head/kernel' has 3 values, wanted 4",
    external_values: "'head/kernel' has its values in another file", cycle: "reads 20 channels and makes 0 features",
    identity_cycle: "computed from itself", missing_initialiser: "'up3_conv1/kernel' comes from nothing",
    computed_weights: "node 'negative' (Neg), wanted constant numbers", double_weights: "'bottom_conv1/bias'",
    nan_weights: "not finite", fewer_filters: "down3_conv2' (Conv) has 15 filters, wanted 16",
    fewer_channels: "down3_conv2 reads 15 channels, wanted 16", average_pooling: "node 'down2_pool' (AveragePool), wanted a MaxPool",
    strides: "node 'down2_conv1' (Conv) has strides [2,2], wanted [1,1]",
    bilinear: 'node \'up1_sample\' (Resize) has mode "linear", wanted "nearest"', other_skip: "down1_conv1_relu",
    other_scaling: "initialiser 'unit' as cloudmask writes it", other_marks: "node 'missing' (And)",
    tensor_made_twice: "'down1_pool' is made twice", two_outputs: "2 outputs", foreign_operator: "'com.example'",
    old_operators: "opset 9", no_graph: "no graph", no_threshold: "'cloudmask_threshold' is missing",
    damaged_training: "metadata are damaged", newer_format: "format version 2", control_characters: "Max??[31mPool",
}


@pytest.mark.parametrize("mutation", REFUSALS, ids=lambda mutation: mutation.__name__)
def test_a_graph_that_is_not_the_network_is_refused(exported, mutation):
    model = onnx.load(exported.folder / "background.onnx")
    mutation(model)
    (exported.folder / "mutant.onnx").write_bytes(model.SerializeToString())
    fault = exported.fault("import", "--from", "onnx", "mutant.onnx", "--model", "mutant.h5")
    assert "model mutant.onnx: " in fault and REFUSALS[mutation] in fault
    assert not (exported.folder / "mutant.h5").exists()


def test_a_file_that_is_cut_off_is_refused(exported):
    whole = (exported.folder / "spectral.onnx").read_bytes()
    for length in np.linspace(0, len(whole) * 0.9, 12).astype(int):
        (exported.folder / "cut.onnx").write_bytes(whole[:length])
        assert "model cut.onnx: " in exported.fault("import", "--from", "onnx", "cut.onnx", "--model", "cut.h5")
