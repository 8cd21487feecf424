"""What is tried on some visitors and not on others."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.rules.fields import ExperimentKey, Part, Share, Time


class Experiment(Part):
    """A comparison of visitors who see something with visitors who do not. It moves no points and no promise."""

    key: ExperimentKey = Field(description="Never used again for other shares.")
    kind: Literal["points_display"]
    share: Share = Field(description="Of all visitors: who sees what products and carts earn. The others do not.")
    holdout: Share = Field("0", validate_default=True, description="Who sees no widget of the programme at all.")
    from_: Time = Field(alias="from", description="First moment.")
    to: Time | None = Field(None, description="First moment after the end; null: until it is taken out.")
