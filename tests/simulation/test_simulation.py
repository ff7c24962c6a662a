"""A sample of the simulation on each change; `nox -s simulation` runs more than fifty thousand, `-- --full` all."""

from __future__ import annotations

import pytest

from dpn.testing.simulation import Case, Effort, Lab, Life, Violation, parse, scenarios, searched
from dpn.testing.simulation.__main__ import main

SCENARIOS = scenarios()


def test_there_are_enough_scenarios_and_no_two_have_one_name() -> None:
    assert len(SCENARIOS) >= 60


@pytest.mark.parametrize("name", SCENARIOS)
def test_no_promise_is_broken_in_a_sample(name: str) -> None:
    found = searched(Lab(SCENARIOS[name]), Effort(limit=8))
    assert not found.violations
    assert found.runs >= 8


@pytest.mark.parametrize(
    "text",
    [
        # a slow delete was accepted, and a look at its progress refused: it was taken for not applied
        "delete a drone: 3 refuse",
        # a thing that was made again by an undo was sent twice, because the first was throttled and yet carried out
        "delete with references: crash 14 kept/kept | 2 both",
        # a person was asked about a thing in whose place others had made theirs
        "others take over what was made: crash 20 kept/kept",
        # a delete that nobody saw landed while its dependents were brought back: nothing could be made in it any more
        "delete with references: 8 soon, 9 refuse",
        # a rename that nobody saw landed while its children were made again: one of them was not found any more
        "rename a parent, replace a child: 5 soon, burst, crash 33 lost/lost",
        # a rename that nobody saw landed after its undo, and held the name that another was to get back
        "hand names on: 3 soon",
        # of two things that one request had made, one could not be seen yet, and was taken for deleted
        "create a robot where looks lag: 0 twice, 2 throttle",
        # a throttled create that was carried out could not be seen yet, and was sent again
        "create a robot where looks lag: 0 both",
        "create a robot where looks lag: 0 both, 2 refuse",
        # a share landed after its undo had looked for it, and what it was in could not go any more, ever
        "replace what shares are in: 19 refuse, 21 soon",
        # while that was looked for again, the share that there had been before was being brought back
        "replace a share: crash 15 kept/kept | 3 refuse",
        # a rename landed when all was over: the thing had another name than its record, and so had what was in it
        "rename a shelf: 1 late",
        "rename a parent, replace a child: 5 late, 11 late",
        # a thing that was restarting after such a rename took no other
        "rename a rig: 1 late",
    ],
)
def test_what_was_found_once_is_not_found_again(text: str) -> None:
    case = parse(text)
    assert str(case) == text
    Lab(SCENARIOS[case.scenario]).run(case)


@pytest.mark.parametrize("name", ["create with references", "replace a crate", "leave what others share"])
def test_a_case_goes_the_same_way_every_time(name: str) -> None:
    ends = []
    for _ in range(2):
        lab = Lab(SCENARIOS[name])
        for seed in range(10):
            life = Life(((seed, "lose"),), order=f"s{seed}", crash=20 + seed, data="torn")
            ended = lab.live(lab.start, life, lab.plan)
            ends.append((seed, ended.outcome, ended.image.disk, ended.calls, ended.steps, ended.image.now))
    assert ends[:10] == ends[10:]


def test_what_a_crash_leaves_is_the_same_whether_it_is_noted_or_suffered() -> None:
    """Searches note what is there before each step and go on from there; a replay stops at that step."""
    lab = Lab(SCENARIOS["replace a box"])
    life = Life(order="burst")
    images = lab.live(lab.start, life, lab.plan, watch=True).images
    for step, image in enumerate(images, 1):
        for data, names, disk in image.disk.survivors():
            suffered = lab.live(lab.start, life.dying(step, data, names), lab.plan)
            assert suffered.outcome == "crash"
            assert suffered.image.disk == disk
            assert suffered.image.cloud.objects == image.cloud.objects


def test_every_case_can_be_written_and_read_back() -> None:
    lives = (
        Life(((3, "lose"), (5, "drop")), order="burst", stop=4, crash=17, data="torn", names="lost"),
        Life(order="r7x1", crash=2, data="zeros"),
        Life(spoil="flip-journal"),
        Life(),
    )
    case = Case("replace a box", lives)
    assert parse(str(case)) == case
    for nonsense in ("replace a box", "replace a box: crash", "replace a box: 3 lose and more"):
        with pytest.raises(ValueError, match=r"is no case|says nothing"):
            parse(nonsense)


def test_the_command_searches_replays_and_says_how(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "nothing to do", "--limit", "5", "--jobs", "1"]) == 0
    said = capsys.readouterr().out
    assert "1 scenarios" in said
    assert "0 violations" in said
    assert main(["create a box: 3 lose, crash 17 torn/kept | crash 4 lost/lost"]) == 0
    assert "all promises hold" in capsys.readouterr().out


def test_a_broken_promise_is_shown_with_its_case(capsys: pytest.CaptureFixture[str]) -> None:
    """What asks a person is no scenario: a thing without marker, whose reply is lost."""
    from dpn.testing.simulation.scenario import Scenario
    from dpn.testing.simulation.scenarios import BAG

    lab = Lab(Scenario("create a bag", (), (BAG,)))
    with pytest.raises(Violation, match=r"create a bag: 1 lose.*still open"):
        lab.run(Case("create a bag", (Life(((1, "lose"),)),)))
