/** The table of everything that was tried and what came of it, as `test/FAULTS.md` shows it. */

export interface Entry {
  readonly section: string;
  readonly step: string;
  readonly fault: string;
  readonly expected: string;
  seen: string | undefined;
}

export const entries: Entry[] = [];

/** Adds a line to the table; `seen` is filled in by the run. */
export function enter(entry: Omit<Entry, "seen">): Entry {
  const whole: Entry = { ...entry, seen: undefined };
  entries.push(whole);
  return whole;
}

/** The sections in the order of their names, their lines as they were entered: the same in every run. */
export function render(all: readonly Entry[]): string {
  const sections = [...new Set(all.map(({ section }) => section))].sort();
  return [
    "# Every fault at every step",
    "",
    "Written by `npm run test:faults`, from what it saw. Each line is one run of the engine against the sandbox, over",
    "real sockets. In each of them, also: the mail is delivered at most once, with exactly the file's bytes; no record",
    "says more than the service has confirmed; and nothing runs afterwards. “Then sent”: the person does what the error",
    "says, and the same mail goes out.",
    ...sections.flatMap((section) => [
      "",
      `## ${section}`,
      "",
      "| fault | step | expected | seen |",
      "|---|---|---|---|",
      ...all
        .filter((entry) => entry.section === section)
        .map(({ fault, step, expected, seen }) => `| ${fault} | ${step} | ${expected} | ${seen ?? "–"} |`),
    ]),
    "",
  ].join("\n");
}
