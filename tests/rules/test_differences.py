"""What differs between two documents."""

from __future__ import annotations

from app.rules.differences import differences


def told(before: object, after: object) -> list:
    return list(differences(before, after))


def test_a_value_is_named_by_its_path():
    assert told({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}) == [("a.c", 2, 3)]


def test_entries_of_a_list_are_known_by_their_keys():
    spring, autumn = {"key": "spring", "bonus": 1}, {"key": "autumn", "bonus": 2}
    assert told({"c": [spring, autumn]}, {"c": [autumn]}) == [("c.spring", spring, None)]
    assert told({"c": [spring]}, {"c": [autumn, {**spring, "bonus": 9}]}) == [
        ("c.autumn", None, autumn),
        ("c.spring.bonus", 1, 9),
    ]


def test_another_sequence_is_a_change_of_its_own():
    a, b = {"key": "a"}, {"key": "b"}
    assert told([a, b], [b, a]) == [("", ["a", "b"], ["b", "a"])]


def test_plain_lists_are_compared_as_a_whole():
    assert told({"tags": ["a"]}, {"tags": ["a", "b"]}) == [("tags", ["a"], ["a", "b"])]
    assert told({"a": None}, {"a": {"b": 1}}) == [("a", None, {"b": 1})]


def test_only_what_differs_is_told_and_the_sequence_of_keys_is_no_difference():
    assert told({"a": 1, "b": 2}, {"b": 3, "a": 1}) == [("b", 2, 3)]
    assert told({"a": 1}, {"a": 1}) == told([], []) == told(5, 5) == []
    assert told([{"key": "a", "x": 1}], [{"key": "b"}, {"key": "a", "x": 1}]) == [("b", None, {"key": "b"})]


def test_a_list_whose_entries_lack_keys_is_a_plain_value():
    assert told([{"key": "a"}, {"x": 1}], [{"key": "a"}]) == [("", [{"key": "a"}, {"x": 1}], [{"key": "a"}])]
    assert told({"c": [{"key": "a"}, 5]}, {"c": []}) == [("c", [{"key": "a"}, 5], [])]
