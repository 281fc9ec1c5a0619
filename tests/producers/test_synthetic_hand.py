"""The rendered hand: poses, mirroring, scenes."""

from __future__ import annotations

import dataclasses
from itertools import groupby, islice, pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from producers.synthetic.mesh import load_hand, vertex_normals
from producers.synthetic.motion import Moment, Pace, moments
from producers.synthetic.pose import NO_GESTURE, Pose, gesture_poses, rest_poses
from producers.synthetic.renderer import Placement, Renderer
from producers.synthetic.scene import BACKGROUND_COUNT, SKIN_TONES, Scene, background, random_scene
from producers.synthetic.skeleton import CHAINS, JOINT_COUNT, PINKY, THUMB

WIDTH, HEIGHT = 160, 120
MIDDLE = Placement(x=0.5, y=0.5, size=0.6)


def silhouette(pose: Pose, scene: Scene, placement: Placement = MIDDLE) -> NDArray[np.bool_]:
    """Where the hand is: what differs between two backgrounds with the same noise is not hand."""
    pictures = []
    for number in (0, 1):
        before = dataclasses.replace(scene, background=number)
        renderer = Renderer(width=WIDTH, height=HEIGHT)
        picture = renderer.render(pose=pose, placement=placement, scene=before, random=np.random.default_rng(0))
        pictures.append(picture.astype(int))
    covered: NDArray[np.bool_] = np.abs(pictures[0] - pictures[1]).max(axis=2) < 3
    return covered


def scene(*, left: bool = False, seed: int = 0) -> Scene:
    return random_scene(np.random.default_rng(seed), left=left)


def test_a_left_hand_is_the_mirror_of_a_right_one() -> None:
    for name in ("three2", "like", "stop_inverted"):
        right = silhouette(gesture_poses()[name], scene())
        left = silhouette(gesture_poses()[name], scene(left=True))
        # Pixel centres are not symmetric about the middle, so the outline may differ by a pixel.
        mirrored = np.roll(right[:, ::-1], 1, axis=1)
        assert (left != mirrored).mean() < 0.02
        assert (left != right).mean() > 0.04


def test_the_hand_is_where_it_is_placed_and_as_large() -> None:
    palm = gesture_poses()["palm"]
    high = silhouette(palm, scene(), Placement(x=0.5, y=0.3, size=0.4))
    rows = np.flatnonzero(silhouette(palm, scene(), MIDDLE)[:, 40:120].sum(axis=1) > 6)
    assert high[:20].sum() > silhouette(palm, scene(), Placement(x=0.5, y=0.6, size=0.4))[:20].sum()
    assert rows.min() == pytest.approx(HEIGHT * (0.5 - 0.3), abs=8)


@pytest.mark.parametrize(("name", "extended"), [("fist", ()), ("one", (1,)), ("peace", (1, 2)), ("rock", (1, 4))])
def test_fingers_are_extended_or_folded_as_the_gesture_wants(name: str, extended: tuple[int, ...]) -> None:
    skeleton = load_hand().skeleton
    places = skeleton.positions(skeleton.transforms(gesture_poses()[name].angles))
    for finger in range(THUMB + 1, PINKY + 1):
        first, count = CHAINS[finger]
        knuckle, tip = places[first + 1], places[first + count - 1]
        bones = np.linalg.norm(np.diff(places[first + 1 : first + count], axis=0), axis=1).sum()
        assert (np.linalg.norm(tip - knuckle) > 0.9 * bones) == (finger in extended)


def test_inverted_gestures_show_the_back_of_the_hand() -> None:
    back = np.array([0.0, 1.0, 0.0])  # in the hand's axes; the camera looks along +z
    for name, pose in gesture_poses().items():
        if name.endswith("_inverted"):
            assert (pose.rotation @ back)[2] < -0.9
    for name in ("palm", "stop", "peace", "two_up", "four"):
        assert (gesture_poses()[name].rotation @ back)[2] > 0.9


