"""The tables of the document, from its figures. A table that finds a target missed says so in `misses`."""

import statistics

SCALARS = ["W1/100", "W1/10k", "W1/1M", "W2", "W3", "W4", "W5"]
STEPS = ["N1", "N2", "N3", "N4", "N5", "N6"]
LAYERS = ["matmul 64×32×32", "matmul 8×128×64", "layer norm", "embedding", "attention"]

# The best of Adept 2.1 and CoDiPack 3.1 as multiples of the plain tape, both measured in the same minute elsewhere.
BEST_OF_CPP = {"W1/100": 0.90, "W1/10k": 0.76, "W1/1M": 0.63, "W2": 0.76, "W3": 0.73, "W4": 0.99, "W5": 0.43}
IN_CACHE = ["W1/100", "W1/10k", "W2", "W3", "W4"]
NANOSECONDS_PER_OPERATION = 4.0

# Microseconds: (workload, threads) -> target.
TARGETS = {
    ("N1", 1): 2, ("N2", 1): 25, ("N3", 1): 280, ("N4", 1): 4_000, ("N5", 1): 105_000,
    ("N6", 1): 4_000, ("N4", 2): 2_600, ("N5", 2): 58_000,
}
SHARE_OF_FLOOR = {"N5": 0.90}
OF_BANDWIDTH = {"add": 1.5, "mul": 1.5}  # times a copy of the same bytes, at 1e6 elements
LIMITS = {"chainrule", "function alone", "by hand"}
NOT_PEERS = {"chainrule", "products alone", "by hand, plain loops", "copy"}


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|---|" + "---:|" * (len(header) - 1)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def number(value, digits=3):
    """So many digits that count; nothing where nothing was measured."""
    if value is None:
        return "–"
    if value >= 10_000_000:
        return f"{value / 1e6:.3g} M"
    if value >= 1000:
        return f"{float(f'{value:.{digits}g}'):,.0f}"
    return f"{value:.{digits}g}"


def times(ratio):
    return "–" if ratio is None else f"{ratio:.2f}" if ratio < 10 else f"{ratio:.0f}"


def scalars(figures):
    """Microseconds, and in brackets the ratio over the function alone."""
    tools = [t for t in figures.tools(SCALARS) if not t.startswith("chainrule,")]
    rows = []
    for tool in tools:
        cells = []
        for workload in SCALARS:
            cell = number(figures.time(workload, tool))
            ratio = figures.ratio(workload, tool, "function alone")
            cells.append(cell if ratio is None or tool == "function alone" else f"{cell} ({times(ratio)})")
        rows.append([f"**{tool}**" if tool == "chainrule" else tool, *cells])
    return table(["µs", *SCALARS], rows)


def scalar_ratios(figures, misses):
    """Over the plain tape, and whether chainrule is ahead of the best C++ tape."""
    tools = ["chainrule", *(t for t in figures.tools(SCALARS) if t not in ("plain tape", "chainrule"))]
    tools = [t for t in tools if not t.startswith("chainrule,")]
    ratios = {tool: [figures.ratio(w, tool, "plain tape") for w in SCALARS] for tool in tools}
    rows = [["**chainrule**", *map(times, ratios.pop("chainrule"))]]
    rows.append(["best of Adept and CoDiPack, by factor", *(times(BEST_OF_CPP[w]) for w in SCALARS)])
    verdicts = []
    for workload in SCALARS:
        ratio = figures.ratio(workload, "chainrule", "plain tape")
        if ratio is None:
            verdicts.append("–")
        elif ratio <= BEST_OF_CPP[workload]:
            verdicts.append("ahead")
        else:
            behind = ratio / BEST_OF_CPP[workload]
            verdicts.append(f"**behind, × {times(behind)}**")
            by_hand = figures.ratio(workload, "chainrule", "by hand")
            misses.append((workload, f"{times(ratio)} × the plain tape, the best C++ tape by factor "
                           f"{BEST_OF_CPP[workload]}; {times(by_hand)} × the gradient by hand"))
        for tool in tools:
            slower = figures.ratio(workload, "chainrule", tool)
            if tool not in LIMITS and slower and slower > 1:
                misses.append((workload, f"{times(slower)} × {tool}"))
    rows.append(["chainrule is", *verdicts])
    rows += [[tool, *map(times, values)] for tool, values in ratios.items()]
    return table(["÷ plain tape", *SCALARS], rows)


