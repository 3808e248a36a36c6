"""Pictures of scenes with the edges of cloud."""

import struct


def png_size(file):
    head = file.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", head[16:24])


def test_each_scene_gets_a_picture_of_its_size_and_a_missing_mask_is_named(program):
    program("screen", "--method", "threshold", "--output", "masks", "test")
    said = program("quicklook", "--masks", "masks", "--output", "pictures", "test")
    assert "3 of 3 pictures drawn" in said.stderr
    pictures = sorted((program.folder / "pictures").glob("*.png"))
    scenes = sorted((program.folder / "test").glob("*.hdf"))
    assert [picture.name for picture in pictures] == [scene.name + ".png" for scene in scenes]
    assert all(png_size(picture) == (170, 150) for picture in pictures)

    (program.folder / "masks" / (scenes[1].name + ".h5")).unlink()
    said = program("quicklook", "--masks", "masks", "--output", "again", "test", code=1)
    assert "2 of 3 pictures drawn" in said.stderr and scenes[1].name in said.stderr
