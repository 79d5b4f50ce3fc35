"""Demonstration data, written for this project: a made-up city's policies, and enterprises that do not exist."""

from service.demo.associations import DemoAssociation, demo_associations
from service.demo.enterprises import demo_subscribers
from service.demo.policies import demo_policies

__all__ = ["DemoAssociation", "demo_associations", "demo_policies", "demo_subscribers"]