def test_the_mesh_is_closed_but_for_the_forearm_and_keeps_its_shape_when_unbent() -> None:
    hand = load_hand()
    edges = np.concatenate([hand.faces[:, [0, 1]], hand.faces[:, [1, 2]], hand.faces[:, [2, 0]]])
    directed = {(int(start), int(end)) for start, end in edges}
    open_ends = {start for start, end in directed if (end, start) not in directed}
    assert len(open_ends) > 0
    assert hand.vertices[sorted(open_ends), 2].min() > 0.3
    unbent = hand.skeleton.transforms(np.zeros((JOINT_COUNT, 3)))
    assert hand.posed(unbent) == pytest.approx(hand.vertices)
    assert np.linalg.norm(vertex_normals(hand.vertices, hand.faces), axis=1) == pytest.approx(1.0)


def test_a_blend_begins_at_one_pose_ends_at_the_other_and_makes_no_gesture_between() -> None:
    for start, end in (("palm", "fist"), ("peace", "peace_inverted"), ("like", "dislike")):
        one, other = gesture_poses()[start], gesture_poses()[end]
        for share, pose in ((0.0, one), (1.0, other)):
            blended = one.blend(other, share=share)
            assert blended.angles == pytest.approx(pose.angles)
            assert blended.rotation == pytest.approx(pose.rotation, abs=1e-6)
            assert blended.label == pose.label
        for share in (0.11, 0.5, 0.89):
            assert one.blend(other, share=share).label == NO_GESTURE
        assert one.blend(other, share=0.05).label == start
        half = one.blend(other, share=0.5).rotation
        assert half @ half.T == pytest.approx(np.eye(3), abs=1e-6)


def test_rest_poses_are_no_gesture() -> None:
    assert len(rest_poses()) >= 4
    assert {pose.label for pose in rest_poses().values()} == {NO_GESTURE}


def script(*, seed: int, seconds: float, rate: float) -> list[Moment]:
    pace = Pace(hold_seconds=1.0, rest_seconds=0.5, transition_seconds=0.5)
    film = moments(seed=seed, frame_rate_hz=rate, gestures=tuple(gesture_poses()), pace=pace)
    return list(islice(film, int(seconds * rate)))


@pytest.mark.parametrize("seed", range(3))
def test_every_gesture_is_held_once_in_each_cycle_and_between_two_there_is_none(seed: int) -> None:
    runs = [label for label, _ in groupby(moment.pose.label for moment in script(seed=seed, seconds=120, rate=10.0))]
    held = [label for label in runs if label != NO_GESTURE]
    assert set(held[:18]) == set(held[18:36]) == set(gesture_poses())
    assert all(NO_GESTURE in pair for pair in pairwise(runs))


def test_the_two_hands_take_turns_and_a_cut_falls_between_gestures() -> None:
    shown = script(seed=0, seconds=40, rate=10.0)
    scenes = [scene for scene, _ in groupby(moment.scene for moment in shown)]
    assert len(scenes) >= 5
    assert [scene.left for scene in scenes] == [scenes[0].left ^ bool(number % 2) for number in range(len(scenes))]
    cuts = [(before, after) for before, after in pairwise(shown) if before.scene != after.scene]
    assert all(before.pose.label == after.pose.label == NO_GESTURE for before, after in cuts)


def test_a_hand_never_keeps_still_and_never_jumps() -> None:
    pairs = [pair for pair in pairwise(script(seed=0, seconds=40, rate=30.0)) if pair[0].scene == pair[1].scene]
    for before, after in pairs:
        turned = (np.trace(after.pose.rotation @ before.pose.rotation.T) - 1) / 2
        assert np.degrees(np.arccos(np.clip(turned, -1, 1))) < 25
        assert np.degrees(np.abs(after.pose.angles - before.pose.angles).max()) < 15
        assert abs(after.placement.x - before.placement.x) < 0.02
        assert after.placement != before.placement


def test_scenes_draw_on_all_tones_and_backgrounds() -> None:
    scenes = [scene(seed=seed) for seed in range(600)]
    assert {drawn.tone for drawn in scenes} == set(SKIN_TONES)
    assert len(SKIN_TONES) == 6
    assert len({drawn.background for drawn in scenes}) == BACKGROUND_COUNT >= 40
    walls = {background(number, 32, 24).tobytes() for number in range(BACKGROUND_COUNT)}
    assert len(walls) == BACKGROUND_COUNT
