"""Masks without a network, by the program itself."""

import pathlib

import h5py
import numpy
import pytest

NIGHT, DAY = "S3A_SYNTH_7_0001_night.hdf", "S3A_SYNTH_7_0000_day.hdf"
TABLE = pathlib.Path(__file__).resolve().parents[2] / "config/threshold_tests.yaml"


@pytest.fixture
def pair(program):
    program("synth", "scenes", "--scenes", 2, "--seed", 7, "--height", 300, "--width", 320)
    return program.folder / "scenes"


def masks(program, folder):
    return {path.name: path.read_bytes() for path in sorted((program.folder / folder).glob("*.hdf.h5"))}


def test_threshold_masks_have_probabilities_and_flags(program, pair):
    program("screen", "--method", "threshold", "--output", "masks", "scenes")
    for name in (DAY, NIGHT):
        with h5py.File(program.folder / "masks" / f"{name}.h5") as file, h5py.File(pair / name) as scene:
            mask, flags = file["mask"][0, :, :, 0], file["flags"]
            assert file["mask"].attrs["method"] == "threshold"
            assert "threshold_tests.yaml (checksum" in file["mask"].attrs["model"]
            missing = numpy.isnan(scene["bts"][:, :, 1:]).any(axis=2)
            assert (numpy.isnan(mask) == missing).all()
            assert flags.shape == mask.shape and flags.dtype == numpy.uint16
            meanings, bits = flags.attrs["flag_meanings"].split(), flags.attrs["flag_masks"]
            assert len(meanings) == len(bits) == 16 and bits.dtype == numpy.uint16
            # A test that calls a pixel cloud makes its probability at least one half.
            assert (mask[(flags[:] != 0) & ~missing] >= 0.5).all()
            of_night = bits[meanings.index("fog_low_stratus")]
            assert (flags[:] & of_night).any() == (name == NIGHT)
    truth = program("evaluate", "--masks", "masks", "--scenes", "scenes", "--against", "truth").stdout
    assert "skill" in truth


@pytest.mark.parametrize("method", ["threshold", "bayesian"])
def test_labels_make_no_difference(program, pair, method):
    program("screen", "--method", method, "--output", "with", "scenes")
    for path in pair.glob("*.hdf"):
        with h5py.File(path, "a") as file:
            del file["truth"], file["surface"]
            if "day" in path.name:
                del file["bayes"]
            else:
                file["bayes"][:] = numpy.random.default_rng(1).integers(0, 2, file["bayes"].shape)
    program("screen", "--method", method, "--output", "without", "scenes")
    assert masks(program, "with") == masks(program, "without")
    assert len(masks(program, "with")) == 2


def test_tests_of_the_users_own(program, pair):
    (program.folder / "one.yaml").write_text(
        "tests:\n  - {name: warm, bit: 5, when: both, source: mine,\n"
        "     ramps: [{quantity: S8, clear: 100, cloud: 101}]}\n")
    program("screen", "--method", "threshold", "--tests", "one.yaml", "--output", "masks", pair / DAY)
    with h5py.File(program.folder / "masks" / f"{DAY}.h5") as file:
        mask = file["mask"][0, :, :, 0]
        assert (mask[~numpy.isnan(mask)] == 1).all()
        assert file["flags"].attrs["flag_meanings"].split()[-1] == "warm"


def test_the_table_of_the_repository_is_the_one_compiled_in(program, pair):
    program("screen", "--method", "threshold", "--output", "a", "scenes")
    program("screen", "--method", "threshold", "--tests", TABLE, "--output", "b", "scenes")
    assert masks(program, "a") == masks(program, "b")


def test_faults_of_a_table_name_file_and_line_and_exit_2(program, pair):
    for wrong, words in (("cloud: 280", "needs a width"), ("cold: 1", "unknown key 'cold'"), ("", "'cloud' is missing")):
        (program.folder / "t.yaml").write_text(
            "tests:\n  - name: x\n    bit: 0\n    when: day\n    source: mine\n    ramps:\n"
            f"      - {{quantity: S8, clear: 280, {wrong}}}\n")
        fault = program.fault("screen", "--method", "threshold", "--tests", "t.yaml", "--output", "m", "scenes", code=2)
        assert "t.yaml:7: " in fault and words in fault


def test_tables_are_learnt_kept_and_reused(program, pair):
    program("screen", "--method", "bayesian", "--output", "masks", "scenes")
    tables = program.folder / "masks/bayesian_tables.h5"
    first = tables.read_bytes()
    told = program("info", tables).stdout
    assert "Bayesian tables" in told and "night" in told and "Tref-S8" in told
    assert "0 masks made" in program("screen", "--method", "bayesian", "--output", "masks", "scenes").stderr
    assert tables.read_bytes() == first
    program("screen", "--method", "bayesian", "--learn", "--tables", "own.h5", "scenes")
    assert (program.folder / "own.h5").read_bytes() == first
    program("screen", "--method", "bayesian", "--tables", "own.h5", "--output", "again", "scenes")
    with h5py.File(program.folder / "again" / f"{DAY}.h5") as a, h5py.File(program.folder / "masks" / f"{DAY}.h5") as b:
        assert numpy.array_equal(a["mask"], b["mask"], equal_nan=True)
        assert "own.h5 (checksum" in a["mask"].attrs["model"] and a["mask"].attrs["method"] == "bayesian"


def test_one_scene_is_enough_and_masks_of_another_method_are_made_again(program, pair):
    program("screen", "--method", "threshold", "--output", "masks", pair / NIGHT)
    program("screen", "--method", "bayesian", "--output", "masks", pair / NIGHT)
    program("screen", "--method", "threshold", "--output", "masks", pair / NIGHT)
    with h5py.File(program.folder / "masks" / f"{NIGHT}.h5") as file:
        assert file["mask"].attrs["method"] == "threshold"


def test_a_bad_scene_is_listed_and_the_others_are_masked(program, pair):
    (pair / DAY).write_bytes((pair / DAY).read_bytes()[:5000])
    for method in ("threshold", "bayesian"):
        done = program("screen", "--method", method, "--output", method, "scenes", code=1)
        assert "1 of 2 scenes have no mask" in done.stderr and DAY in done.stderr
        assert list(masks(program, method)) == [f"{NIGHT}.h5"]


def test_a_suspicious_mask_is_a_warning(program, pair):
    with h5py.File(pair / NIGHT, "a") as file:
        file["bts"][:, :, 0] = file["bts"][:, :, 1] - 4  # fog everywhere
    told = program("screen", "--method", "threshold", "--output", "masks", pair / NIGHT).stderr
    assert "look at this mask before you use it" in told and NIGHT in told


def test_wrong_usage_says_what_is_taken(program, pair):
    assert "--output" in program.fault("screen", "--method", "threshold", "scenes", code=2)
    assert "--method" in program.fault("screen", "--output", "m", "scenes", code=2)
    assert "bayesian" in program.fault("screen", "--method", "threshold", "--learn", "--output", "m", "scenes", code=2)
    assert "--learn" in program.fault("screen", "--method", "bayesian", "--tables", "no.h5", "--output", "m", "scenes")
    (program.folder / "t.h5").write_bytes((pair / DAY).read_bytes())
    fault = program.fault("screen", "--method", "bayesian", "--tables", "t.h5", "--output", "m", "scenes")
    assert "holds no Bayesian tables" in fault
