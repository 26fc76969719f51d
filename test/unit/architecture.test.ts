import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { join, posix, relative, sep } from "node:path";
import * as z from "zod";
import { manifestInEnglish } from "../../scripts/l10n.ts";
import { TOOL_NAMES } from "../../src/ui/assistant/toolNames.ts";
import { COMMAND_NAMES } from "../../src/ui/commands/commandNames.ts";

const root = join(import.meta.dirname, "../..");
/** Made by tools, or not ours. */
const SKIPPED = new Set([".git", ".vscode-test", "dist", "node_modules", "out", "package-lock.json"]);

/** Path from the root of the project, with slashes, and text. */
type Files = ReadonlyMap<string, string>;

function readTree(folder: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = relative(root, join(entry.parentPath, entry.name)).split(sep).join("/");
    if (
      entry.isFile() &&
      /\.(ts|mjs|cjs|js|json|md|css|html|svg|yml)$|(^|\/)(run|\.[a-z]+ignore|\.npmrc)$/.test(path)
    )
      found.set(path, readFileSync(join(root, path), "utf8"));
  }
  return found;
}

function readProject(): Files {
  const found = new Map<string, string>();
  for (const entry of readdirSync(root, { withFileTypes: true })) {
    if (SKIPPED.has(entry.name)) continue;
    if (entry.isDirectory())
      for (const [path, text] of readTree(join(root, entry.name))) found.set(path, text);
    else if (!entry.name.endsWith(".vsix"))
      found.set(entry.name, readFileSync(join(root, entry.name), "utf8"));
  }
  return found;
}

// Imports

