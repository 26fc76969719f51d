import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import type { Pin } from "./pins.ts";

const run = promisify(execFile);

/** Runs npm; under `npm run` the very npm that runs us, so that its registry and proxy settings hold. */
export async function npm(args: readonly string[], cwd: string): Promise<void> {
  const script = process.env["npm_execpath"];
  const [program, first] = script?.endsWith(".js") ? [process.execPath, [script]] : ["npm", []];
  await run(program, [...first, ...args], { cwd, maxBuffer: 64 * 1024 * 1024 });
}

/** Unpacks the members of a tar archive, less `strip` leading folders, into an existing folder. */
export async function untar(
  archive: string | Buffer,
  into: string,
  strip = 0,
  members: readonly string[] = [],
) {
  const from = typeof archive === "string" ? archive : "-";
  const gunzip = typeof archive === "string" ? "-xzf" : "-xf";
  const tar = spawn("tar", [gunzip, from, "-C", into, `--strip-components=${strip}`, ...members], {
    stdio: ["pipe", "ignore", "pipe"],
  });
  let complaint = "";
  tar.stderr.on("data", (text) => {
    complaint += String(text);
  });
  // When tar gives up early the pipe breaks; its exit code tells the story.
  tar.stdin.on("error", () => {});
  tar.stdin.end(typeof archive === "string" ? undefined : archive);
  await new Promise<void>((done, fail) => {
    tar.on("error", fail);
    tar.on("close", (code) =>
      code === 0 ? done() : fail(new Error(`tar ended with ${code}: ${complaint}`)),
    );
  });
}

/** Downloads a pinned package, compares its content with the pin and unpacks it (or the named members of it). */
export async function fetchPackage(pin: Pin, into: string, members: readonly string[] = []): Promise<void> {
  await mkdir(into, { recursive: true });
  const download = await mkdtemp(join(into, "download-"));
  await npm(["pack", "--silent", "--pack-destination", download, pin.spec], dirname(into));
  const [tarball] = await readdir(download);
  if (!tarball) throw new Error(`npm pack ${pin.spec} left no file.`);
  const file = join(download, tarball);
  const found = createHash("sha512")
    .update(await readFile(file))
    .digest("base64");
  if (found !== pin.sha512) {
    throw new Error(`${pin.spec} is not what it was: expected sha512-${pin.sha512}, got sha512-${found}.`);
  }
  await untar(
    file,
    into,
    1,
    members.map((member) => `package/${member}`),
  );
  await rm(download, { recursive: true });
}

/**
 * Makes a folder once. The work is done in `<dir>.<pid>.part`, and only a finished folder gets its name, so a broken
 * installation is never taken for a good one. Of two processes that install at once the later one yields.
 */
export async function makeOnce(dir: string, fill: (part: string) => Promise<void>): Promise<void> {
  if (existsSync(dir)) return;
  await mkdir(dirname(dir), { recursive: true });
  await removeAbandonedParts(dir);
  const part = `${dir}.${process.pid}.part`;
  await mkdir(part);
  try {
    await fill(part);
    await rename(part, dir);
  } catch (error) {
    if (!existsSync(dir)) throw error;
  } finally {
    await rm(part, { recursive: true, force: true });
  }
}

async function removeAbandonedParts(dir: string): Promise<void> {
  for (const name of await readdir(dirname(dir))) {
    const pid = name.startsWith(`${basename(dir)}.`) ? /\.(\d+)\.part$/.exec(name)?.[1] : undefined;
    if (pid && !isRunning(Number(pid))) await rm(join(dirname(dir), name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
