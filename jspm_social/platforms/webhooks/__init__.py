"""What platforms tell by themselves (webhooks): checked, sifted, kept for a worker.

`address_of(channel)` is what an administrator copies into the platform's console.
"""

from .addresses import Address, address_of

__all__ = ["Address", "address_of"]