def phases(figures, misses):
    """Recording and sweep apart, nanoseconds and bytes of an operation."""
    rows = []
    for workload in SCALARS:
        size = figures.bytes.get(workload)
        whole = figures.time(workload, "chainrule")
        each = whole * 1e3 / size["operations"] if size and whole else None
        recording, sweep = (figures.time(workload, f"chainrule, {phase}") for phase in ("recording", "sweep"))
        cell = "–" if each is None else f"{each:.2f}"
        if each and workload in IN_CACHE and each > NANOSECONDS_PER_OPERATION:
            cell = f"**{cell}**"
            misses.append((workload, f"{each:.1f} ns an operation, wanted {NANOSECONDS_PER_OPERATION:g} in cache"))
        per = lambda what, of: f"{size[what] / size[of]:.1f}" if size else "–"
        rows.append([workload, number(recording), number(sweep), number(whole), cell, per("recorded", "operations"),
                     per("recorded", "nodes"), per("reversed", "nodes")])
    header = ["", "recording, µs", "sweep, µs", "both and reading, µs", "ns an operation", "bytes an operation",
              "bytes a node", "gradients, bytes a node"]
    return table(header, rows)


def steps(figures, threads):
    """Microseconds of a step, all tools; the fastest engine in bold."""
    workloads = [*STEPS, "N3 inference"]
    tools = figures.tools(workloads, threads)
    first = ["products alone", "by hand, plain loops", "chainrule"]
    tools = [t for t in first if t in tools] + [t for t in tools if t not in first]
    rows = {tool: [tool] for tool in tools}
    for workload in workloads:
        found = {tool: figures.time(workload, tool, threads) for tool in tools}
        engines = [t for t in tools if found[t] is not None and (t not in NOT_PEERS or t == "chainrule")]
        fastest = min(engines, key=found.get, default=None)
        for tool in tools:
            cell = number(found[tool])
            rows[tool].append(f"**{cell}**" if tool == fastest else cell)
    return table(["µs", *workloads], rows.values())


def best_peer(figures, workload, threads):
    found = {t: figures.time(workload, t, threads) for t in figures.tools([workload], threads) if t not in NOT_PEERS}
    return min(found.items(), key=lambda item: item[1], default=(None, None))


def targets(figures, misses):
    """Each step against its target, the best peer of this run, and the products alone."""
    rows = []
    for threads in (1, 2):
        for workload in [*STEPS, "N3 inference"]:
            ours = figures.time(workload, "chainrule", threads)
            if ours is None:
                continue
            name = workload if threads == 1 else f"{workload}, two threads"
            target, (peer, best) = TARGETS.get((workload, threads)), best_peer(figures, workload, threads)
            floor = figures.ratio(workload, "products alone", "chainrule", threads)
            faster = figures.ratio(workload, peer, "chainrule", threads) if peer else None
            faults = []
            if target and ours > target:
                faults.append(f"{times(ours / target)} × the target")
            if faster and faster < 1:
                faults.append(f"{peer} is faster by {times(1 / faster)}")
            if threads == 1 and floor and floor < SHARE_OF_FLOOR.get(workload, 0):
                faults.append(f"{floor:.0%} of the products alone, wanted {SHARE_OF_FLOOR[workload]:.0%}")
            if threads == 2 and workload in ("N1", "N2", "N3", "N3 inference"):
                alone = figures.time(workload, "chainrule", 1)
                slower = ours / alone if alone else 0
                if slower > 1.1:
                    faults.append(f"{times(slower)} × one thread")
            if faults:
                misses.append((name, "; ".join(faults)))
            rows.append([name, number(target), number(ours), f"{peer} {number(best)}" if peer else "–",
                         times(faster), "–" if floor is None else f"{floor:.0%}",
                         f"**{'; '.join(faults)}**" if faults else "met"])
    header = ["", "target, µs", "chainrule, µs", "best peer here, µs", "best peer ÷ chainrule", "products ÷ step", ""]
    return table(header, rows)


