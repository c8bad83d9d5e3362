#!/usr/bin/env python3
"""Everything a developer types. Needs Python 3.11 or newer and nothing else.

python3 dev.py up             the product with a demo company, on this machine
python3 dev.py test           every check and test; with arguments: pytest with them
python3 dev.py check          only what reads the sources: style, types, imports, templates, schema
python3 dev.py e2e            only the browser tests
python3 dev.py bench | long   the measurements | the big proofs (arguments go to pytest)
python3 dev.py screens        a picture of every screen, in the ignored folder screens/
python3 dev.py mutants [NAME] the policy changed wrongly in every small way: which change does no test notice?
python3 dev.py seed           `manage.py seed_demo` with your arguments
python3 dev.py manage WORD    any management command, on the demo's data
python3 dev.py servers        starts the private servers, prints their addresses, leaves them running
python3 dev.py stop           ends everything this checkout has started
python3 dev.py reset          stops, then throws away the demo's data
python3 dev.py lock           pins the packages of requirements*.in anew (needs uv)
"""

import os
import shutil
import sys

if sys.version_info < (3, 11):  # noqa: UP036 this line is what an older one reads
    for newer in ("python3.14", "python3.13", "python3.12", "python3.11"):
        if shutil.which(newer):
            os.execvp(newer, [newer] + sys.argv)  # noqa: RUF005, S606 must be readable by older versions
    sys.exit("MSL CRM needs Python 3.11 or newer; this is " + sys.version.split()[0] + ".")
if sys.platform == "win32":
    sys.exit("On Windows, use WSL2 or `docker compose up`.")

from devtools.console import Failure, report
from devtools.words import WORDS


def main(arguments: list[str]) -> int:
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    word = arguments[0] if arguments else ""
    if word not in WORDS:
        print(__doc__)
        return 0 if word in ("", "help", "-h", "--help") else 2
    try:
        return WORDS[word](arguments[1:])
    except Failure as failure:
        report(failure)
        return 1
    except KeyboardInterrupt:
        print("\n  Stopped.")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
