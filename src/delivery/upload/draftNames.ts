/** What files are called in the draft of a service that tells them apart by their names. Pure. */

interface NamedFile {
  readonly id: string;
  /** What the recipient sees elsewhere. */
  readonly name: string;
  /** What it is called in the draft; null until it is put there. */
  readonly sentAs: string | null;
}

/**
 * A name for a file that is about to be put into the draft: its own, unless that is the name of another one there, or of
 * one that comes before it. What is there keeps its name, whatever is attached or taken out later.
 */
export function draftName(files: readonly NamedFile[], id: string): string {
  const at = files.findIndex((file) => file.id === id);
  const name = files[at]?.name ?? "";
  const others = files.filter((file) => file.id !== id);
  const present = new Set(others.map(({ sentAs }) => sentAs));
  const isFirst = !files.slice(0, at).some((file) => file.name === name && file.sentAs === null);
  if (isFirst && !present.has(name)) return name;
  const wanted = new Set(others.map((file) => file.name));
  return distinct(name, (text) => present.has(text) || wanted.has(text));
}

/** "report.pdf" → "report (2).pdf", with the first number that is free. */
function distinct(name: string, isTaken: (name: string) => boolean): string {
  const dot = name.lastIndexOf(".");
  const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
  for (let number = 2; ; number++) {
    const candidate = `${stem} (${number})${ending}`;
    if (!isTaken(candidate)) return candidate;
  }
}
