import { type BrowserContext, chromium } from "playwright-core";
import type { Browser } from "./chromiumBuild.ts";

/**
 * Opens a headless Chromium on a profile folder. Signals are left to the caller, who has a server to end as well; when
 * this process is killed the browser ends by itself.
 */
export function openChromium(browser: Browser, profileDir: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(profileDir, {
    executablePath: browser.executablePath,
    env: { ...definedEnvironment(), ...browser.env },
    args: [
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--no-first-run",
      "--no-proxy-server", // a proxy of the environment is none of the workbench's business: all of it is on loopback
      "--font-render-hinting=none",
    ],
    chromiumSandbox: false, // it wants rights that containers do not give
    viewport: { width: 1280, height: 800 },
    locale: "en-US",
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
}

function definedEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return Object.fromEntries(entries);
}
