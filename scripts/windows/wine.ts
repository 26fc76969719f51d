/** Windows' own Node, run by Wine: it has Windows' rules for paths, open files and processes over the disk of this machine. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { access, constants, mkdtemp, open, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { cacheDir, root } from "../vscode/layout.ts";
import { windowsNode } from "../vscode/pins.ts";
import { fetchPackage, makeOnce } from "../vscode/unpack.ts";

/** Why Windows' Node cannot run here, and what would help. */
export class NotHere extends Error {}

/** Distributions hide the loader beside its libraries. */
const PLACES = ["/usr/lib/wine", "/usr/lib64/wine", "/opt/wine-stable/bin", "/usr/local/bin"];

export interface WindowsNode {
  /** Runs mocha with arguments. What it prints goes into a file: Wine passes no pipe of Unix on. */
  mocha(args: readonly string[], outputFile: string): Promise<number>;
  close(): Promise<void>;
}

/** @throws NotHere */
export async function startWine(): Promise<WindowsNode> {
  const wine = await findWine();
  const node = join(cacheDir, windowsNode.spec.replace("@", "-"));
  const prefix = join(cacheDir, "wine");
  const env = {
    ...process.env,
    WINEPREFIX: prefix,
    WINEDEBUG: "-all",
    NO_COLOR: "1",
    NODE_OPTIONS: `--require ${windowsPath(join(root, "scripts/windows/preload.cjs"))}`,
  };
  const run = async (args: readonly string[], outputFile: string, own: NodeJS.ProcessEnv = env) => {
    const output = await open(outputFile, "w");
    try {
      const child = spawn(wine, [...args], { cwd: root, env: own, stdio: ["ignore", output.fd, output.fd] });
      return await new Promise<number>((done, fail) => {
        child.on("error", fail);
        child.on("close", (code) => done(code ?? 1));
      });
    } finally {
      await output.close();
    }
  };
  if (!existsSync(node)) {
    console.log(`Downloading Windows' Node (${windowsNode.spec}, ${windowsNode.megabytes} MB, once).`);
    await makeOnce(node, (part) => fetchPackage(windowsNode, part, ["bin"])).catch((reason: unknown) => {
      throw new NotHere(`${windowsNode.spec} could not be downloaded: ${String(reason).slice(0, 300)}`);
    });
  }
  const scratch = await mkdtemp(join(tmpdir(), "freight-wine-"));
  // What OneDrive keeps is listed as a link and is none. Wine shows a link of Unix so.
  await symlink(await mkdtemp(join(scratch, "kept-")), join(scratch, "OneDrive"));
  if (!existsSync(prefix)) {
    console.log("Making a Windows for it (once).");
    await makeOnce(prefix, async (part) => {
      const own = { ...env, WINEPREFIX: part };
      for (const args of [
        ["wineboot", "-i"],
        ["winecfg", "-v", "win10"],
      ])
        if ((await run(args, join(scratch, "boot.txt"), own)) !== 0)
          throw new NotHere(`Wine could not make a Windows (${args.join(" ")}).`);
      // It is moved afterwards: whatever still runs in it ends first.
      await run(["wineboot", "--end-session", "--shutdown"], join(scratch, "boot.txt"), own);
    });
  }
  return {
    mocha: (args, outputFile) =>
      run(
        [join(node, "bin/node.exe"), windowsPath(join(root, "node_modules/mocha/bin/mocha.js")), ...args],
        outputFile,
        { ...env, FREIGHT_REPARSE_FOLDER: windowsPath(join(scratch, "OneDrive")) },
      ),
    close: () => rm(scratch, { recursive: true, force: true }),
  };
}

/** Wine's drive Z: is the root of this machine's disk. */
function windowsPath(path: string): string {
  return `Z:${path.replaceAll("/", "\\")}`;
}

async function findWine(): Promise<string> {
  const inPath = (process.env["PATH"] ?? "").split(delimiter);
  for (const folder of [...inPath, ...PLACES])
    for (const name of ["wine64", "wine"]) {
      const program = join(folder, name);
      if (
        await access(program, constants.X_OK).then(
          () => true,
          () => false,
        )
      )
        return program;
    }
  throw new NotHere("Wine is not installed (Debian: apt-get install --no-install-recommends wine wine64)");
}
