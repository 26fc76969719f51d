/** The system's proxy for a URL, as VS Code finds it: only VS Code can run a PAC file. */
import { createRequire } from "node:module";
import { join } from "node:path";
import * as vscode from "vscode";
import { explain, type Log } from "../../base/log.ts";

export type FindProxy = (url: string) => Promise<string | undefined>;

/**
 * VS Code installs its resolver in its own copy of `@vscode/proxy-agent`. That API is undocumented, though
 * Microsoft's own extensions rely on it, so we do without if it is missing: we read settings and environment
 * ourselves, and miss only the system's proxy and PAC files.
 */
export function systemProxy(log: Log): FindProxy | undefined {
  const find = resolver();
  if (find === undefined) return undefined;
  return async (url) => {
    try {
      const found: unknown = await find(url);
      return typeof found === "string" && found !== "" ? found : undefined;
    } catch (reason) {
      log.warn(`VS Code could not say which proxy the system has; going direct. ${explain(reason)}`);
      return undefined;
    }
  };
}

function resolver(): ((url: string) => unknown) | undefined {
  const require = createRequire(import.meta.url);
  for (const modules of ["node_modules.asar", "node_modules"]) {
    try {
      const agent: unknown = require(join(vscode.env.appRoot, modules, "@vscode/proxy-agent"));
      const find: unknown = Object(agent).resolveProxyURL;
      if (typeof find === "function") return (url) => find(url);
    } catch {
      // This VS Code keeps it elsewhere, or no longer has it.
    }
  }
  return undefined;
}
