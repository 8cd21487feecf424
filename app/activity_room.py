"""What an activity may take: nothing while the programme does not run, and no more than the room under the cap."""

from __future__ import annotations

from app.activity_rows import Activity, Grant
from app.desk import Desk
from app.programmes import Version


def version_of(desk: Desk, told: Activity | Grant) -> Version | None:
    """Return the version an activity is awarded by."""
    return desk.version_at(told.at) if told.version is None else desk.versions[told.version - 1]


def within(desk: Desk, activity: Activity, target: int) -> int:
    """Return what of a target there is to give; the activity's explanation tells of the room. Units: points."""
    version = version_of(desk, activity)
    if version is None or target <= 0:
        return target
    if not version.programme.phase.earns:
        activity.explanation = {**activity.explanation, "nothing_because": version.programme.phase.kind}
        return 0
    cap = desk.shares.cap_of(version, activity.at)
    if cap is None:
        return target
    room = max(activity.took, desk.shares.room_for_activity(cap, activity.member_id, activity.id))
    caps = {**activity.explanation.get("caps", {}), "room": room}
    activity.explanation = {**activity.explanation, "caps": caps}
    return min(target, max(0, room))
