/** Takes the place of `node:crypto` in a bundle that measures what a hash costs: of the others nothing is computed. */
import { createHash as realHash } from "node:crypto";

declare const HASHES: string;

export function createHash(name: string) {
  if (HASHES.split(",").includes(name)) return realHash(name);
  const none = { update: () => none, copy: () => none, digest: () => "" };
  return none;
}
