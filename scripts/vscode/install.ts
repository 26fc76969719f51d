// Puts a real VS Code, its Node and a browser into .vscode-test/: `node scripts/vscode/install.ts [oldest|newest]`.
// None of it is a devDependency: code-server's own installation compiles, and refuses any Node but its own.
import { type Browser, installChromium } from "./chromiumBuild.ts";
import { type Edition, parseEdition } from "./layout.ts";
import { installNode } from "./nodeBuild.ts";
import { installServer } from "./serverBuild.ts";

/** Everything that one edition needs to run. */
export interface Installation {
  readonly serverDir: string;
  readonly node: string;
  readonly browser: Browser;
}

/** Makes an edition ready to run; does nothing where that was done before. */
export async function install(edition: Edition): Promise<Installation> {
  if (process.platform === "win32") {
    throw new Error("The npm build of VS Code does not run on Windows. Use desktop VS Code, or WSL.");
  }
  const serverDir = await installServer(edition);
  return { serverDir, node: await installNode(edition), browser: await installChromium() };
}

if (import.meta.main) {
  const wanted = process.argv.slice(2).map(parseEdition);
  for (const edition of wanted.length > 0 ? wanted : (["oldest", "newest"] as const)) {
    const { serverDir } = await install(edition);
    console.log(`${edition}: ${serverDir}`);
  }
}
