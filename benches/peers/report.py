"""The document: tables made of results, put into template.md, whose text is written by hand."""

import os
import platform
import re
import statistics
import subprocess
import tomllib
from datetime import datetime, timezone
from pathlib import Path

import tables

HERE = Path(__file__).resolve().parent


def machine(root):
    """What the figures depend on."""
    run = lambda *command: subprocess.run(command, capture_output=True, text=True, cwd=root).stdout.strip()
    cpu = Path("/proc/cpuinfo").read_text()
    flags = set(re.search(r"^flags\s*:(.*)$", cpu, re.M)[1].split())
    memory = re.search(r"^MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text(), re.M)
    changed = run("git", "status", "--porcelain", "--untracked-files=no", "--", "crates", "src", "Cargo.toml")
    return {
        "machine": True,
        "model": re.search(r"^model name\s*:\s*(.*)$", cpu, re.M)[1],
        "cores": len(re.findall(r"^processor", cpu, re.M)),
        "instructions": "AVX-512" if "avx512f" in flags else "AVX2" if "avx2" in flags else "neither AVX2 nor AVX-512",
        "gib": round(int(memory[1]) / 2**20),
        "rustc": run("rustc", "--version").split()[1],
        "python": platform.python_version(),
        "date": f"{datetime.now(timezone.utc):%Y-%m-%d}",
        "commit": run("git", "rev-parse", "--short", "HEAD") + (", with changes" if changed else ""),
        "load": os.getloadavg()[0],
    }


class Figures:
    """Results of all rounds. A figure is the median of the rounds' medians; a ratio is the median of the ratios within
    each round, so that a slow minute counts on both sides."""

    def __init__(self, results):
        self.machine = next(line for line in results if line.get("machine"))
        self.memory = [line for line in results if line.get("memory")]
        self.bytes = {line["workload"]: line for line in results if line.get("bytes")}
        self.end = next((line for line in results if line.get("ended")), None)
        self.versions, self.rounds, self.values = {}, {}, {}
        for line in results:
            if "median" not in line:
                continue
            tool, workload = line["tool"], line["workload"]
            self.versions[tool] = line["version"]
            rounds = self.rounds.setdefault((line["threads"], workload, tool), {})
            rounds[line["round"]] = line["median"]
            if line["value"] is not None:
                self.values.setdefault(workload, {})[tool] = line["value"]
        self.differing = list(self.disagreements())

    def disagreements(self):
        """Tools whose sum of all results is another than ours."""
        for workload, values in self.values.items():
            single = " f32 " in workload or workload in tables.LAYERS
            wanted, tolerance = values.get("chainrule"), 1e-5 if single else 1e-10
            for tool, value in values.items():
                if wanted is not None and abs(value - wanted) > tolerance * abs(wanted):
                    yield f"{tool} on {workload}: {value}, chainrule {wanted}"

    def time(self, workload, tool, threads=1):
        rounds = self.rounds.get((threads, workload, tool))
        return statistics.median(rounds.values()) if rounds else None

    def ratio(self, workload, tool, reference, threads=1, reference_threads=None):
        a = self.rounds.get((threads, workload, tool))
        b = self.rounds.get((reference_threads or threads, workload, reference))
        if not a or not b:
            return None
        common = sorted(a.keys() & b.keys())
        return statistics.median(a[k] / b[k] for k in common) if common else None

    def tools(self, workloads, threads=1):
        """All tools that have been timed on any of these."""
        found = [tool for t, workload, tool in self.rounds if t == threads and workload in workloads]
        return list(dict.fromkeys(found))


BUSY = """
**The machine was busy with other work during this run.** Single-threaded ratios bear it; figures of two threads do not, least
of all those of tools whose threads wait for each other in a loop (OpenMP: PyTorch, NumPy).
"""


def document(results):
    figures = Figures(results)
    reasons = tomllib.loads((HERE / "reasons.toml").read_text())
    about = figures.machine
    versions = sorted(f"{tool} {version}" for tool, version in figures.versions.items() if version)
    versions = [v for v in versions if "," not in v and "copy" not in v]
    busy = about["load"] > 0.5 or figures.end and figures.end["load"] > about["cores"] + 0.5
    misses = []
    parts = {
        "date": about["date"], "commit": about["commit"],
        "machine": f"{about['model']}, {about['cores']} cores, {about['instructions']}, {about['gib']} GiB",
        "load": f"{about['load']:.1f}" + (f" and {figures.end['load']:.1f}" if figures.end else ""),
        "busy": BUSY if busy else "",
        "toolchain": f"rustc {about['rustc']}, Python {about['python']}",
        "versions": ", ".join(versions),
        "rounds": str(max(max(rounds) for rounds in figures.rounds.values())),
        "scalars": tables.scalars(figures),
        "scalar_ratios": tables.scalar_ratios(figures, misses),
        "phases": tables.phases(figures, misses),
        "steps_1": tables.steps(figures, 1),
        "steps_2": tables.steps(figures, 2),
        "targets": tables.targets(figures, misses),
        "elementwise": tables.elementwise(figures, misses),
        "layers": tables.layers(figures, misses),
        "memory": tables.memory(figures, misses),
        "agreement": tables.agreement(figures),
    }
    parts["misses"] = tables.named(misses, reasons)
    template = (HERE / "template.md").read_text()
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], template)
