/** The typed settings. Read when needed, so that a change applies immediately. */
import * as vscode from "vscode";
import type * as z from "zod";
import type { LinkLimits } from "../../delivery/words/linkLimits.ts";
import type { NetworkSettings } from "../../net/connect/dialler.ts";
import { bounded, isManaged, type ManagedSettings } from "../../policy/managedSettings.ts";
import { machinePolicy } from "../../policy/policyFile.ts";
import { readNetworkSettings, SETTINGS } from "./settingSchemas.ts";

/** The value of `freightMail.<name>` as a schema reads it, for a setting that only one part knows. */
export function readSetting<T>(name: string, schema: z.ZodType<T>): T {
  return schema.parse(vscode.workspace.getConfiguration("freightMail").get(name));
}

/** Sets `freightMail.<name>` for this person, wherever they work. */
export async function writeSetting(name: string, value: string): Promise<void> {
  await vscode.workspace
    .getConfiguration("freightMail")
    .update(name, value, vscode.ConfigurationTarget.Global);
}

/** Those that a policy of the machine can bound: what is read of them is what counts. */
const MANAGED: { readonly [N in keyof ManagedSettings]: z.ZodType<ManagedSettings[N]> } = SETTINGS;

type Own = Exclude<keyof typeof SETTINGS, keyof ManagedSettings>;

/** The value of `freightMail.<name>`; a value that is none of the setting's counts as its default. */
export function setting<N extends Own>(name: N): z.infer<(typeof SETTINGS)[N]>;
export function setting(name: Own): unknown {
  return readSetting<unknown>(name, SETTINGS[name]);
}

/** The same of a setting that a policy can bound. */
export function managedSetting<N extends keyof ManagedSettings>(name: N): ManagedSettings[N] {
  return bounded(name, own(name), machinePolicy.read());
}

/** True where a policy makes something else of what the person has set. */
export function isManagedSetting(name: keyof ManagedSettings): boolean {
  return isManaged(name, own(name), machinePolicy.read());
}

/** What a person may choose for links at most: as they have set, or less where a policy says so. */
export function linkLimits(): LinkLimits {
  const days = managedSetting("links.days");
  return { audience: managedSetting("links.audience"), days: days === 0 ? null : days };
}

function own<N extends keyof ManagedSettings>(name: N): ManagedSettings[N] {
  return readSetting<ManagedSettings[N]>(name, MANAGED[name]);
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
