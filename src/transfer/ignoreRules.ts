/** What `.gitignore` files say of a path: rules of nested folders come after, and so override, those above them. */
import ignore, { type Ignore } from "ignore";

export class IgnoreRules {
  readonly #rules: Ignore | undefined;

  private constructor(rules?: Ignore) {
    this.#rules = rules;
  }

  static readonly none = new IgnoreRules();

  /**
   * The rules together with those of another ignore file.
   * @param folder where that file is: relative to the top, with slashes, "" for the top itself
   */
  with(folder: string, text: string): IgnoreRules {
    const lines = text
      .replace(/^\uFEFF/, "")
      .split(/\r?\n/)
      .flatMap((line) => underFolder(line, folder));
    if (lines.length === 0) return this;
    // Names differ by case where the file system says so.
    const ignorecase = process.platform === "win32" || process.platform === "darwin";
    const rules = ignore({ ignorecase });
    if (this.#rules !== undefined) rules.add(this.#rules);
    return new IgnoreRules(rules.add(lines.map((pattern) => ({ pattern }))));
  }

  /** @param path relative to the top, with slashes */
  covers(path: string, isFolder: boolean): boolean {
    return this.#rules?.ignores(isFolder ? `${path}/` : path) ?? false;
  }
}

/** The pattern as it reads from the top. One without a slash but at its end means any depth below its folder. */
function underFolder(line: string, folder: string): string[] {
  if (line.trim() === "" || line.startsWith("#")) return [];
  if (folder === "") return [line];
  const [sign, pattern] = line.startsWith("!") ? ["!", line.slice(1)] : ["", line];
  const prefix = folder.replace(/[\\*?[\]]/g, "\\$&");
  const isAnchored = /\/(?!\s*$)/.test(pattern);
  // A sign that stands for itself need not say so any more once it is not the first one.
  const rest = pattern.replace(/^\//, "").replace(/^\\([!#])/, "$1");
  return [`${sign}/${prefix}/${isAnchored ? rest : `**/${rest}`}`];
}
