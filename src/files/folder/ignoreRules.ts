/**
 * What `.gitignore` files say about a path: rules of nested folders come later, and so override outer ones.
 */

import { t } from "../../shared/l10n.ts";
import { asGitReads, foldsCase } from "../samePath.ts";
import {
  type IgnorePattern,
  type KnownClasses,
  matchesNames,
  namesToMatch,
  readIgnoreLine,
} from "./ignorePattern.ts";

/** Rules that apply in one folder, of all files together. The longest that people have list single files. */
const MAX_RULES = 10_000;
/** The bytes of all those files. */
export const MAX_IGNORE_BYTES = 1024 * 1024;
/** As long as a path may be on Linux. */
const MAX_LINE = 4096;
/**
 * How many characters of rules are matched before the time is checked again. The slowest possible rule takes
 * about 100 ms.
 */
const CHARACTERS_A_TURN = 512;

/** An ignore file larger than anybody writes, which would take very long to follow. */
export class UnreasonableRules extends Error {
  /** A sentence about the file of that name. */
  readonly why: (file: string) => string;

  constructor(why: (file: string) => string) {
    super(why(".gitignore"));
    this.why = why;
  }
}

export class IgnoreRules {
  readonly #above: IgnoreRules | undefined;
  /** The last line first. */
  readonly #own: readonly IgnorePattern[];
  /** How many names of a path lead to the folder of these rules. */
  readonly #depth: number;
  /** Of these and all above. */
  readonly #total: { readonly rules: number; readonly bytes: number };
  readonly #platform: NodeJS.Platform;

  private constructor(
    platform: NodeJS.Platform,
    own: readonly IgnorePattern[] = [],
    bytes = 0,
    depth = 0,
    above?: IgnoreRules,
  ) {
    this.#platform = platform;
    this.#above = above;
    this.#own = own;
    this.#depth = depth;
    const { rules: before, bytes: bytesBefore } = above === undefined ? { rules: 0, bytes: 0 } : above.#total;
    this.#total = { rules: before + own.length, bytes: bytesBefore + bytes };
  }

  /** No rules yet. @param platform whose disks the names are on */
  static on(platform: NodeJS.Platform = process.platform): IgnoreRules {
    return new IgnoreRules(platform);
  }

  /**
   * These rules and those of another ignore file, for what is in its folder.
   * @param folder where that file is: relative to the top, with slashes, "" for the top itself
   * @throws UnreasonableRules
   */
  with(folder: string, text: string): IgnoreRules {
    const own: IgnorePattern[] = [];
    const classes: KnownClasses = new Map();
    const bytes = Buffer.byteLength(text);
    if (this.#total.bytes + bytes > MAX_IGNORE_BYTES)
      throw new UnreasonableRules((file) => t("“{0}” is larger than 1 MB and was not used.", file));
    const read = asGitReads(text, this.#platform);
    for (const line of read.replace(/^\uFEFF/, "").split(/\r?\n/)) {
      if (line === "" || line.startsWith("#")) continue;
      if (line.length > MAX_LINE)
        throw new UnreasonableRules((file) =>
          t("“{0}” has a line of more than {1} characters and was not used.", file, MAX_LINE),
        );
      const pattern = readIgnoreLine(line, foldsCase(this.#platform), classes);
      if (pattern !== undefined) own.push(pattern);
      if (this.#total.rules + own.length > MAX_RULES)
        throw new UnreasonableRules((file) =>
          t("“{0}” has more than {1} rules and was not used.", file, MAX_RULES),
        );
    }
    const depth = folder === "" ? 0 : folder.split("/").length;
    return own.length === 0 ? this : new IgnoreRules(this.#platform, own.reverse(), bytes, depth, this);
  }

  /**
   * Whether a path itself is ignored; the caller knows that the folders above it are not.
   * @param path relative to the top, with slashes
   * @param breathe called now and then, since ten thousand rules take time; what it throws ends this
   */
  async names(path: string, isFolder: boolean, breathe: () => Promise<void>): Promise<boolean> {
    const names = namesToMatch(asGitReads(path, this.#platform), foldsCase(this.#platform));
    let asked = 0;
    // The last matching rule decides.
    for (let rules: IgnoreRules | undefined = this; rules !== undefined; rules = rules.#above) {
      const below = names.slice(rules.#depth);
      for (const rule of rules.#own) {
        asked += rule.length;
        if (asked >= CHARACTERS_A_TURN) {
          await breathe();
          asked = 0;
        }
        if ((isFolder || !rule.foldersOnly) && matchesNames(rule, below)) return !rule.isException;
      }
    }
    return false;
  }

  /** Whether a path, or a folder above it, is ignored. */
  async covers(path: string, isFolder: boolean, breathe: () => Promise<void>): Promise<boolean> {
    for (let slash = path.indexOf("/"); slash !== -1; slash = path.indexOf("/", slash + 1))
      if (await this.names(path.slice(0, slash), true, breathe)) return true;
    return this.names(path, isFolder, breathe);
  }
}
