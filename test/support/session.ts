import { readdirSync, readFileSync } from "node:fs";
import { glob, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { ensureVsix } from "../../scripts/package.ts";
import { openChromium } from "../../scripts/vscode/chromium.ts";
import { Host, type HostOptions } from "../../scripts/vscode/host.ts";
import type { Server } from "../../scripts/vscode/server.ts";
import { keybindings as ownKeybindings } from "./keys.ts";
import { openSessions } from "./openSessions.ts";
import { PATIENCE_MS, until } from "./until.ts";
import { Workbench } from "./workbench.ts";

export interface SessionOptions extends Partial<HostOptions> {
  /** The color theme's name, for example "Default Dark Modern". */
  readonly theme?: string;
  /** VS Code's display language: what extensions are told. VS Code itself, which has no pack for it here, speaks English. */
  readonly language?: string;
}

/** A VS Code with the packaged extension, and a browser that shows it. */
export class WorkbenchSession {
  readonly #host: Host;
  readonly #language: string | undefined;
  #context: BrowserContext;
  #page: Page;
  #workbench: Workbench;
  /** What has to be done while the window is there. */
  #lastWishes: Promise<unknown> = Promise.resolve();

  constructor(host: Host, { context, page }: OpenWindow, language: string | undefined) {
    this.#host = host;
    this.#language = language;
    this.#context = context;
    this.#page = page;
    this.#workbench = new Workbench(page);
    openSessions.add(this);
  }

  get workbench(): Workbench {
    return this.#workbench;
  }

  get page(): Page {
    return this.#page;
  }

  get context(): BrowserContext {
    return this.#context;
  }

  get server(): Server {
    return this.#host.server;
  }

  get dataDir(): string {
    return this.#host.dataDir;
  }

  get workspaceDir(): string {
    return this.#host.workspaceDir;
  }

  /** A file of the workspace. */
  path(name: string): string {
    return join(this.workspaceDir, name);
  }

  /** The process of the extension host; of several the youngest, for old ones stay some seconds after a reload. */
  extensionHostPid(): Promise<number> {
    return until("an extension host runs", () => extensionHosts(this.server.pid).at(-1));
  }

  /** Opens a second window on the same workspace, with an extension host of its own. */
  async openWindow(): Promise<Workbench> {
    const page = await this.#context.newPage();
    await page.goto(this.#host.address);
    const workbench = new Workbench(page);
    await workbench.ready();
    return workbench;
  }

  /** Reloads the window: extensions are deactivated and start again. */
  async reload(): Promise<void> {
    await this.#page.reload();
    await this.#workbench.ready();
  }

  /** Ends browser and server and starts both again on the same profile, as after a restart of the machine. */
  async restart(): Promise<void> {
    await this.#context.close();
    await this.#host.restart();
    const { context, page } = await openWindow(this.#host, this.#language);
    this.#context = context;
    this.#page = page;
    this.#workbench = new Workbench(page);
  }

  /** What the extension hosts have logged, extensions' output channels included. */
  async log(): Promise<string> {
    const parts: string[] = [];
    for await (const file of glob(join(this.dataDir, "logs/*/exthost*/**/*.log"))) {
      const text = await readFile(file, "utf8");
      if (text) parts.push(`--- ${basename(file)}\n${text}`);
    }
    return parts.join("\n");
  }

  /** The window stays open until this is done. */
  beforeClosing(done: Promise<void>): void {
    const said = done.catch((error: unknown) => console.error(error));
    this.#lastWishes = Promise.all([this.#lastWishes, said]);
  }

  async dispose(): Promise<void> {
    openSessions.delete(this);
    await this.#lastWishes;
    await this.#context.close();
    await this.#host.dispose();
  }
}

/** Installs the extension into a fresh VS Code, opens a fresh workspace in it and shows it in a browser. */
export async function openWorkbench(options: SessionOptions = {}): Promise<WorkbenchSession> {
  const { theme, language, settings, keybindings = [], ...rest } = options;
  const host = await Host.open({
    ...rest,
    vsix: options.vsix ?? (await ensureVsix()),
    keybindings: [...ownKeybindings, ...keybindings],
    settings: {
      "freightMail.undoSendSeconds": 0,
      // It would ask the service 15 seconds after each mail, between whatever a test counts.
      "freightMail.noticeReturnedMail": false,
      "workbench.reduceMotion": "on", // a picture of a menu that fades in shows no menu
      ...(theme && { "workbench.colorTheme": theme }),
      ...settings,
    },
  });
  try {
    return new WorkbenchSession(host, await openWindow(host, language), language);
  } catch (error) {
    await host.dispose();
    throw error;
  }
}

interface OpenWindow {
  readonly context: BrowserContext;
  readonly page: Page;
}

async function openWindow(host: Host, language: string | undefined): Promise<OpenWindow> {
  // Secrets, global state and trust live in the browser's profile; a restart finds them there.
  const context = await openChromium(host.installation.browser, join(host.scratchDir, "browser"));
  try {
    // Before the first page: it loads all of VS Code, on a machine that may have other work.
    context.setDefaultTimeout(PATIENCE_MS);
    await context.addInitScript(noteMessages);
    if (language !== undefined) await context.addInitScript(speak, language);
    const page = context.pages()[0] ?? (await context.newPage());
    await page.goto(host.address);
    await new Workbench(page).ready();
    return { context, page };
  } catch (error) {
    await context.close();
    throw error;
  }
}

declare global {
  interface Window {
    /** When a message was shown last, in milliseconds since the epoch. */
    lastMessageAt?: number;
  }
}

/** Runs in each page before anything else. */
function noteMessages(): void {
  const isMessage = (node: Node) => node instanceof Element && node.matches(".notification-toast-container");
  new MutationObserver((records) => {
    if (records.some(({ addedNodes }) => [...addedNodes].some(isMessage))) window.lastMessageAt = Date.now();
  }).observe(document, { subtree: true, childList: true });
}

/** Runs in each page before anything else: what a language pack would have said. */
function speak(language: string): void {
  Object.defineProperty(globalThis, "_VSCODE_NLS_LANGUAGE", { get: () => language, set: () => {} });
}

/** Reads the process table of Linux: the children of the server that are extension hosts, oldest first. */
function extensionHosts(serverPid: number): number[] {
  const found: { pid: number; startedAt: number }[] = [];
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      // The fields after the program's name, which may hold spaces: [1] parent, [19] start time.
      const fields = readFileSync(`/proc/${name}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
      const isHost = readFileSync(`/proc/${name}/cmdline`, "utf8").includes("--type=extensionHost");
      if (isHost && Number(fields[1]) === serverPid)
        found.push({ pid: Number(name), startedAt: Number(fields[19]) });
    } catch {
      // It ended while we looked.
    }
  }
  return found.sort((a, b) => a.startedAt - b.startedAt).map(({ pid }) => pid);
}
