/**
 * The policy of this machine: a file that only its administrator can write. It is looked at anew whenever somebody asks,
 * which costs one look at the disk. No setting, no variable and no folder can move it or take its place.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync, statSync } from "node:fs";
import * as z from "zod";
import { FreightError } from "../base/errors.ts";
import { Policy } from "./policySchema.ts";

/** Larger than any list of domains that somebody keeps by hand. */
const MAX_BYTES = 1024 * 1024;

/** Without a file there are no rules. With one that cannot be used nothing leaves, for the reason that is said. */
export type PolicyState =
  | { readonly type: "none" }
  | { readonly type: "ruled"; readonly policy: Policy; readonly path: string }
  | { readonly type: "unusable"; readonly error: FreightError; readonly path: string };

export class PolicyFile {
  readonly #paths: readonly string[];
  /** What was read, by what the file looked like then. */
  #known: { readonly look: string; readonly state: PolicyState } = { look: "", state: { type: "none" } };

  /** @param paths of which the first that is there counts */
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
      const { dev, ino, size, mtimeMs, ctimeMs } = statSync(path);
      const look = [path, dev, ino, size, mtimeMs, ctimeMs].join(" ");
      if (look !== this.#known.look) this.#known = { look, state: parse(path) };
      return this.#known.state;
    } catch (reason) {
      return isAbsent(reason) ? { type: "none" } : { type: "unusable", error: unusable(path, reason), path };
    }
  }
}

/** Where the policy is, by the system's custom for what an administrator decides. */
export function policyPaths(platform: NodeJS.Platform): readonly string[] {
  if (platform === "darwin") return ["/Library/Application Support/Freight Mail/policy.json"];
  if (platform !== "win32") return ["/etc/freight-mail/policy.json"];
  // The variable can only add a place, for machines that have it elsewhere: what lies at the usual one comes first.
  const usual = "C:\\ProgramData";
  const places = [usual, process.env["ProgramData"] ?? usual];
  return [...new Set(places)].map((place) => `${place}\\Freight Mail\\policy.json`);
}

export const machinePolicy = new PolicyFile(policyPaths(process.platform));

function parse(path: string): PolicyState {
  const found = Policy.safeParse(JSON.parse(readBounded(path).replace(/^\uFEFF/, "")));
  if (!found.success) throw new Error(z.prettifyError(found.error).replaceAll("\n", " "));
  return { type: "ruled", policy: found.data, path };
}

function readBounded(path: string): string {
  // Whatever lies there in the place of a file must not keep the editor waiting.
  const descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw new Error("it is not a file");
    if (stats.size > MAX_BYTES) throw new Error("it is larger than 1 MB");
    return readFileSync(descriptor, "utf8");
  } finally {
    closeSync(descriptor);
  }
}

function isAbsent(reason: unknown): boolean {
  const code = reason instanceof Error && "code" in reason ? reason.code : undefined;
  return code === "ENOENT" || code === "ENOTDIR";
}

function unusable(path: string, cause: unknown): FreightError {
  const why = (cause instanceof Error ? cause.message : String(cause)).slice(0, 500);
  return new FreightError(
    "policy-unusable",
    `Your organization's policy for Freight Mail cannot be used, so nothing is sent or uploaded: ${path}: ${why}. Tell your administrator.`,
    { cause, path },
  );
}
