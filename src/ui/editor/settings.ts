/** Typed settings, read when needed, so that a change applies immediately. */
import * as vscode from "vscode";
import type * as z from "zod";
import type { LinkLimits } from "../../delivery/links/linkLimits.ts";
import type { NetworkSettings } from "../../net/connect/dialler.ts";
import { bounded, isManaged, type ManagedSettings } from "../../policy/managedSettings.ts";
import { machinePolicy } from "../../policy/policyFile.ts";
import { readNetworkSettings, SETTINGS } from "./settingSchemas.ts";

/** The value of `freightMail.<name>` parsed by a schema, for a setting that only one part uses. */
export function readSetting<T>(name: string, schema: z.ZodType<T>): T {
  return schema.parse(vscode.workspace.getConfiguration("freightMail").get(name));
}

/** Sets `freightMail.<name>` in the user's settings. */
export async function writeSetting(name: string, value: string): Promise<void> {
  await vscode.workspace
    .getConfiguration("freightMail")
    .update(name, value, vscode.ConfigurationTarget.Global);
}

/** Settings that the machine's policy can restrict; the restricted value is the one that counts. */
const MANAGED: { readonly [N in keyof ManagedSettings]: z.ZodType<ManagedSettings[N]> } = SETTINGS;

type Own = Exclude<keyof typeof SETTINGS, keyof ManagedSettings>;

/** The value of `freightMail.<name>`; an invalid value counts as the default. */
export function setting<N extends Own>(name: N): z.infer<(typeof SETTINGS)[N]>;
export function setting(name: Own): unknown {
  return readSetting<unknown>(name, SETTINGS[name]);
}

/** The same for a setting that a policy can restrict. */
export function managedSetting<N extends keyof ManagedSettings>(name: N): ManagedSettings[N] {
  return bounded(name, own(name), machinePolicy.read());
}

/** True if a policy changes what the person has set. */
export function isManagedSetting(name: keyof ManagedSettings): boolean {
  return isManaged(name, own(name), machinePolicy.read());
}

/** The widest choices for links: those in the settings, or narrower ones by policy. */
export function linkLimits(): LinkLimits {
  const days = managedSetting("links.days");
  return { audience: managedSetting("links.audience"), days: days === 0 ? null : days };
}

function own<N extends keyof ManagedSettings>(name: N): ManagedSettings[N] {
  return readSetting<ManagedSettings[N]>(name, MANAGED[name]);
}

/**
 * VS Code's own `http.*`. It applies them to Node's modules, not to an HTTP client bundled with an extension.
 * Only the user's values count, as in VS Code itself: no workspace decides where mails go.
 */
export function networkSettings(): NetworkSettings {
  const http = vscode.workspace.getConfiguration("http");
  return readNetworkSettings((name) => {
    const found = http.inspect(name);
    return found?.globalValue ?? found?.defaultValue;
  });
}
