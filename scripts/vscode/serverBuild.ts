import { existsSync } from "node:fs";
import { cp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Edition, serverPackage, versions } from "./layout.ts";
import { codeServer } from "./pins.ts";
import { fetchPackage, makeOnce, npm } from "./unpack.ts";

/** Agents and their extensions: large, of no use to us, and some of them are downloaded from elsewhere. */
const unwantedPackages = [
  "@github/copilot-sdk",
  "@microsoft/mxc-sdk",
  "@devcontainers/cli",
  "@vscode/sandbox-runtime",
];
const unwantedExtensions = ["copilot", "mermaid-markdown-features", "mermaid-chat-features"];

/** Puts the server build of a VS Code in place and returns its `lib/vscode`. Nothing is compiled. */
export async function installServer(edition: Edition): Promise<string> {
  const dir = serverPackage(edition);
  const ready = join(dir, "lib/vscode");
  if (existsSync(dir)) return ready;
  const pin = codeServer[edition];
  console.log(
    `Downloading VS Code ${versions[edition]}, server build (${pin.spec}, ${pin.megabytes} MB, once).`,
  );
  await makeOnce(dir, async (part) => {
    const code = join(part, "lib/vscode");
    await fetchPackage(pin, part, ["package.json", "LICENSE", "ThirdPartyNotices.txt", "lib/vscode"]);
    for (const name of unwantedExtensions) {
      await rm(join(code, "extensions", name), { recursive: true, force: true });
    }
    await chooseDependencies(join(code, "package.json"));
    // npm ci would fail: what was dropped above is still in the package's shrinkwrap, which pins the rest.
    const install = [
      "install",
      "--omit=dev",
      "--ignore-scripts",
      "--package-lock",
      "--no-audit",
      "--no-fund",
    ];
    await npm(install, code);
    await npm(install, join(code, "extensions")); // TypeScript, or opening a .js file shows an error
    await replaceNativeModules(join(code, "node_modules"));
  });
  return ready;
}

async function chooseDependencies(manifestFile: string): Promise<void> {
  const manifest: { dependencies: Record<string, string> } = JSON.parse(await readFile(manifestFile, "utf8"));
  const { dependencies } = manifest;
  for (const name of unwantedPackages) delete dependencies[name];
  // Before about 1.110 the watcher came from GitHub and ripgrep was downloaded by an installation script.
  if (dependencies["@parcel/watcher"]?.startsWith("parcel-bundler/"))
    dependencies["@parcel/watcher"] = "2.5.6";
  if (dependencies["@vscode/ripgrep"]) dependencies["@vscode/ripgrep-universal"] = "1.18.0";
  await writeFile(manifestFile, JSON.stringify(manifest, undefined, 2));
}

async function replaceNativeModules(modules: string): Promise<void> {
  for (const [shim, names] of [
    ["spdlog.cjs", ["@vscode/spdlog"]],
    ["nativeWatchdog.cjs", ["@vscode/native-watchdog", "native-watchdog"]],
  ] as const) {
    for (const name of names) {
      if (!existsSync(join(modules, name))) continue;
      await cp(join(import.meta.dirname, "shims", shim), join(modules, name, "index.js"));
    }
  }
  const ripgrep = join(modules, "@vscode/ripgrep");
  if (!existsSync(ripgrep)) return;
  const universal = join(modules, "@vscode/ripgrep-universal/bin", `${process.platform}-${process.arch}`);
  await rm(join(ripgrep, "bin"), { recursive: true, force: true });
  await rename(universal, join(ripgrep, "bin"));
}