/** What a file imports, in whatever way: statically, for its types only, again exported, or when it runs. */
function importsOf(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  const patterns = [
    /^\s*(?:import|export)\s[^;"'`]*?\sfrom\s*["']([^"']+)["']/gm,
    /^\s*import\s*["']([^"']+)["']/gm,
    /\b(?:import|require)\(\s*["'`]([^"'`]+)["'`]/g,
  ];
  return patterns.flatMap((pattern) => [...code.matchAll(pattern)].map(([, name = ""]) => name));
}

const isOurs = (name: string) => name.startsWith(".");
const target = (from: string, name: string) => posix.normalize(posix.join(posix.dirname(from), name));

/** Each may import those to its right. */
const LAYERS = ["extension", "app", "ui", "delivery", "accounts", "services", "transfer", "files", "net"];
/** Open to all host code, and import each other only. */
const OPEN = ["base", "shared", "policy"];

/** The part of the product that a file of src belongs to. */
function areaOf(path: string): string {
  const [, first = ""] = path.split("/");
  return first.replace(/\.ts$/, "");
}

function mayImport(from: string, to: string): boolean {
  if (from === to) return true;
  if (from === "sandbox" || from === "shared") return false;
  if (from === "webview") return to === "shared";
  if (OPEN.includes(from)) return OPEN.includes(to);
  if (OPEN.includes(to)) return LAYERS.includes(from);
  return LAYERS.includes(from) && LAYERS.includes(to) && LAYERS.indexOf(from) < LAYERS.indexOf(to);
}

function wrongArrows(files: Files): string[] {
  return everyImport(files)
    .filter(({ name }) => isOurs(name))
    .filter(({ path, name }) => {
      const to = target(path, name);
      return !files.has(to) || !mayImport(areaOf(path), areaOf(to));
    })
    .map(({ path, name }) => `${path} → ${name}`);
}

function everyImport(files: Files): { path: string; name: string }[] {
  return [...files]
    .filter(([path]) => path.startsWith("src/") && path.endsWith(".ts"))
    .flatMap(([path, text]) => importsOf(text).map((name) => ({ path, name })));
}

/** A room is a folder: the files in it, without those of its own folders. */
const roomOf = (path: string) => posix.dirname(path);

/** How many files a room may have before nobody finds anything in it at a glance. */
const ROOM_FILES = 16;

function fullRooms(files: Files): string[] {
  const counts = new Map<string, number>();
  for (const path of files.keys())
    if (path.startsWith("src/") && /(?<!\.d)\.ts$/.test(path))
      counts.set(roomOf(path), (counts.get(roomOf(path)) ?? 0) + 1);
  return [...counts].filter(([, count]) => count > ROOM_FILES).map(([room]) => room);
}

/** Rooms that only these may reach into; each is reached by itself, and by what is deeper in it. */
const INNER: Readonly<Record<string, readonly string[]>> = {
  "src/delivery/acts": ["src/delivery"],
  "src/delivery/send": ["src/delivery", "src/delivery/acts"],
  "src/delivery/upload": ["src/delivery", "src/delivery/acts", "src/delivery/send"],
  "src/delivery/body": [
    "src/delivery/acts",
    "src/delivery",
    "src/delivery/compose",
    "src/delivery/links",
    "src/delivery/send",
    "src/ui/panel",
    "src/ui/assistant",
  ],
  "src/delivery/rules": [
    "src/app",
    "src/delivery/acts",
    "src/delivery/compose",
    "src/delivery/ports",
    "src/delivery/send",
    "src/delivery/upload",
    "src/ui/attach",
    "src/ui/attach/zip",
    "src/ui/notices",
  ],
  "src/services/nylas": ["src/accounts", "src/app", "src/delivery/words", "src/ui/accounts/nylas"],
  "src/services/graph": ["src/accounts", "src/services/drive", "src/ui/accounts/graph"],
  "src/services/drive": ["src/accounts", "src/ui/accounts/graph"],
  "src/files/folder": ["src/app", "src/files/zip", "src/ui/attach/zip"],
  "src/files/git": ["src/files/folder", "src/ui/attach", "src/ui/editor"],
  "src/files/secrets": ["src/delivery/rules", "src/files/folder", "src/files/zip", "src/ui/assistant"],
  "src/files/zip": [
    "src/app",
    "src/delivery",
    "src/delivery/acts",
    "src/ui/attach",
    "src/ui/attach/zip",
    "src/ui/panel",
  ],
  "src/transfer": [
    "src/delivery/ports",
    "src/delivery/upload",
    "src/services",
    "src/services/drive",
    "src/services/graph",
    "src/services/nylas",
  ],
  "src/ui/panel": ["src/app"],
  "src/ui/panel/practice": ["src/app", "src/ui/panel"],
  "src/ui/accounts": ["src/app", "src/ui/actions"],
  "src/ui/accounts/pages": ["src/app", "src/ui/accounts", "src/ui/accounts/graph", "src/ui/accounts/nylas"],
  "src/ui/accounts/nylas": ["src/app", "src/ui/accounts"],
  "src/ui/accounts/graph": ["src/ui/accounts"],
  "src/ui/assistant": ["src", "src/app"],
  "src/sandbox/nylas": ["src/sandbox"],
  "src/sandbox/graph": ["src/sandbox", "src/sandbox/drive"],
  "src/sandbox/drive": ["src/sandbox"],
  "src/sandbox/outbox": ["src/sandbox", "src/sandbox/graph", "src/sandbox/inbox", "src/sandbox/nylas"],
  "src/sandbox/inbox": ["src/sandbox", "src/sandbox/graph", "src/sandbox/nylas"],
  "src/webview/host": ["src/webview"],
  "src/webview/form": ["src/webview"],
  "src/webview/files": ["src/webview"],
  "src/webview/practice": ["src/webview"],
  "src/webview/send": ["src/webview"],
};

function intrusions(files: Files): string[] {
  return everyImport(files)
    .filter(({ name }) => isOurs(name))
    .filter(({ path, name }) => {
      const [from, to] = [roomOf(path), roomOf(target(path, name))];
      return from !== to && INNER[to] !== undefined && !INNER[to].includes(from);
    })
    .map(({ path, name }) => `${path} → ${name}`);
}

function cycles(files: Files, nameOf = (path: string) => path): string[] {
  const arrows = new Map<string, string[]>();
  for (const { path, name } of everyImport(files)) {
    const [from, to] = [nameOf(path), nameOf(target(path, name))];
    if (isOurs(name) && (from !== to || path === target(path, name)))
      arrows.set(from, [...(arrows.get(from) ?? []), to]);
  }
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, walked: readonly string[]): void => {
    if (walked.includes(path)) {
      found.push([...walked.slice(walked.indexOf(path)), path].join(" → "));
      return;
    }
    if (done.has(path)) return;
    for (const next of arrows.get(path) ?? []) visit(next, [...walked, path]);
    done.add(path);
  };
  for (const path of arrows.keys()) visit(path, []);
  return found;
}

/** All that is loaded with a file: what it imports and what that imports, but not what it loads when it runs. */
function loadedWith(files: Files, entry: string): ReadonlySet<string> {
  const found = new Set([entry]);
  for (const path of found) {
    const imports = (files.get(path) ?? "").matchAll(
      /^(?:import|export)\s(?!type\b)[^;"']*?["'](\.[^"']+)["']/gm,
    );
    for (const [, name = ""] of imports) found.add(target(path, name));
  }
  return found;
}

/** Files that do not begin with what they are for: only those who know already where to look find anything in them. */
function unintroduced(files: Files): string[] {
  return [...files]
    .filter(([path, text]) => path.startsWith("src/") && path.endsWith(".ts") && !/^\/\*\*\s/.test(text))
    .map(([path]) => path);
}

/** The objects that a function builds, as far as their constants are named before they are there. */
function forwardReferences(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "").replace(/"(?:[^"\\]|\\.)*"/g, '""');
  return [...code.matchAll(/^ {2}(?:const|let) (?:\{([^}]*)\}|(\w+))/gm)].flatMap((declaration) => {
    const [, several, one = ""] = declaration;
    const names = several?.split(",").map((part) => part.replace(/^.*:/, "").trim()) ?? [one];
    const before = code.slice(0, declaration.index);
    return names.filter(
      (name) => name !== "" && new RegExp(`(?<![.\\w"])${name}\\b(?!\\s*\\??:)`).test(before),
    );
  });
}

/** Who may know where files lie that go as links, and why; whatever else has that name is here as well. */
const DRIVES: Readonly<Record<string, string>> = {
  "src/services/drive/": "the service",
  "src/sandbox/": "plays it",
  "src/accounts/mailServices.ts": "makes the service of an account",
  "src/ui/accounts/graph/graphPages.ts": "the wizard, which tries whether an account may keep files there",
  "src/delivery/links/linkWords.ts": "words",
  "src/delivery/words/describe.ts": "words",
  "src/files/folder/entryKind.ts": "Windows, whose folders it keeps in step",
  "src/files/folder/listedFiles.ts": "a letter of Windows",
  "src/files/workspaceFile.ts": "a letter of Windows",
  "src/ui/attach/requestedFiles.ts": "a letter of Windows",
};

/** Lines of the product that name it. Windows that drive a mail, and drivers, are something else. */
function drives(files: Files, mayKnow = Object.keys(DRIVES)): string[] {
  return [...files]
    .filter(([path]) => path.startsWith("src/") && !mayKnow.some((known) => path.startsWith(known)))
    .flatMap(([path, text]) =>
      text
        .split("\n")
        .filter((line) => /drive(?!n|r)|share ?point/i.test(line))
        .map((line) => `${path}: ${line.trim()}`),
    );
}

const isWizard = (path: string) => /^src\/ui\/accounts\/.*(Wizard|Pages|SignIn|Sequence)\.ts$/.test(path);

const BUILTIN = new Set(builtinModules);
const isNode = (name: string) => name.startsWith("node:") || BUILTIN.has(name.split("/")[0] ?? "");
const FILE_USERS = [
  "src/files/fileSource.ts",
  "src/files/fileReader.ts",
  "src/files/fileBytes.ts",
  // A folder is looked into, packed, and its archive kept; a large file is sampled.
  "src/files/folder/folderWalk.ts",
  "src/files/git/gitReader.ts",
  "src/files/git/gitPatches.ts",
  "src/files/git/gitChanges.ts",
  "src/files/folder/repositoryRules.ts",
  "src/files/folder/ignoreFile.ts",
  "src/files/zip/packing.ts",
  // One that does not hold still is copied.
  "src/files/stillFile.ts",
  // In a thread of its own.
  "src/files/hashThread.ts",
  "src/files/zip/smallFile.ts",
  "src/files/folder/listedFiles.ts",
  "src/files/secrets/archiveNames.ts",
  "src/files/zip/archives.ts",
  "src/files/zip/zipEstimate.ts",
  "src/files/samePath.ts",
  "src/files/workspaceFile.ts",
  "src/delivery/store/disk/syncFolder.ts",
  "src/delivery/store/disk/journal.ts",
  "src/delivery/store/disk/lease.ts",
  "src/delivery/store/disk/holderWatch.ts",
  "src/delivery/store/disk/trialNotes.ts",
  "src/base/processIdentity.ts",
  // What outlives the extension host.
  "src/ui/panel/openTabs.ts",
  // The administrator's file, and the log that it asks for.
  "src/policy/auditLog.ts",
  "src/policy/policyFile.ts",
  "src/extension.ts",
];

/** Who may import what comes from elsewhere; a name that no rule knows must be a dependency of the product. */
function strangers(files: Files, dependencies: readonly string[]): string[] {
  return everyImport(files)
    .filter(({ name }) => !isOurs(name))
    .filter(({ path, name }) => {
      const area = areaOf(path);
      const inBrowser = area === "webview" || area === "shared";
      if (name === "vscode") return !["extension", "app", "ui"].includes(area);
      if (isNode(name)) {
        if (inBrowser) return true;
        return /^(node:)?fs\b/.test(name) && area !== "sandbox" && !FILE_USERS.includes(path);
      }
      const parts = name.split("/");
      const dependency = name.startsWith("@") ? parts.slice(0, 2).join("/") : (parts[0] ?? "");
      if (dependency === "undici") return area !== "net";
      return !dependencies.includes(dependency);
    })
    .map(({ path, name }) => `${path} → ${name}`);
}

// Addresses

/** Text that only stands on the machine of whoever wrote it. */
const MACHINE =
  /(?<![\w.\])}])(?:\/(?:home|Users|root|work|mnt|media|private)\/[\w.]|[A-Za-z]:\\\\?Users\b)/g;

