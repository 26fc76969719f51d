/**
 * This machine's policy: a file that only its administrator can write. It is checked for changes whenever
 * somebody asks, which costs a few looks at the disk. No setting, variable or folder can move or replace it.
 */
import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  realpathSync,
  type Stats,
  statSync,
} from "node:fs";
import { dirname } from "node:path";
import * as z from "zod";
import { FreightError } from "../base/errors.ts";
import { formatBytes } from "../shared/format.ts";
import { t } from "../shared/l10n.ts";
import { Policy } from "./policySchema.ts";

/** Larger than any list of domains that somebody maintains by hand. */
const MAX_BYTES = 1024 * 1024;

/** Without a file there are no rules. With one that cannot be used, nothing is sent, for the reason given. */
export type PolicyState =
  | { readonly type: "none" }
  | { readonly type: "ruled"; readonly policy: Policy; readonly path: string }
  | { readonly type: "unusable"; readonly error: FreightError; readonly path: string };

export class PolicyFile {
  readonly #paths: readonly string[];
  /** What was read last, and what the file looked like then. */
  #known: { readonly look: string; readonly state: PolicyState } = { look: "", state: { type: "none" } };

  /** @param paths the first that exists counts */
  constructor(paths: readonly string[]) {
    this.#paths = paths;
  }

  read(): PolicyState {
    for (const path of this.#paths) {
      const state = this.#readOne(path);
      if (state.type !== "none") return state;
    }
    return { type: "none" };
  }

  /** The rules in force; none without a file. @throws FreightError `policy-unusable` */
  get rules(): Policy {
    const state = this.read();
    if (state.type === "unusable") throw state.error;
    return state.type === "none" ? {} : state.policy;
  }

  #readOne(path: string): PolicyState {
    try {
      if (isAbsent(path)) return { type: "none" };
      for (const place of new Set([path, dirname(path), dirname(realpathSync(path))]))
        assertKept(place, statSync(place));
      const { dev, ino, size, mtimeMs, ctimeMs } = statSync(path);
      const look = [path, dev, ino, size, mtimeMs, ctimeMs].join(" ");
      if (look !== this.#known.look) this.#known = { look, state: parse(path) };
      return this.#known.state;
    } catch (reason) {
      return { type: "unusable", error: unusable(path, reason), path };
    }
  }
}

/** Where the policy is: in the system's usual place for an administrator's decisions. */
export function policyPaths(platform: NodeJS.Platform): readonly string[] {
  if (platform === "darwin") return ["/Library/Application Support/Freight Mail/policy.json"];
  if (platform !== "win32") return ["/etc/freight-mail/policy.json"];
  // The variable can only add a place, for machines that have it elsewhere: the usual one comes first.
  const usual = "C:\\ProgramData";
  const places = [usual, process.env["ProgramData"] ?? usual];
  return [...new Set(places)].map((place) => `${place}\\Freight Mail\\policy.json`);
}

export const machinePolicy = new PolicyFile(policyPaths(process.platform));

/** Whether nothing is there: no file, no dangling link, and nothing else in place of its folder. */
function isAbsent(path: string): boolean {
  const place = [path, dirname(path)].find(
    (each) => lstatSync(each, { throwIfNoEntry: false }) !== undefined,
  );
  // What is there must be readable: a dangling link means hidden rules, not that there are none.
  return place !== path && (place === undefined || readFolder(place));
}

function readFolder(path: string): true {
  if (statSync(path).isDirectory()) return true;
  throw new Error(t("there is something else in the place of its folder"));
}

/** @throws Error when another user than root or this one owns what is there, or everybody can write to it */
function assertKept(path: string, { mode, uid }: Stats): void {
  const user = process.getuid?.();
  // Windows has neither this owner nor this mode.
  if (user === undefined) return;
  if (uid !== 0 && uid !== user)
    throw new Error(t("{0} belongs to user {1} and not to root", path, String(uid)));
  const isSticky = (mode & constants.S_IFMT) === constants.S_IFDIR && (mode & 0o1000) !== 0;
  if ((mode & constants.S_IWOTH) !== 0 && !isSticky && isWritable(path))
    throw new Error(t("everybody can write to {0}", path));
}

/** False on a read-only mount, whatever the mode: containers get such folders. */
function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function parse(path: string): PolicyState {
  const text = decode(readBounded(path));
  const found = Policy.safeParse(JSON.parse(text));
  if (!found.success) throw new Error(z.prettifyError(found.error).replaceAll("\n", " "));
  if (countKeys(text) > countNames(found.data))
    throw new Error(t("a key appears twice, and only the last one would count"));
  return { type: "ruled", policy: found.data, path };
}

/** Reads what an administrator's editor or shell writes: UTF-8, or UTF-16 with a byte order mark. */
function decode(bytes: Buffer): string {
  const [first, second] = bytes;
  const encoding =
    first === 0xff && second === 0xfe ? "utf-16le" : first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
  return new TextDecoder(encoding, { fatal: true }).decode(bytes);
}

/** Counts the keys in valid JSON: strings before a colon. */
function countKeys(text: string): number {
  return [...text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g)].filter(([, colon]) => colon !== undefined).length;
}

function countNames(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const below = Object.values(value).reduce((sum: number, each: unknown) => sum + countNames(each), 0);
  return below + (Array.isArray(value) ? 0 : Object.keys(value).length);
}

function readBounded(path: string): Buffer {
  // Something else in place of the file, such as a pipe, must not block the editor.
  const descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw new Error(t("it is not a file"));
    if (stats.size > MAX_BYTES) throw new Error(t("it is larger than {0}", formatBytes(MAX_BYTES)));
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function unusable(path: string, cause: unknown): FreightError {
  const why = (cause instanceof Error ? cause.message : String(cause)).slice(0, 500);
  return new FreightError(
    "policy-unusable",
    t(
      "Your organization's policy for Freight Mail cannot be used, so nothing is sent or uploaded: {0}: {1}. Tell your administrator.",
      path,
      why,
    ),
    { cause, path },
  );
}
