#!/usr/bin/env node
// Takes the arguments of the desktop program `code` and runs an extension's tests in VS Code's npm build with a headless
// browser. @vscode/test-electron takes it for the desktop. FREIGHT_EDITION chooses oldest or newest.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { openChromium } from "./chromium.ts";
import { runServerCommand } from "./command.ts";
import { install } from "./install.ts";
import { parseEdition } from "./layout.ts";
import { startServer } from "./server.ts";

const limitMs = 10 * 60_000;
const exitCodes = { failed: 1, interrupted: 130, timedOut: 124 };

/** What VS Code says about itself at every start. */
const noise = new RegExp(
  [
    "Resolv(ing|ed) connection",
    "Creating a socket",
    "\\[(reconnection-grace-time|AgentHost|AccountPolicyGate|ChatModelSelection)",
    "ChatSessionStore",
    "No default agent contributed",
    "Ignoring fetching additional",
    "Updating additional builtin",
    "Error while fetching the extension under development",
    "Canceled: Canceled",
  ]
    .map((start) => `^${start}`)
    .join("|"),
);

const { values, positionals } = parseArgs({
  strict: false,
  allowPositionals: true,
  options: {
    extensionDevelopmentPath: { type: "string", multiple: true },
    extensionTestsPath: { type: "string" },
    "user-data-dir": { type: "string" },
    "extensions-dir": { type: "string" },
    "install-extension": { type: "string", multiple: true },
    "list-extensions": { type: "boolean" },
    version: { type: "boolean" },
    "disable-workspace-trust": { type: "boolean" },
  },
});
const text = (value: unknown) => (typeof value === "string" ? value : undefined);

const installation = await install(parseEdition(process.env["FREIGHT_EDITION"] ?? "newest"));
const scratch = await mkdtemp(join(tmpdir(), "freight-code-"));
const dataDir = resolve(text(values["user-data-dir"]) ?? join(scratch, "data"));
const extensionsDir = resolve(text(values["extensions-dir"]) ?? join(scratch, "extensions"));

try {
  process.exitCode = await (values.version || values["list-extensions"] || values["install-extension"]
    ? serverCommand()
    : runTests());
} finally {
  await rm(scratch, { recursive: true, force: true, maxRetries: 5 });
}
process.exit();

function serverCommand(): Promise<number> {
  const own = new Set(["--user-data-dir", "--extensions-dir"]);
  const args = process.argv
    .slice(2)
    .filter((arg, at, all) => !isOneOf(own, arg) && !own.has(all[at - 1] ?? ""));
  const folders = ["--extensions-dir", extensionsDir, "--server-data-dir", dataDir];
  return runServerCommand(installation, [...args, ...folders], (said) => process.stdout.write(said));
}

function isOneOf(flags: ReadonlySet<string>, arg: string): boolean {
  return flags.has(arg.split("=")[0] ?? arg);
}

async function runTests(): Promise<number> {
  const testsPath = text(values.extensionTestsPath);
  if (!testsPath)
    throw new Error("This launcher runs tests (--extensionTestsPath). To look around: npm run demo.");
  const developed = (values.extensionDevelopmentPath ?? []).flatMap((path) => text(path) ?? []);
  let end: (exitCode: number) => void = () => {};
  const ended = new Promise<number>((done) => {
    end = done;
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => end(exitCodes.interrupted));
  const starter = process.ppid;
  const orphaned = setInterval(() => {
    if (process.ppid !== starter) end(exitCodes.interrupted); // killed; nobody waits for us any more
  }, 500);
  const server = await startServer({
    installation,
    dataDir,
    extensionsDir,
    developmentExtensions: developed.map((path) => resolve(path)),
    testsPath: resolve(testsPath),
    trusted: values["disable-workspace-trust"] === true,
  });
  const context = await openChromium(installation.browser, join(scratch, "browser"));
  const limit = setTimeout(() => {
    console.error(`The tests did not end within ${limitMs / 60_000} minutes.`);
    end(exitCodes.timedOut);
  }, limitMs);
  try {
    const page = context.pages()[0] ?? (await context.newPage());
    const lost = (how: string) => () => {
      console.error(`The workbench's page ${how} before the tests ended.`);
      end(exitCodes.failed);
    };
    page.on("crash", lost("crashed"));
    page.on("close", lost("closed"));
    await page.exposeFunction("codeAutomationLog", print);
    await page.exposeFunction("codeAutomationExit", end);
    await page.goto(server.address(positionals[0] && resolve(positionals[0])));
    const code = await ended;
    page.removeAllListeners("close");
    return code;
  } finally {
    clearTimeout(limit);
    clearInterval(orphaned);
    await context.close();
    await server.stop();
  }
}

/** Prints what arrives on the console of the extension host. */
function print(type: string, args: readonly unknown[]): void {
  if (noise.test(String(args[0]))) return;
  if (type === "error" || type === "warn") console.error(...args);
  else console.log(...args);
}
