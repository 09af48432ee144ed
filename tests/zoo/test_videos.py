"""Videos of a shape that drifts and bounces."""

import numpy as np
import pytest

import zoo
from tests.zoo.subjects import make_subject, texts_of
from zoo import Dataset, Split, ZooError
from zoo.datasets.moving_shapes import BOUNCES, FRAMES, LABELS, _heights, video
from zoo.reports.pictures import frames


@pytest.mark.parametrize("bounces", range(BOUNCES))
def test_the_path_turns_as_often_as_it_bounces(bounces):
    generator = np.random.default_rng(bounces)
    for _ in range(40):
        heights = _heights(bounces, 20.0, generator)
        steps = np.diff(heights)
        turns = int((np.sign(steps[1:]) != np.sign(steps[:-1])).sum()) if bounces else 0
        # The first and the last step may hide the one that they contain.
        assert bounces - 2 <= turns <= bounces
        assert heights.min() >= 0 and heights.max() <= 20
        end = heights[0] if bounces % 2 == 0 else 20 - heights[0]
        assert heights[-1] == pytest.approx(end)


def test_a_frame_tells_nothing_about_the_class():
    """Where the shape stands is uniform in each frame, for each number of bounces."""
    generator = np.random.default_rng(0)
    for bounces in range(BOUNCES):
        heights = np.array([_heights(bounces, 1.0, generator) for _ in range(2_000)])
        for frame in (0, FRAMES // 2, FRAMES - 1):
            counts = np.histogram(heights[:, frame], bins=4, range=(0, 1))[0]
            assert np.abs(counts / 500 - 1).max() < 0.2, (bounces, frame)


def test_the_shape_drifts_the_way_that_the_label_says():
    generator = np.random.default_rng(0)
    for label in (LABELS.index("left 0"), LABELS.index("right 0")):
        frames = video(label, generator)[..., 0] > 120
        columns = np.arange(frames.shape[2]) * 2 * np.pi / frames.shape[2]
        turned = [
            np.angle((f.sum(axis=0) * np.exp(1j * columns)).sum()) for f in frames
        ]
        steps = np.diff(np.unwrap(turned))
        assert (
            (steps > 0).all()
            if LABELS[label].startswith("right")
            else (steps < 0).all()
        )


def test_images_are_no_videos():
    with pytest.raises(ZooError, match=r"takes videos of shape \(time, height, width"):
        zoo.train("video_gru", dataset="digits", epochs=1)


def test_the_picture_shows_frames(tmp_path):
    x = np.random.default_rng(0).integers(0, 255, (3, 4, 6, 6, 1)).astype("uint8")
    split = Split(x, np.array([0, 1, 1]))
    data = Dataset("a", split, split, split, ("left", "right"))
    subject = make_subject(tmp_path, data, outputs=np.eye(2)[[0, 1, 0]])
    shown = texts_of(frames.draw(subject))
    assert shown.count("says left; true: right") == 1
    assert shown.count("says right; true: right") == 1