def elementwise(figures, misses):
    parts = []
    for precision in ("f32", "f64"):
        names = dict.fromkeys(w.split()[0] for _, w, _ in figures.rounds if f" {precision} " in w)
        rows = []
        for name in names:
            row = [name]
            for size in ("1e3", "1e6"):
                workload = f"{name} {precision} {size}"
                found = {t: figures.time(workload, t) for t in ("chainrule", "PyTorch eager", "NumPy")}
                known = [t for t in found if found[t] is not None]
                fastest = min(known, key=found.get, default=None)
                row += [f"**{number(v)}**" if t == fastest else number(v) for t, v in found.items()]
                over_copy = figures.ratio(workload, "chainrule", "copy")
                if size == "1e6":
                    row.append(times(over_copy))
                if size == "1e6" and over_copy and over_copy > OF_BANDWIDTH.get(name, float("inf")):
                    misses.append((workload, f"{times(over_copy)} × a copy of the same bytes"))
                for peer in known:
                    slower = figures.ratio(workload, "chainrule", peer)
                    if peer != "chainrule" and size == "1e6" and slower and slower > 1.05:
                        misses.append((workload, f"{times(slower)} × {peer}"))
            rows.append(row)
        header = [precision, "1e3: chainrule", "PyTorch", "NumPy", "1e6: chainrule", "PyTorch", "NumPy", "chainrule ÷ copy"]
        parts.append(table(header, rows))
    return "\n\n".join(parts)


def layers(figures, misses):
    """Microseconds forward and backward."""
    tools = ["chainrule", *(tool for tool in figures.tools(LAYERS) if tool != "chainrule")]
    rows = []
    for workload in LAYERS:
        found = {tool: figures.time(workload, tool) for tool in tools}
        known = [tool for tool in tools if found[tool] is not None]
        fastest = min(known, key=found.get, default=None)
        slower = [figures.ratio(workload, "chainrule", tool) for tool in tools[1:]]
        misses += [(workload, f"{times(ratio)} × {tool}") for tool, ratio in zip(tools[1:], slower) if ratio and ratio > 1.05]
        cells = [f"**{number(found[tool])}**" if tool == fastest else number(found[tool]) for tool in tools]
        rows.append([workload, *cells, *map(times, slower)])
    return table(["µs", *tools, *(f"chainrule ÷ {tool}" for tool in tools[1:])], rows)


def memory(figures, misses):
    rows, needs = [], {}
    for tool in dict.fromkeys(line["tool"] for line in figures.memory):
        lines = [line for line in figures.memory if line["tool"] == tool]
        before, peak = (statistics.median(line[key] for line in lines) / 2**20 for key in ("before", "peak"))
        needs[tool] = peak - before
        rows.append([tool, f"{before:.0f}", f"{peak:.0f}", f"{peak - before:.0f}"])
    ours = needs.pop("chainrule", None)
    for tool, need in needs.items():
        if ours is not None and ours > need:
            misses.append(("memory of N5", f"{ours:.0f} MiB, {tool} {need:.0f}"))
    return table(["MiB", "data and parameters built", "peak of three steps", "a step needs"], rows)


def agreement(figures):
    if not figures.differing:
        return "All of them agreed."
    return "Not all agreed:\n\n" + "\n".join(f"* {line}" for line in figures.differing)


def named(misses, reasons):
    """Every row that misses a target, how far it is from it, and the reason written down for the row or its first word."""
    if not misses:
        return "None: every target is met."
    faults = {}
    for name, distance in misses:
        faults.setdefault(name, []).append(distance)
    lines, given = [], set()
    for name, distances in faults.items():
        key = next((k for k in (name, name.split()[0], name.split("/")[0]) if k in reasons), None)
        reason = f" {reasons[key]}" if key and key not in given else ""
        given.add(key)
        lines.append(f"* **{name}**: {'; '.join(distances)}.{reason}")
    return "\n".join(lines)
