#!/usr/bin/env python3
"""python3 dev.py WORD"""

import sys

from devtools.services import DEMO, TEST

if __name__ == "__main__":
    for services in (DEMO, TEST):
        {"servers": services.start, "stop": services.stop}[sys.argv[1]]()
        print(services.name)
        for key, value in services.addresses().items():
            print(f"  export {key}='{value}'")
