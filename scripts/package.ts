// Packages the extension: `npm run package`. The same content gives the same file, byte for byte.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { runNode } from "./run.ts";
import { root } from "./vscode/layout.ts";
import { zipEntries } from "./zip.ts";

/** A download that nobody waits for, with the tables of tokens, names and domains that the questions before a mail need. */
const maxBytes = 750 * 1024;

/** What the file may hold. vsce writes the readme, the changelog and the licence under names of its own. */
const allowed = [
  /^\[Content_Types\]\.xml$/,
  /^extension\.vsixmanifest$/,
  /^extension\/(package(\.nls(\.[a-z-]+)?)?\.json|readme\.md|changelog\.md|LICENSE\.txt)$/,
  /^extension\/policy\.schema\.json$/,
  /^extension\/dist\/(.+\.js|NOTICES\.txt|l10n\/.+\.(json|txt)|walkthrough\/.+\.svg)$/,
  /^extension\/media\/.+\.(svg|png|css|md)$/,
];

const inputs = [
  "src",
  "media",
  "l10n",
  "package.json",
  "package-lock.json",
  "policy.schema.json",
  "esbuild.mjs",
  "scripts/package.ts",
  "scripts/bundleSettings.ts",
  "scripts/l10n.ts",
  "scripts/notices.mjs",
  "scripts/sbom.mjs",
  "README.md",
  "CHANGELOG.md",
  "LICENSE",
  ".vscodeignore",
];

/** Packages unless the file is newer than everything that it is made from. Returns its path. */
export async function ensureVsix(): Promise<string> {
  const vsix = await vsixPath();
  const made = existsSync(vsix) ? (await stat(vsix)).mtimeMs : 0;
  const texts = (await readdir(root)).filter((name) => name.startsWith("package.nls."));
  const changed = await Promise.all([...inputs, ...texts].map((input) => newestChange(join(root, input))));
  return Math.max(...changed) > made ? packageVsix() : vsix;
}

/**
 * Packages, for which vsce has `vscode:prepublish` build; a file that breaks a rule never gets its name.
 * @param vsix where to; unset, where everybody looks for it
 */
export async function packageVsix(vsix?: string): Promise<string> {
  const startedAt = new Date();
  vsix ??= await vsixPath();
  console.log("Packaging the extension.");
  await mkdir(join(root, "out"), { recursive: true });
  const part = join(root, "out", `packaging-${process.pid}.vsix`);
  try {
    const vsce = ["node_modules/@vscode/vsce/vsce", "package", "--no-dependencies", "-o", part];
    const said = await succeed("vsce", vsce, {
      SOURCE_DATE_EPOCH: process.env["SOURCE_DATE_EPOCH"] ?? "946684800",
    });
    const warnings = said.split("\n").filter((line) => /warning/i.test(line));
    if (warnings.length > 0) throw new Error(`vsce warned:\n${warnings.join("\n")}`);
    await examine(part);
    // A file that changed while we packaged is newer than the package then.
    await utimes(part, startedAt, startedAt);
    await rename(part, vsix);
    // Beside it, for those who look before they install.
    await copyFile(join(root, "dist/sbom.cdx.json"), `${vsix.replace(/\.vsix$/, "")}.cdx.json`);
    const digest = createHash("sha256")
      .update(await readFile(vsix))
      .digest("hex");
    await writeFile(`${vsix}.sha256`, `${digest}  ${basename(vsix)}\n`);
  } finally {
    await rm(part, { force: true });
  }
  return vsix;
}

async function succeed(what: string, args: string[], env: Record<string, string> = {}): Promise<string> {
  const { code, output } = await runNode(args, { env, quiet: true });
  if (code !== 0) throw new Error(`${what} failed (${code}):\n${output}`);
  return output;
}

async function examine(file: string): Promise<void> {
  const content = await readFile(file);
  const names = zipEntries(content);
  console.log(names.map((name) => `  ${name}`).join("\n"));
  const strangers = names.filter((name) => !allowed.some((pattern) => pattern.test(name)));
  if (strangers.length > 0)
    throw new Error(`These files do not belong into the package: ${strangers.join(", ")}.`);
  if (content.length > maxBytes)
    throw new Error(`The package has ${content.length} bytes; ${maxBytes} are allowed.`);
  console.log(`${names.length} files, ${(content.length / 1024).toFixed(0)} KiB.`);
}

async function vsixPath(): Promise<string> {
  const { version }: { version: string } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  return join(root, `freight-mail-${version}.vsix`);
}

/** The latest change of a file, or of a folder and anything in it (a folder changes when a file in it goes away). */
async function newestChange(path: string): Promise<number> {
  if (!existsSync(path)) return 0;
  const itself = await stat(path);
  if (!itself.isDirectory()) return itself.mtimeMs;
  const children = await readdir(path);
  return Math.max(
    itself.mtimeMs,
    ...(await Promise.all(children.map((child) => newestChange(join(path, child))))),
  );
}

if (import.meta.main) console.log(await packageVsix());