/** The service itself, and names that lead nowhere or to something to read. */
const HOSTS = [
  /^(localhost|127(\.\d+){3}|\[::1\]|0\.0\.0\.0)$/,
  /^api\.(us|eu)\.nylas\.com$/,
  /(^|\.)example(\.(com|org|net))?$/,
  /\.(test|invalid|localhost)$/,
  // Documentation, where keys are found, licences, the project's own pages, names of standards.
  /^(dashboard-v3|developer|www)\.nylas\.com$/,
  /^(cloud\.google|code\.visualstudio|learn\.microsoft|github|www\.rfc-editor|keepachangelog|semver)\.(com|org)$/,
  /^(www\.w3|json-schema)\.org$/,
  // Scopes of a grant are written as URLs.
  /^www\.googleapis\.com$/,
  // Microsoft Graph in its four clouds, and where VS Code takes sign-ins.
  /^(graph|dod-graph)\.microsoft\.(com|us)$/,
  /^microsoftgraph\.chinacloudapi\.cn$/,
  /^login\.(partner\.)?microsoftonline\.(com|us|cn)$/,
  /^entra\.microsoft\.com$/,
  /^vscode\.dev$/,
  // Where upload URLs of the service point; named, never written to.
  /^storage\.googleapis\.com$/,
];

function machinePaths(files: Files): string[] {
  return [...files].flatMap(([path, text]) =>
    [...text.matchAll(MACHINE)].map(([found]) => `${path}: ${found}`),
  );
}

