/** File names in the drafts of a service that tells files apart by name. Pure. */

interface NamedFile {
  readonly id: string;
  /** The name that recipients see at other services. */
  readonly name: string;
  /** Its name in the draft; null until it is added there. */
  readonly sentAs: string | null;
}

/**
 * A name for a file that is about to be added to the draft: its own, unless another file there has it, or an
 * earlier one is going to. A file in the draft keeps its name, whatever is attached or removed later.
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

/** "report.pdf" → "report (2).pdf", with the first free number. */
function distinct(name: string, isTaken: (name: string) => boolean): string {
  const dot = name.lastIndexOf(".");
  const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
  for (let number = 2; ; number++) {
    const candidate = `${stem} (${number})${ending}`;
    if (!isTaken(candidate)) return candidate;
  }
}
