# Part of the Linnet project, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Draws what linnet-bench measured: python plot.py RESULTS.json OUTPUT.png

One row per workload, one panel per number of threads; a bar is the share of the machine's limit that a side reaches.
"""

import json
import sys

try:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
except ImportError as error:
    sys.exit(f"plot.py: error: {error}; install it with: {sys.executable} -m pip install matplotlib")

COLORS = {"Linnet": "#1b6ca8", "C++": "#9aa5b1", "jax": "#e8a33d", "torch": "#c8553d"}


def sides(result):
    """(name, seconds) of Linnet, the best hand-written loop, and the peers."""
    yield "Linnet", result["linnet"]["min"]
    if result["loops"]:
        yield "C++", min(timing["min"] for timing in result["loops"].values())
    yield from result["peers"].items()


def main(source, target):
    with open(source) as file:
        report = json.load(file)
    results = [result for result in report["results"] if result["limit"]]
    if not results:
        sys.exit("plot.py: error: expected results with a limit, found none")
    threads = sorted({result["threads"] for result in results})
    workloads = list(dict.fromkeys(result["workload"] for result in results))
    names = [name for name in COLORS if any(name == side for result in results for side, _ in sides(result))]

    height = 1.6 + 0.32 * len(workloads) * max(2, len(names))
    size = (3.2 + 4.2 * len(threads), height)
    figure, panels = plt.subplots(1, len(threads), figsize=size, sharey=True, squeeze=False)
    for panel, count in zip(panels[0], threads):
        for result in results:
            if result["threads"] != count:
                continue
            place = workloads.index(result["workload"])
            for name, seconds in sides(result):
                offset = (names.index(name) - (len(names) - 1) / 2) * 0.8 / len(names)
                share = 100 * result["limit"] / seconds
                panel.barh(place + offset, share, 0.75 / len(names), color=COLORS[name])
                panel.text(share + 1, place + offset, f"{share:.0f}", va="center", fontsize=7)
        panel.axvline(100, color="black", linewidth=0.8)
        panel.set_xlim(0, 115)
        panel.set_title(f"{count} thread{'s' if count > 1 else ''}", fontsize=10)
        panel.set_xlabel("% of the limit measured in the same run")
        panel.spines[["top", "right"]].set_visible(False)
    panels[0][0].set_yticks(range(len(workloads)), workloads, fontsize=8)
    panels[0][0].invert_yaxis()
    handles = [plt.Rectangle((0, 0), 1, 1, color=COLORS[name]) for name in names]
    figure.legend(handles, names, loc="lower right", ncols=len(names), frameon=False, fontsize=8)
    others = report["busy"]["others"]
    figure.suptitle(f"{report['cpu']}, {report['date'][:10]}; {others:.2f} cores busy with other work", fontsize=9)
    figure.tight_layout(rect=(0, 0.4 / height, 1, 1))
    figure.savefig(target, format="png", dpi=150)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: plot.py RESULTS.json OUTPUT.png")
    main(*sys.argv[1:])
