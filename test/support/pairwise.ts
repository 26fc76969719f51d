/** A small set of combinations in which each two values of different switches occur together. */

type Row = Readonly<Record<string, unknown>>;

export function pairwise(switches: Readonly<Record<string, readonly unknown[]>>): Row[] {
  const names = Object.keys(switches);
  const open = new Set<string>();
  const key = (one: string, a: number, other: string, b: number) => `${one}=${a} ${other}=${b}`;
  for (const [at, one] of names.entries())
    for (const other of names.slice(at + 1))
      for (const a of (switches[one] ?? []).keys())
        for (const b of (switches[other] ?? []).keys()) open.add(key(one, a, other, b));
  const rows: Row[] = [];
  while (open.size > 0) {
    const [first = ""] = open;
    const chosen = new Map(
      first.split(" ").map((part) => [part.split("=")[0] ?? "", Number(part.split("=")[1])]),
    );
    const gainOf = (name: string, value: number) =>
      [...chosen].filter(([other, b]) => {
        const inOrder = names.indexOf(name) < names.indexOf(other);
        return open.has(inOrder ? key(name, value, other, b) : key(other, b, name, value));
      }).length;
    // Each of the others takes the value that brings the most new pairs.
    for (const name of names) {
      if (chosen.has(name)) continue;
      const gains = [...(switches[name] ?? []).keys()].map((value) => gainOf(name, value));
      chosen.set(name, gains.indexOf(Math.max(...gains)));
    }
    for (const [one, a] of chosen)
      for (const [other, b] of chosen)
        if (names.indexOf(one) < names.indexOf(other)) open.delete(key(one, a, other, b));
    rows.push(Object.fromEntries(names.map((name) => [name, switches[name]?.[chosen.get(name) ?? 0]])));
  }
  return rows;
}
