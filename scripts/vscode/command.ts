import { spawn } from "node:child_process";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Installation } from "./install.ts";

/** Runs a command of VS Code's server program (`--install-extension`, `--list-extensions`, `--version`). */
export async function runServerCommand(
  installation: Pick<Installation, "serverDir" | "node">,
  args: readonly string[],
  onOutput: (text: string) => void = () => {},
): Promise<number> {
  const program = join(installation.serverDir, "out/server-main.js");
  const child = spawn(installation.node, [program, "--accept-server-license-terms", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => onOutput(String(text)));
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("close", (code) => done(code ?? 1));
  });
}

/** Installs a VSIX as a user does; no network is needed. */
export async function installVsix(
  installation: Pick<Installation, "serverDir" | "node">,
  where: { readonly vsix: string; readonly dataDir: string; readonly extensionsDir: string },
): Promise<void> {
  let said = "";
  const code = await runServerCommand(
    installation,
    [
      "--install-extension",
      where.vsix,
      "--force",
      "--extensions-dir",
      where.extensionsDir,
      "--server-data-dir",
      where.dataDir,
    ],
    (text) => {
      said += text;
    },
  );
  if (code !== 0) throw new Error(`VS Code did not install ${where.vsix} (${code}):\n${said}`);
}

/** Installs an extension from its folder, as VS Code does with a VSIX: a copy, and an entry in the list of what is there. */
export async function installFolder(folder: string, extensionsDir: string): Promise<void> {
  const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const id = `${manifest.publisher}.${manifest.name}`;
  const relativeLocation = `${id}-${manifest.version}`;
  const path = join(extensionsDir, relativeLocation);
  await cp(folder, path, { recursive: true });
  const list = join(extensionsDir, "extensions.json");
  const others: unknown[] = JSON.parse(await readFile(list, "utf8"));
  const location = { $mid: 1, fsPath: path, external: pathToFileURL(path).href, path, scheme: "file" };
  const entry = { identifier: { id }, version: manifest.version, location, relativeLocation, metadata: {} };
  await writeFile(list, JSON.stringify([...others, entry]));
}
