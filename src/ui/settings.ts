/** The settings, typed. Read when needed, so that a change counts at once. */
import * as vscode from "vscode";
import type * as z from "zod";
import type { NetworkSettings } from "../net/dialler.ts";
import { readNetworkSettings, SETTINGS } from "./settingSchemas.ts";

/** The value of `freightMail.<name>` as a schema reads it, for a setting that only one part knows. */
export function readSetting<T>(name: string, schema: z.ZodType<T>): T {
  return schema.parse(vscode.workspace.getConfiguration("freightMail").get(name));
}

/** The value of `freightMail.<name>`; a value that is none of the setting's counts as its default. */
export function setting<N extends keyof typeof SETTINGS>(name: N): z.infer<(typeof SETTINGS)[N]>;
export function setting(name: keyof typeof SETTINGS): unknown {
  return readSetting<unknown>(name, SETTINGS[name]);
}

/**
 * VS Code's own `http.*`, which it does not apply to us: it patches Node's modules, not an HTTP client that an extension
 * brings. Only the user's values count, as in VS Code itself: no workspace says where mails go.
 */
export function networkSettings(): NetworkSettings {
  const http = vscode.workspace.getConfiguration("http");
  return readNetworkSettings((name) => {
    const found = http.inspect(name);
    return found?.globalValue ?? found?.defaultValue;
  });
}
