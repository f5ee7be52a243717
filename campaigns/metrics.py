"""The same figures for Prometheus. Nothing here is about a person, or a single message."""

from collections.abc import Iterator
from dataclasses import asdict

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from campaigns.health import State


def text(state: State) -> bytes:
    """Return the figures in Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_Figures(state))
    return generate_latest(registry)


class _Figures(Collector):
    def __init__(self, state: State) -> None:
        self._state = state

    def collect(self) -> Iterator[Metric]:
        state = self._state
        yield GaugeMetricFamily("swe_well", "1 if nothing needs a human", value=state.is_well)
        yield GaugeMetricFamily(
            "swe_stopped", "1 while nothing at all is sent", value=bool(state.stop_reason)
        )
        yield GaugeMetricFamily(
            "swe_silent_workers", "Workers without a sign of life", value=len(state.silent)
        )
        yield GaugeMetricFamily(
            "swe_full_disks", "Folders that can no longer be written", value=len(state.full_disks)
        )
        yield GaugeMetricFamily(
            "swe_anchors_late",
            "Places that checkpoints do not reach",
            value=len(state.anchors_late),
        )
        for name, value in asdict(state).items():
            if isinstance(value, int):
                label = name.replace("_", " ")
                yield GaugeMetricFamily(f"swe_{name}", f"Number of: {label}", value=value)