function strangeHosts(files: Files): string[] {
  const urls = /\b(?:https?|wss?|ftp):\/\/(?:[^\s"'`/@]*@)?(\[[^\]\s]*\]|[\w.-]+)/gi;
  return [...files].flatMap(([path, text]) =>
    [...text.matchAll(urls)]
      .map(([, host = ""]) => host.toLowerCase().replace(/\.$/, ""))
      .filter((host) => !HOSTS.some((known) => known.test(host)))
      .map((host) => `${path}: ${host}`),
  );
}

// The manifest

const Manifest = z.object({
  dependencies: z.record(z.string(), z.string()),
  activationEvents: z.array(z.string()),
  capabilities: z.object({
    untrustedWorkspaces: z.object({ restrictedConfigurations: z.array(z.string()) }),
  }),
  contributes: z.object({
    commands: z.array(
      z.object({ command: z.string(), title: z.string().min(1), category: z.literal("Freight Mail") }),
    ),
    viewsContainers: z.record(z.string(), z.array(z.object({ id: z.string() }))),
    views: z.record(z.string(), z.array(z.object({ id: z.string() }))),
    viewsWelcome: z.array(z.object({ view: z.string(), contents: z.string(), when: z.string().optional() })),
    menus: z.record(z.string(), z.array(z.object({ command: z.string(), when: z.string() }))),
    languageModelTools: z.array(z.object({ name: z.string(), when: z.literal("freightMail.hasAccount") })),
    configuration: z.array(
      z.object({
        title: z.string().min(1),
        properties: z.record(
          z.string(),
          z.object({ scope: z.string(), default: z.unknown(), order: z.int().optional() }),
        ),
      }),
    ),
    walkthroughs: z.array(
      z.object({
        id: z.string(),
        steps: z.array(
          z.object({
            description: z.string(),
            media: z.object({ svg: z.string(), altText: z.string() }),
            completionEvents: z.array(z.string()),
          }),
        ),
      }),
    ),
  }),
});
type Manifest = z.infer<typeof Manifest>;

/** Settings that say where keys or files go, and so must not come from a workspace. */
const DESTINATION = /(uri|url|host|endpoint|server|proxy|address|region|account)$/i;

function settingsOf({ contributes }: Manifest) {
  return new Map(contributes.configuration.flatMap(({ properties }) => Object.entries(properties)));
}

function looseSettings(manifest: Manifest): string[] {
  const { capabilities } = manifest;
  const restricted = capabilities.untrustedWorkspaces.restrictedConfigurations;
  return [...settingsOf(manifest)]
    .filter(([name, { scope }]) =>
      DESTINATION.test(name) || scope === "application"
        ? scope !== "application" || !restricted.includes(name)
        : restricted.includes(name),
    )
    .map(([name]) => name);
}

/**
 * Calls that take a whole list as their arguments. One of some ten thousands ends them with "Maximum call stack size
 * exceeded", and whatever they were about with it: a loop takes lists of any length.
 */
function spreadCalls(all: Files): string[] {
  const call =
    /\b(?:push|unshift|splice|toSpliced|concat|min|max|hypot|fromCharCode|fromCodePoint)\(|\.apply\((?:null|undefined|[A-Z])/g;
  return [...all].flatMap(([path, text]) =>
    path.startsWith("src/")
      ? [...text.matchAll(call)]
          .filter(({ 0: found, index }) => found.startsWith(".") || spreads(text, index + found.length))
          .map(([found]) => `${path}: ${found}`)
      : [],
  );
}

/**
 * Files that are renamed or removed at once. Windows refuses that while any other program has them open, as scanners and
 * a second window have for a moment: whoever does it waits for them, or says by `catch {}` that a later time will do.
 */
function hastyMoves(all: Files): string[] {
  const call = /(?<![.\w#]|function )(?:rename|rm|unlink)(?:Sync)?\((?!\w+: )[^;]*;[^;]{0,20}/g;
  return [...all].flatMap(([path, text]) =>
    path.startsWith("src/")
      ? [...text.matchAll(call)]
          .filter(({ 0: found, index }) => {
            const before = text.slice(Math.max(0, index - 120), index);
            return !/\bpatiently\(/.test(before) && !/maxRetries|\bcatch(?: |\(\(\) => )\{\}/.test(found);
          })
          .map(([found]) => `${path}: ${found}`)
      : [],
  );
}

/** Whether the arguments that begin here are spread out of a list, and not only hold something that is. */
function spreads(text: string, start: number): boolean {
  let depth = 1;
  for (let at = start; at < text.length && depth > 0; at++) {
    if (depth === 1 && text.startsWith("...", at)) return true;
    if ("([{".includes(text[at] ?? "")) depth++;
    if (")]}".includes(text[at] ?? "")) depth--;
  }
  return false;
}

/** Every id of ours that stands in a text as a word of its own. */
function idsIn(text: string): string[] {
  return [...text.matchAll(/\bfreightMail\.[A-Za-z][\w.]*\w/g)].map(([id]) => id);
}

const sorted = (names: Iterable<string>) => [...new Set(names)].sort();

describe("The architecture", () => {
  const files = readProject();
  const manifest = Manifest.parse(JSON.parse(manifestInEnglish()));
  const dependencies = Object.keys(manifest.dependencies);
  const { contributes } = manifest;
  const host = [...files].filter(([path]) => /^src\/(extension|app\/|accounts\/|delivery\/|ui\/)/.test(path));
  const hostText = host.map(([, text]) => text).join("\n");

  it("was read as a whole", () => {
    for (const path of [
      "src/extension.ts",
      "src/sandbox/server.ts",
      "src/webview/main.ts",
      "README.md",
      ".ci/run",
    ])
      assert.ok(files.has(path), path);
    assert.ok(everyImport(files).length > 200);
  });

  describe("of imports", () => {
    it("has arrows in one direction only", () => assert.deepEqual(wrongArrows(files), []));
    it("has no cycle", () => assert.deepEqual(cycles(files), []));
    it("has no cycle of rooms", () => assert.deepEqual(cycles(files, roomOf), []));
    it("has no room that is full", () => assert.deepEqual(fullRooms(files), []));
    it("builds no object that needs a later one, so that objects have no cycle either", () => {
      const rooms = [...files]
        .filter(([path]) => path.startsWith("src/app/") || path === "src/delivery/createParts.ts")
        .map(([, text]) => text);
      const builders = rooms.flatMap(
        (text) => text.match(/^export (?:async )?function [\s\S]*?\n\}\n/gm) ?? [],
      );
      assert.deepEqual(builders.flatMap(forwardReferences), []);
      assert.ok((rooms.join().match(/= new \w+\(|own\(\s*new /g) ?? []).length > 40);
    });
    it("loads no page of the account wizard for a window that only goes on with a mail", () => {
      const loaded = [...loadedWith(files, "src/app/createApp.ts")].filter(isWizard);
      assert.deepEqual(loaded, []);
      assert.ok([...loadedWith(files, "src/ui/accounts/accountWizard.ts")].filter(isWizard).length > 3);
    });
    it("packs, and leaves looking for secrets to the threads", () => {
      const shapes = "src/files/secrets/secretSearch.ts";
      assert.ok(!loadedWith(files, "src/files/zip/packing.ts").has(shapes));
      assert.ok(loadedWith(files, "src/files/zip/packThread.ts").has(shapes));
    });
    it("leaves the inner files of rooms alone", () => {
      assert.deepEqual(intrusions(files), []);
      for (const room of Object.keys(INNER))
        assert.ok([...files.keys()].some((path) => roomOf(path) === room));
    });
    it("takes from elsewhere only what its place allows", () =>
      assert.deepEqual(strangers(files, dependencies), []));
  });

  it("says in the first lines of each file what it is for", () => assert.deepEqual(unintroduced(files), []));

  it("knows the second service only where it is spoken to", () => {
    // One of Git's classes of characters has that name, and a policy names services.
    const mayKnow =
      /^src\/(files\/folder\/ignorePattern|policy\/policySchema|services\/(graph|drive)\/|transfer\/(graphRanges|rangeRules)|accounts\/|ui\/accounts\/|sandbox\/)/;
    const lines = [...files]
      .filter(([path]) => path.startsWith("src/") && !mayKnow.test(path))
      .flatMap(([path, text]) =>
        text.split("\n").flatMap((line) => (/\bgraph|Graph/.test(line) ? [`${path}: ${line}`] : [])),
      );
    assert.deepEqual(lines, []);
    assert.ok([...files.keys()].some((path) => path.startsWith("src/") && mayKnow.test(path)));
  });

  it("knows where files lie that go as links only where that is spoken to", () => {
    assert.deepEqual(drives(files), []);
    for (const path of Object.keys(DRIVES))
      assert.ok(
        drives(files, []).some((found) => found.startsWith(path)),
        `${path} knows none any more`,
      );
  });

  describe("of ids", () => {
    const commands = contributes.commands.map(({ command }) => command);
    const views = Object.values(contributes.views)
      .flat()
      .map(({ id }) => id);
    const settings = [...settingsOf(manifest).keys()];
    const steps = contributes.walkthroughs.flatMap((walkthrough) => walkthrough.steps);
    const conditions = [
      ...[...Object.values(contributes.menus).flat(), ...contributes.viewsWelcome].map(
        ({ when }) => when ?? "",
      ),
      ...steps
        .flatMap(({ completionEvents }) => completionEvents)
        .filter((event) => event.startsWith("onContext:")),
    ];
    const contextKeys = conditions
      .flatMap((when) => idsIn(when.replace(/view == \S+/g, "")))
      .concat(
        idsIn(
          files
            .get("package.json")
            ?.match(/"enablement": "[^"]*"/g)
            ?.join() ?? "",
        ),
      );

    it("names the same commands in the manifest and in the code", () => {
      assert.deepEqual(sorted(commands), sorted(COMMAND_NAMES.map((name) => `freightMail.${name}`)));
      assert.equal(commands.length, new Set(commands).size);
    });

    it("names the same tools for language models in the manifest and in the code", () => {
      const tools = contributes.languageModelTools.map(({ name }) => name);
      assert.deepEqual(sorted(tools), sorted(TOOL_NAMES));
    });

    it("gives tools for language models nothing in hand that could send", () => {
      const arrows = everyImport(files).filter(({ path }) => path.startsWith("src/ui/assistant/"));
      const reached = arrows.map(({ path, name }) => (isOurs(name) ? target(path, name) : name));
      const forbidden = /runner|sender|composePanel|commands|services\//;
      assert.notEqual(arrows.length, 0);
      assert.deepEqual(
        reached.filter((name) => forbidden.test(name)),
        [],
      );
      const code = [...files]
        .filter(([path]) => path.startsWith("src/ui/assistant/"))
        .map(([, text]) => text);
      assert.doesNotMatch(code.join(), /executeCommand|\.send\(/);
    });

    it("links only commands, and shows only pictures, that there are", () => {
      const texts = [
        ...contributes.viewsWelcome.map((view) => view.contents),
        ...steps.map((step) => step.description),
      ];
      const linked = texts.flatMap((text) =>
        [...text.matchAll(/\(command:(freightMail\.\w+)/g)].map(([, id]) => id),
      );
      assert.ok(linked.length > 5);
      for (const id of linked) assert.ok(commands.includes(id ?? ""), id);
      const done = steps.flatMap(({ completionEvents }) => completionEvents);
      for (const event of done.filter((name) => name.startsWith("onCommand:")))
        assert.ok(commands.includes(event.slice("onCommand:".length)), event);
      const tour = contributes.walkthroughs.map(({ id }) => `freight-mail.freight-mail#${id}`);
      for (const [, id = ""] of texts.join().matchAll(/openWalkthrough\?([^)]*)/g))
        assert.ok(tour.includes(JSON.parse(decodeURIComponent(id))), id);
      // Built from there.
      const pictures = steps.map(({ media }) => media.svg.replace(/^dist\//, "media/"));
      for (const picture of pictures) assert.ok(existsSync(join(root, picture)), picture);
    });

    it("has its settings in groups, each in an order of its own", () => {
      for (const { title, properties } of contributes.configuration) {
        const orders = Object.values(properties).map(({ order }) => order);
        assert.deepEqual(orders, [...orders.keys()], title);
      }
    });

    it("puts only commands into menus that there are", () => {
      const used = Object.values(contributes.menus)
        .flat()
        .map(({ command }) => command);
      assert.deepEqual(
        used.filter((command) => !commands.includes(command)),
        [],
      );
    });

    it("names only views that there are", () => {
      const used = [
        ...contributes.viewsWelcome.map(({ view }) => view),
        ...conditions.flatMap((when) => [...when.matchAll(/view == (\S+)/g)].map(([, view = ""]) => view)),
        ...[...hostText.matchAll(/createTreeView\("([^"]+)"/g)].map(([, view = ""]) => view),
        ...[...hostText.matchAll(/viewId: "([^"]+)"/g)].map(([, view = ""]) => view),
      ];
      assert.deepEqual(sorted(used), sorted(views));
    });

    it("sets every context key that the manifest asks for", () => {
      assert.deepEqual(sorted(contextKeys), [
        "freightMail.hasAccount",
        "freightMail.hasCalendar",
        "freightMail.hasHistory",
        "freightMail.hasMail",
        "freightMail.hasSeenArrival",
        "freightMail.hasSent",
        "freightMail.isLeaving",
      ]);
      for (const key of contextKeys) assert.ok(hostText.includes(`"${key}"`), key);
    });

    it("restores the panel that it opens", () => {
      const [panel] = manifest.activationEvents.filter((event) => event.startsWith("onWebviewPanel:"));
      const type = panel?.slice("onWebviewPanel:".length) ?? "";
      assert.ok(hostText.includes(`PANEL_TYPE = "${type}"`), type);
      assert.ok(files.get("src/extension.ts")?.includes(`registerWebviewPanelSerializer("${type}"`));
    });

    it("reads the settings that there are", () => {
      const table =
        files.get("src/ui/editor/settingSchemas.ts")?.match(/const SETTINGS = \{([\s\S]*?)\n\}/)?.[1] ?? "";
      const read = [
        ...table.matchAll(/^ {2}"?([\w.]+)"?:/gm),
        ...hostText.matchAll(/\breadSetting\("([\w.]+)"/g),
      ].map(([, name = ""]) => `freightMail.${name}`);
      assert.deepEqual(sorted(read), sorted(settings));
    });

    it("uses no id in the code that nobody knows", () => {
      const own = [
        "freightMail.progress",
        "freightMail.undo",
        "freightMail.notKept",
        "freightMail.arrived",
        "freightMail.accounts",
        "freightMail.credential",
        "freightMail.upload",
      ];
      // VS Code gives each view a command that shows it.
      const focusing = views.map((view) => `${view}.focus`);
      const known = [
        ...commands,
        ...views,
        ...focusing,
        ...settings,
        ...contextKeys,
        ...own,
        "freightMail.compose",
      ];
      const used = [...hostText.matchAll(/["'`](freightMail\.[\w.]*\w)/g)].map(([, id = ""]) => id);
      assert.deepEqual(sorted(used.filter((id) => !known.includes(id))), []);
    });
  });

  it("lets no workspace decide where keys and files go", () => assert.deepEqual(looseSettings(manifest), []));
  it("hands no list over as arguments, however long it is", () => assert.deepEqual(spreadCalls(files), []));
  it("waits for other programs wherever it renames or removes a file", () =>
    assert.deepEqual(hastyMoves(files), []));
  it("has no time limits in test files, or none at all: a slow machine has one for all", () => {
    const limits = [...files].filter(
      ([path, text]) => /^test\/.*\.test\.ts$/.test(path) && /(?<!AbortSignal)\.timeout\((?!0\))/.test(text),
    );
    // This file has it in its own rule.
    assert.deepEqual(
      limits.map(([path]) => path).filter((path) => path !== "test/unit/architecture.test.ts"),
      [],
    );
  });
  it("knows no machine's paths", () => assert.deepEqual(machinePaths(files), []));
  it("knows no host but the service's, examples, and something to read", () =>
    assert.deepEqual(strangeHosts(files), []));

  describe("would not pass", () => {
    /** A project of these files, and of one that everybody may import. */
    const made = (entries: Readonly<Record<string, string>>): Files =>
      new Map(Object.entries({ "src/shared/format.ts": "", "src/base/errors.ts": "", ...entries }));

    for (const [path, text, to] of [
      ["src/net/http.ts", 'import { x } from "../delivery/store/store.ts";', "src/delivery/store/store.ts"],
      [
        "src/transfer/upload.ts",
        'import type { X } from "../services/nylas/nylasSessions.ts";',
        "src/services/nylas/nylasSessions.ts",
      ],
      [
        "src/delivery/runner.ts",
        'import {\n  a,\n  b,\n} from "../ui/notices/notify.ts";',
        "src/ui/notices/notify.ts",
      ],
      ["src/ui/commands/commands.ts", 'import "../../app/app.ts";', "src/app/createApp.ts"],
      [
        "src/services/nylas/nylasSessions.ts",
        'const x = await import("../../delivery/store/store.ts");',
        "src/delivery/store/store.ts",
      ],
      [
        "src/services/nylas/nylasSessions.ts",
        'type X = typeof import("../../delivery/store/store.ts");',
        "src/delivery/store/store.ts",
      ],
      [
        "src/services/nylas/nylasSessions.ts",
        'export { x } from "../../delivery/store/store.ts";',
        "src/delivery/store/store.ts",
      ],
      ["src/base/errors.ts", 'import { x } from "../net/http.ts";', "src/net/http.ts"],
      ["src/shared/format.ts", 'import { x } from "../base/errors.ts";', "src/base/errors.ts"],
      ["src/webview/main.ts", 'import { x } from "../base/errors.ts";', "src/base/errors.ts"],
      [
        "src/webview/main.ts",
        'import { x } from "../delivery/store/store.ts";',
        "src/delivery/store/store.ts",
      ],
      ["src/ui/panel/composePanel.ts", 'import { x } from "../../webview/main.ts";', "src/webview/main.ts"],
      ["src/sandbox/server.ts", 'import { x } from "../shared/format.ts";', "src/shared/format.ts"],
      ["src/services/practice.ts", 'import { x } from "../sandbox/server.ts";', "src/sandbox/server.ts"],
    ] as const)
      it(`with an arrow from ${path} to ${to}: ${text.slice(0, 20)}`, () => {
        assert.equal(wrongArrows(made({ [to]: "", [path]: text })).length, 1);
        assert.equal(wrongArrows(made({ [to]: "", [path]: `// ${text.replaceAll("\n", " ")}` })).length, 0);
      });

    it("with an import of a file that there is not", () => {
      assert.equal(wrongArrows(made({ "src/net/http.ts": 'import { x } from "./gone.ts";' })).length, 1);
    });

    it("with a cycle, also of types", () => {
      const circle = made({
        "src/net/a.ts": 'import { b } from "./b.ts";',
        "src/net/b.ts": 'import type { C } from "./c.ts";',
        "src/net/c.ts": 'export { a } from "./a.ts";',
      });
      assert.deepEqual(cycles(circle), ["src/net/a.ts → src/net/b.ts → src/net/c.ts → src/net/a.ts"]);
    });

    it("with a cycle of rooms that is none of files", () => {
      const rooms = made({
        "src/net/a.ts": 'import { b } from "../files/b.ts";',
        "src/files/b.ts": "",
        "src/files/c.ts": 'import { d } from "../net/d.ts";',
        "src/net/d.ts": "",
      });
      assert.deepEqual(cycles(rooms), []);
      assert.deepEqual(cycles(rooms, roomOf), ["src/net → src/files → src/net"]);
    });

    for (const [what, text] of [
      ["in a function", "  const a = () => b.run();\n  const b = new B(a);"],
      ["as a property of its name", "  const a = new A({ b });\n  const b = new B(a);"],
      ["taken out of another", "  const a = () => b();\n  const { c, b } = make(a);"],
    ] as const)
      it(`with an object that needs a later one ${what}`, () =>
        assert.deepEqual(forwardReferences(text), ["b"]));
    it("but would with one that has a property called like a later one", () =>
      assert.deepEqual(
        forwardReferences('  const a = new A({ b: "b" }, c.b); // b\n  const b = new B(a);'),
        [],
      ));

    it("with a room that is full", () => {
      const names = Array.from({ length: ROOM_FILES + 1 }, (_, number) => `src/net/${number}.ts`);
      assert.deepEqual(fullRooms(made(Object.fromEntries(names.map((name) => [name, ""])))), ["src/net"]);
    });

    for (const text of ['import x from "./x.ts";\n/** Why. */', "// Why.", "/* Why. */", "\n/** Why. */", ""])
      it(`with a file that begins with ${JSON.stringify(text)}`, () =>
        assert.deepEqual(unintroduced(new Map([["src/x.ts", text]])), ["src/x.ts"]));
    it("but would with one that begins with what it is for", () =>
      assert.deepEqual(unintroduced(new Map([["src/x.ts", "/** Why. */"]])), []));

    it("with somebody from elsewhere in an inner room", () => {
      const sender = { "src/delivery/send/sender.ts": "" };
      const text = 'import { x } from "../../delivery/send/sender.ts";';
      assert.equal(intrusions(made({ ...sender, "src/ui/panel/composePanel.ts": text })).length, 1);
      assert.deepEqual(
        intrusions(made({ ...sender, "src/delivery/runner.ts": 'import { x } from "./send/sender.ts";' })),
        [],
      );
    });

    for (const text of [
      'import { x } from "../services/drive/driveLinks.ts";',
      "const myDrive = 1;",
      "// Of a OneDrive",
      "class DriveThing {}",
      "SharePointSite",
    ])
      it(`with a drive in ${text}`, () => {
        assert.equal(drives(made({ "src/delivery/runner.ts": text })).length, 1);
        assert.deepEqual(drives(made({ "src/services/drive/driveLinks.ts": text })), []);
      });
    for (const text of ["isDrivenElsewhere()", "// a driver of Windows"])
      it(`but would with ${text}`, () =>
        assert.deepEqual(drives(made({ "src/delivery/runner.ts": text })), []));

    for (const [path, name] of [
      ["src/delivery/store/store.ts", "vscode"],
      ["src/base/errors.ts", "vscode"],
      ["src/webview/main.ts", "vscode"],
      ["src/shared/format.ts", "vscode"],
      ["src/services/nylas/nylasSessions.ts", "undici"],
      ["src/services/nylas/nylasSessions.ts", "node:fs"],
      ["src/services/nylas/nylasSessions.ts", "node:fs/promises"],
      ["src/transfer/upload.ts", "fs"],
      ["src/ui/commands/commands.ts", "node:fs"],
      ["src/shared/message.ts", "node:crypto"],
      ["src/webview/main.ts", "crypto"],
      ["src/net/http.ts", "fast-check"],
      ["src/net/http.ts", "@google-cloud/storage"],
    ] as const)
      it(`with ${name} in ${path}`, () => {
        const text = `import { x } from "${name}";`;
        assert.equal(strangers(made({ [path]: text }), dependencies).length, 1);
      });

    for (const [path, name] of [
      ["src/ui/commands/commands.ts", "vscode"],
      ["src/net/connect/agent.ts", "undici"],
      ["src/delivery/store/disk/journal.ts", "node:fs"],
      ["src/sandbox/outbox/outbox.ts", "node:fs"],
      ["src/sandbox/outbox/letter.ts", "nodemailer/lib/mail-composer"],
      ["src/shared/message.ts", "zod"],
    ] as const)
      it(`but would with ${name} in ${path}`, () => {
        assert.deepEqual(strangers(made({ [path]: `import { x } from "${name}";` }), dependencies), []);
      });

    // Put together, lest this file itself is found.
    for (const text of [
      "all.push(...more);",
      "all.push(first, ...more.map((one) => one.name));",
      "all.splice(at, 0, ...more);",
      "const least = Math.min(...sizes);",
      "const most = Math.max(0, ...nodes.map(({ size }) => size));",
      "String.fromCharCode(...codes)",
      "Math.max.apply(null, sizes);",
    ])
      it(`with the list in ${text}`, () => assert.equal(spreadCalls(made({ "src/x.ts": text })).length, 1));
    for (const text of [
      "all = [...all, ...more];",
      "call({ ...options, size });",
      "all.push({ ...one, size });",
      "f(...args)",
      'store.apply(id, { type: "sent" });',
    ])
      it(`but would with ${text}`, () => assert.deepEqual(spreadCalls(made({ "src/x.ts": text })), []));

    for (const text of [
      "await rename(path, other);\n",
      "rmSync(path, { force: true });\n",
      "void unlink(path);\n",
    ])
      it(`with the haste of ${text}`, () => assert.equal(hastyMoves(made({ "src/x.ts": text })).length, 1));
    for (const text of [
      "await patiently(() => rename(path, other), patience);\n",
      "await rm(folder, { recursive: true, maxRetries: 5 });\n",
      "try {\n  rmSync(path);\n} catch {}\n",
      "runner.rename(id, name);\n",
    ])
      it(`but would with the patience of ${text}`, () =>
        assert.deepEqual(hastyMoves(made({ "src/x.ts": text })), []));

    for (const text of [
      `"/${"home"}/ann/x"`,
      `open /${"Users"}/ann`,
      `cd /${"work"}/main`,
      `C:\\${"Users"}\\ann`,
    ])
      it(`with the path ${text}`, () => assert.equal(machinePaths(made({ "README.md": text })).length, 1));
    for (const text of ["src/work/x", "https://h.example/home/x", "~/home", "/v3/grants", "node:path"])
      it(`but would with ${text}`, () => assert.deepEqual(machinePaths(made({ "README.md": text })), []));

    for (const host of [
      "telemetry.freight.io",
      "api.au.nylas.com",
      "nylas.com.evil.io",
      "10.0.0.1",
      "registry.npmjs.org",
    ])
      it(`with the host ${host}`, () =>
        assert.equal(strangeHosts(made({ "src/x.ts": `fetch("${"https:"}//${host}/x")` })).length, 1));

    for (const [what, name, scope, restricted] of [
      ["a destination that a workspace may set", "freightMail.nylas.apiUri", "window", true],
      ["a destination that is not restricted", "freightMail.nylas.apiUri", "application", false],
      ["a setting of the application that is not restricted", "freightMail.other", "application", false],
      ["a restriction that is none", "freightMail.other", "window", true],
    ] as const)
      it(`with ${what}`, () => {
        const changed = structuredClone(manifest);
        changed.contributes.configuration = [{ title: "x", properties: { [name]: { scope, default: "" } } }];
        changed.capabilities.untrustedWorkspaces.restrictedConfigurations = restricted ? [name] : [];
        assert.deepEqual(looseSettings(changed), [name]);
      });
  });
});
