import { spawn } from "node:child_process";
import { join } from "node:path";
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
