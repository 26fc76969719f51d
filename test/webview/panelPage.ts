import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { installChromium } from "../../scripts/vscode/chromiumBuild.ts";
import { PanelState } from "../../src/shared/contract/form.ts";
import { FromPanel } from "../../src/shared/contract/messages.ts";
import type { PanelSnapshot } from "../../src/shared/contract/snapshot.ts";
import { PageForm, type WholeIntent } from "../../src/ui/panel/pageForm.ts";
import { message } from "./snapshots.ts";
import { type Theme, themes } from "./themes.ts";

const root = join(import.meta.dirname, "../..");
const origin = "https://panel.test";
const nonce = "bm9uY2U";

/** What VS Code's webview page adds before the extension's own head, as of 1.139. */
const defaultStyles = `@layer vscode-default {
  html { scrollbar-color: var(--vscode-scrollbarSlider-background) var(--vscode-editor-background); }
  body { overscroll-behavior-x: none; background-color: transparent; color: var(--vscode-editor-foreground);
    font-family: var(--vscode-font-family); font-weight: var(--vscode-font-weight);
    font-size: var(--vscode-font-size); margin: 0; padding: 0 20px; }
  a:focus, input:focus, select:focus, textarea:focus {
    outline: 1px solid -webkit-focus-ring-color; outline-offset: -1px; }
  code { font-family: var(--monaco-monospace-font); color: var(--vscode-textPreformat-foreground);
    background-color: var(--vscode-textPreformat-background); padding: 1px 3px; border-radius: 4px; }
}`;

const policy = `default-src 'none'; style-src ${origin}; script-src 'nonce-${nonce}'; img-src ${origin}; font-src ${origin}`;

const html = ({
  name,
  texts,
}: Language) => `<!DOCTYPE html><html lang="${name}"><head><style>${defaultStyles}</style><meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1.0">
<link rel="stylesheet" href="${origin}/panel.css"><title>Freight Mail</title></head>
<body data-delivery-id="d1"><main id="app"></main><script type="application/json" id="texts">${JSON.stringify(texts)}</script><script nonce="${nonce}" src="${origin}/webview.js"></script></body></html>`;

const chart = `<svg xmlns="http://www.w3.org/2000/svg" width="160" height="60"><rect width="160" height="60" fill="teal"/></svg>`;

let browser: Promise<Browser> | undefined;
let script: Promise<string> | undefined;

after(async () => (await browser)?.close());

/** As VS Code hands it out. */
export interface Language {
  readonly name: string;
  /** By `textKey`; null: there are none. */
  readonly texts: Readonly<Record<string, string>> | null;
}

const english: Language = { name: "en", texts: null };

export interface PanelOptions {
  readonly language?: Language;
  readonly theme?: Theme;
  /** What `getState()` answers when the page loads. */
  readonly state?: unknown;
  /** Whether the page's clock stands still until it is moved. */
  readonly frozenAt?: number;
  readonly context?: BrowserContextOptions;
  /** Classes that VS Code adds to the body besides the theme's. */
  readonly bodyClass?: string;
}

/** The compose panel in a browser, with a stand-in for VS Code around it. */
export class PanelPage {
  readonly page: Page;
  /** Everything that would be a defect: exceptions, errors of the console, violations of the policy. */
  readonly faults: string[] = [];
  readonly warnings: string[] = [];

  private constructor(page: Page) {
    this.page = page;
    page.on("pageerror", (error) => this.faults.push(error.message));
    page.on("console", (entry) => {
      if (entry.type() === "error") this.faults.push(entry.text());
      if (entry.type() === "warning") this.warnings.push(entry.text());
    });
  }

  static async open(options: PanelOptions = {}): Promise<PanelPage> {
    browser ??= launch();
    script ??= bundle();
    const context = await (await browser).newContext({
      viewport: { width: 1000, height: 900 },
      ...options.context,
    });
    const panel = new PanelPage(await context.newPage());
    const files = new Map([
      ["/", { contentType: "text/html", body: html(options.language ?? english) }],
      [
        "/panel.css",
        { contentType: "text/css", body: await readFile(join(root, "media/panel.css"), "utf8") },
      ],
      ["/chart.svg", { contentType: "image/svg+xml", body: chart }],
      ["/webview.js", { contentType: "text/javascript", body: await script }],
    ]);
    await panel.page.route("**/*", (route) => {
      const file = files.get(new URL(route.request().url()).pathname);
      return file === undefined ? route.abort() : route.fulfill(file);
    });
    // Installed a minute early: the clock can only be stopped at a moment that is still to come.
    if (options.frozenAt !== undefined) await panel.page.clock.install({ time: options.frozenAt - 60_000 });
    await panel.page.addInitScript(standInForVsCode, {
      state: options.state ?? null,
      bodyClass: options.bodyClass ?? "",
      theme: options.theme ?? themes.darkModern,
    });
    await panel.page.goto(`${origin}/`);
    if (options.frozenAt !== undefined) await panel.page.clock.pauseAt(options.frozenAt);
    return panel;
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }

