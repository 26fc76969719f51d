// The licences of what is bundled: one text for the whole package, from what esbuild says it has put in.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** What is in our own sources without being a package: src/files/secrets/gitleaksRules.ts is made from the rules of gitleaks. */
export const COPIED = [
  { name: "gitleaks", version: "2026-07-22", license: "MIT", text: "scripts/licences/gitleaks.txt" },
];

/**
 * @param {readonly import("esbuild").Metafile[]} metafiles
 * @returns {Promise<{ name: string, version: string, license: string, text?: string }[]>} what is inside, packages first,
 * in the order of their names
 */
export async function bundled(metafiles) {
  const inputs = metafiles.flatMap(({ inputs }) => Object.keys(inputs));
  const names = inputs.flatMap((path) => /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []);
  const packages = [...new Set(names)].sort().map(async (name) => {
    const { version, license } = JSON.parse(
      await readFile(join("node_modules", name, "package.json"), "utf8"),
    );
    return { name, version, license };
  });
  return [...(await Promise.all(packages)), ...COPIED];
}

/**
 * @param {Awaited<ReturnType<typeof bundled>>} parts
 * @returns {Promise<string>} name, version and licence of each
 */
export async function notices(parts) {
  return [
    "Freight Mail contains the following packages, under the terms that stand below each.\n",
    ...(await Promise.all(parts.map((part) => (part.text === undefined ? notice(part) : copied(part))))),
  ].join("\n");
}

async function notice({ name, version, license }) {
  const folder = join("node_modules", name);
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
