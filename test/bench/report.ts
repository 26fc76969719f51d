/** Words and tables of the results. */

export interface Section {
  readonly title: string;
  /** Markdown. */
  readonly text: string;
  readonly goals: readonly Goal[];
}

export interface Goal {
  readonly name: string;
  readonly wanted: string;
  readonly measured: string;
  readonly isMet: boolean;
  /** Why not, and what would be needed. */
  readonly why?: string;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, at) => (at === 0 ? "---" : "---:"))), ...rows.map(line)].join("\n");
}

/** A goal that a number reaches from above or from below. */
export function goal(name: string, measured: number, rule: ">=" | "<=", wanted: number, unit = ""): Goal {
  const isMet = rule === ">=" ? measured >= wanted : measured <= wanted;
  const sign = rule === ">=" ? "≥" : "≤";
  return { name, wanted: `${sign} ${wanted}${unit}`, measured: `${precise(measured)}${unit}`, isMet };
}

export function precise(number: number): string {
  if (!Number.isFinite(number)) return "–";
  return number.toFixed(Math.abs(number) < 10 ? 2 : Math.abs(number) < 100 ? 1 : 0);
}

export function mebibytes(bytes: number): string {
  return (bytes / (1024 * 1024)).toFixed(1);
}

export function goalsTable(goals: readonly Goal[]): string {
  return table(
    ["goal", "wanted", "measured", "met"],
    goals.map(({ name, wanted, measured, isMet, why }) => [
      name,
      wanted,
      measured,
      isMet ? "yes" : `**no**${why === undefined ? "" : `: ${why}`}`,
    ]),
  );
}