  /** Sends anything to the page, as the host might. */
  async receive(data: unknown): Promise<void> {
    await this.page.evaluate(
      (value) =>
        new Promise<void>((resolve) => {
          // Ours is the later listener: when it runs, the page has dealt with the message.
          window.addEventListener("message", () => resolve(), { once: true });
          window.postMessage(value, "*");
        }),
      data,
    );
  }

  async show(view: PanelSnapshot): Promise<void> {
    await this.receive(message(view));
  }

  /** What the page has posted so far, each message valid, without what it asks for by itself, and changes as the host reads them. */
  async posted(): Promise<WholeIntent[]> {
    const host = new PageForm();
    const intents = (await this.allPosted()).map((intent) => {
      const whole = host.read(intent);
      if (whole === undefined) throw new Error("The page has told a change of a form that it has not told.");
      return whole;
    });
    return intents.filter(({ type }) => type !== "ready" && type !== "peopleWanted");
  }

  async allPosted(): Promise<FromPanel[]> {
    const messages = await this.page.evaluate(() => window.postedByPanel);
    return messages.map((entry) => FromPanel.parse(entry));
  }

  /** What the chips of a field say, and behind them what is still text. */
  async recipients(field: "to" | "cc" | "bcc" | "replyTo"): Promise<string[]> {
    const chips = await this.page.locator(`.field-${field} .chip-name`).allTextContents();
    const typed = await this.page.locator(`#${field}`).inputValue();
    return typed === "" ? chips : [...chips, `${typed}|`];
  }

  /** Pastes into the element that has the focus, as Ctrl+V would. */
  async paste(text: string): Promise<void> {
    const taken = await this.page.evaluate((value) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", value);
      const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
      return !(document.activeElement?.dispatchEvent(event) ?? true);
    }, text);
    if (!taken) await this.page.keyboard.insertText(text);
  }

  async state(): Promise<PanelState | undefined> {
    const state = await this.page.evaluate(() => window.panelState);
    return state === null ? undefined : PanelState.parse(state);
  }

  async focusedId(): Promise<string> {
    return this.page.evaluate(() => document.activeElement?.id ?? "");
  }

  /** What the focused element is called, as assistive technology would say it. */
  async focusedName(): Promise<string> {
    return this.page.evaluate(() => {
      const node = document.activeElement;
      const isChoice = node instanceof HTMLInputElement && node.type === "radio";
      const label = isChoice ? node.labels?.[0]?.textContent : node?.textContent;
      return node?.getAttribute("aria-label") ?? (label || (node?.getAttribute("title") ?? ""));
    });
  }
}

declare global {
  interface Window {
    postedByPanel: unknown[];
    panelState: unknown;
    acquireVsCodeApi: () => unknown;
  }
}

/** Runs in the page before anything else. */
function standInForVsCode(options: { state: unknown; bodyClass: string; theme: Theme }): void {
  window.postedByPanel = [];
  window.panelState = options.state;
  let acquired = false;
  window.acquireVsCodeApi = () => {
    if (acquired) throw new Error("An instance of the VS Code API has already been acquired");
    acquired = true;
    return {
      postMessage: (value: unknown) => window.postedByPanel.push(structuredClone(value)),
      getState: () => window.panelState ?? undefined,
      setState: (value: unknown) => {
        window.panelState = structuredClone(value);
      },
    };
  };
  document.addEventListener("securitypolicyviolation", (event) =>
    console.error(`policy violation: ${event.violatedDirective} ${event.blockedURI}`),
  );
  document.addEventListener("DOMContentLoaded", () => {
    document.body.className = `${options.theme.bodyClass} ${options.bodyClass}`;
    for (const [name, value] of Object.entries(options.theme.variables))
      document.documentElement.style.setProperty(name, value);
  });
}

async function launch(): Promise<Browser> {
  const { executablePath, env } = await installChromium();
  return chromium.launch({
    executablePath,
    env: { ...process.env, ...env },
    chromiumSandbox: false,
    args: ["--disable-gpu", "--no-proxy-server", "--font-render-hinting=none"],
  });
}

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ["src/webview/main.ts"],
    bundle: true,
    write: false,
    platform: "browser",
    target: "chrome138",
    format: "iife",
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error("esbuild made nothing of src/webview/main.ts.");
  return file.text;
}
