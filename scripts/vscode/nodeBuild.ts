import { existsSync } from "node:fs";
import { join } from "node:path";
import { cacheDir, type Edition } from "./layout.ts";
import { oldestNode } from "./pins.ts";
import { fetchPackage, makeOnce } from "./unpack.ts";

/** The Node that an edition's extension host runs with: our own, or for the oldest the one that it came with. */
export async function installNode(edition: Edition): Promise<string> {
  if (edition === "newest") return process.execPath;
  if (process.platform !== "linux" || process.arch !== "x64") {
    console.log(
      `The oldest VS Code runs on Node ${process.version}: its own is pinned for Linux on x64 only.`,
    );
    return process.execPath;
  }
  const dir = join(cacheDir, oldestNode.spec.replace("@", "-"));
  if (!existsSync(dir)) {
    console.log(
      `Downloading Node for the oldest VS Code (${oldestNode.spec}, ${oldestNode.megabytes} MB, once).`,
    );
    await makeOnce(dir, (part) => fetchPackage(oldestNode, part, ["LICENSE", "bin"]));
  }
  return join(dir, "bin/node");
}
