/** The table of every state and of whatever can happen in it, as `test/STATES.md` shows it. */

/** A cell: what comes of something in a state. */
export interface Verdict {
  /** The next state, "ignored", "noted", or "refused: …". */
  readonly text: string;
  readonly isOffered?: boolean;
}

export interface Grid {
  readonly title: string;
  readonly about: string;
  readonly states: readonly string[];
  readonly happenings: readonly string[];
  /** What stands in the rows; the other stands in the columns. */
  readonly rows: "states" | "happenings";
  /** By state and happening. */
  readonly cells: Map<string, Verdict>;
}

const grids: Grid[] = [];

export function grid(
  title: string,
  about: string,
  states: readonly string[],
  happenings: readonly string[],
  rows: Grid["rows"] = "happenings",
): Grid {
  const made: Grid = { title, about, states, happenings, rows, cells: new Map() };
  grids.push(made);
  return made;
}

export const cellKey = (state: string, happening: string) => `${state} × ${happening}`;

/** True when each cell of each table was filled in by this run. */
export function isWhole(): boolean {
  return grids.every(({ states, happenings, cells }) =>
    states.every((state) => happenings.every((happening) => cells.has(cellKey(state, happening)))),
  );
}

export function render(): string {
  const sorted = [...grids].sort((a, b) => (a.title < b.title ? -1 : 1));
  return [
    "# Every state, and what can happen in it",
    "",
    "Written by `npm run test:states`, from what it saw. **Bold**: the panel or the tree offers it in this state. The run",
    "fails when a state has no way on that a person can reach, when something is offered that comes to nothing, and when",
    "an act or a fact has no row.",
    ...sorted.flatMap(renderGrid),
    "",
  ].join("\n");
}

function renderGrid({ title, about, states, happenings, rows, cells }: Grid): string[] {
  const cell = (state: string, happening: string) => {
    const verdict = cells.get(cellKey(state, happening));
    if (verdict === undefined) return "?";
    return verdict.isOffered === true ? `**${verdict.text}**` : verdict.text;
  };
  const byState = rows === "states";
  const [down, across] = byState ? [states, happenings] : [happenings, states];
  return [
    "",
    `## ${title}`,
    "",
    about,
    "",
    `| | ${across.join(" | ")} |`,
    `|---|${across.map(() => "---|").join("")}`,
    ...down.map((row) => {
      const texts = across.map((column) => (byState ? cell(row, column) : cell(column, row)));
      return `| ${row} | ${texts.join(" | ")} |`;
    }),
  ];
}
