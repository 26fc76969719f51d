/** The settings, typed. Read when needed, so that a change counts at once. */
import * as vscode from "vscode";
import * as z from "zod";

const Settings = {
  "nylas.apiUri": z.string().catch(""),
  notifications: z.enum(["needed", "errorsOnly"]).catch("needed"),
} as const;

/** The value of `freightMail.<name>` as a schema reads it, for a setting that only one part knows. */
export function readSetting<T>(name: string, schema: z.ZodType<T>): T {
  return schema.parse(vscode.workspace.getConfiguration("freightMail").get(name));
}

/** The value of `freightMail.<name>`; a value that is none of the setting's counts as its default. */
export function setting<N extends keyof typeof Settings>(name: N): z.infer<(typeof Settings)[N]>;
export function setting(name: keyof typeof Settings): unknown {
  return readSetting<unknown>(name, Settings[name]);
}
