"""The sandbox's Azure: Resource Manager, Entra, cluster issuers and data planes. See README.md."""

from sandbox.arm.options import Options
from sandbox.arm.service import Arm

__all__ = ["Arm", "Options"]
