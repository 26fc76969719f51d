/** The settings, typed. Read when needed, so that a change counts at once. */
import * as vscode from "vscode";
import * as z from "zod";
import type { NetworkSettings } from "../net/dialler.ts";
import { BodyFormat } from "../shared/contract.ts";

const Settings = {
  "nylas.apiUri": z.string().catch(""),
  "history.days": z.int().min(1).max(3650).catch(60),
  undoSendSeconds: z.number().min(0).max(30).catch(5),
  "body.format": BodyFormat.catch("markdown"),
  "body.template": z.string().catch(""),
  "body.signature": z.string().catch(""),
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

/**
 * VS Code's own `http.*`, which it does not apply to us: it patches Node's modules, not an HTTP client that an extension
 * brings. Only the user's values count, as in VS Code itself: no workspace says where mails go.
 */
export function networkSettings(): NetworkSettings {
  const http = vscode.workspace.getConfiguration("http");
  const read = <T extends z.ZodType>(name: string, schema: T): z.infer<T> => {
    const found = http.inspect(name);
    return schema.parse(found?.globalValue ?? found?.defaultValue);
  };
  const text = z.string().catch("");
  const yes = z.boolean().catch(true);
  return {
    enabled: read("proxySupport", text) !== "off",
    proxy: read("proxy", text),
    noProxy: read("noProxy", z.array(z.string()).catch([])),
    proxyAuthorization: read("proxyAuthorization", text),
    strictSSL: read("proxyStrictSSL", yes),
    systemCertificates: read("systemCertificates", yes),
  };
}
