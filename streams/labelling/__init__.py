"""Text → audience labels with evidence: deterministic, explainable, without I/O after the first use."""

from streams.labelling.labeller import Labeller, default_labeller, label_document
from streams.labelling.model import Label, Origin

__all__ = ["Label", "Labeller", "Origin", "default_labeller", "label_document"]
