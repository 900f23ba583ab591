"""The image of the sandbox's machines: what the very first run waits for."""

from __future__ import annotations

from collections.abc import Sequence

from bench.figures import Figure, Options, Part
from bench.homes import driver


def measure(options: Options) -> Sequence[Figure]:
    """A home without any image."""
    with driver(own_images=True) as made:
        options.say("the machine image, from packages")
        seconds = made("sandbox", "image", "build").seconds
    return (Figure(what="image and saved boot", unit="s", runs=(round(seconds, 1),), target=360),)


PART = Part(
    title="Machine image",
    method="`hpcctl sandbox image build` in a home without an image: Debian's packages from the mirror of this "
    "machine's apt, the disk, and the boot that is saved. One run. Only measured when asked for: "
    "`python -m bench image`.",
    measure=measure,
)
