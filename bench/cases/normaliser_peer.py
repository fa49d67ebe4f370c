"""Runs in the environment of other people's normalisers: paragraphs as JSON on stdin, what it took on stdout.

Knows nothing of this project, so that neither environment needs the other: ``python normaliser_peer.py NAME``.
"""

import json
import sys
import time


def made(name):  # noqa: ANN001, ANN201 - this file is run by another environment, which has no types of theirs
    """Return the function of ``name`` that reads one paragraph."""
    if name == "sea-g2p":
        import sea_g2p  # type: ignore[import-not-found]

        return sea_g2p.Normalizer().normalize
    import vinormx  # type: ignore[import-not-found]

    return vinormx.TTSnorm


def main() -> None:
    paragraphs = json.load(sys.stdin)
    read = made(sys.argv[1])
    read("Một hai ba.")  # what it loads on first use is not counted
    failed = digits = 0
    began = time.perf_counter()
    for paragraph in paragraphs:
        try:
            spoken = read(paragraph)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            failed += 1
        else:
            digits += any(map(str.isdigit, spoken))
    took_s = time.perf_counter() - began
    json.dump({"took_s": took_s, "failed": failed, "digits": digits}, sys.stdout)


if __name__ == "__main__":
    main()
