// The licences of what is bundled: one text for the whole package, from what esbuild says it has put in.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** What is in our own sources without being a package: src/transfer/secretRules.ts is made from the rules of gitleaks. */
export const COPIED = [
  { name: "gitleaks", version: "2026-07-22", license: "MIT", text: "scripts/licences/gitleaks.txt" },
];

/**
 * @param {readonly import("esbuild").Metafile[]} metafiles
 * @returns {Promise<string>} name, version and licence of every bundled package, in the order of their names
 */
export async function notices(metafiles) {
  const inputs = metafiles.flatMap(({ inputs }) => Object.keys(inputs));
  const names = inputs.flatMap((path) => /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []);
  const parts = await Promise.all([...[...new Set(names)].sort().map(notice), ...COPIED.map(copied)]);
  return [
    "Freight Mail contains the following packages, under the terms that stand below each.\n",
    ...parts,
  ].join("\n");
}

async function notice(name) {
  const folder = join("node_modules", name);
  const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const files = (await readdir(folder)).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file)).sort();
  if (files.length === 0) throw new Error(`${name} is bundled, and brings no licence.`);
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  return section({ name, version, license }, texts);
}

async function copied({ text, ...what }) {
  return section(what, [await readFile(text, "utf8")]);
}

function section({ name, version, license }, texts) {
  const line = "-".repeat(78);
  return [`${line}\n${name} ${version} (${license})\n${line}`, ...texts.map((text) => text.trim()), ""].join(
    "\n\n",
  );
}
