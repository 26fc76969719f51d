import { existsSync } from "node:fs";
import { cp, glob, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { installFolder, installVsix } from "./command.ts";
import { type Installation, install } from "./install.ts";
import type { Edition } from "./layout.ts";
import { type Server, type ServerOptions, startServer } from "./server.ts";
import { type Settings, writeKeybindings, writeUserSettings } from "./settings.ts";

export interface HostOptions {
  readonly vsix: string;
  /** Other extensions to install. */
  readonly others?: readonly string[];
  readonly edition?: Edition;
  /** A folder to copy for the workspace. */
  readonly folder?: string;
  /** Files to write into the workspace, by relative path. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Puts more into the workspace before anybody opens it: what comes later the Explorer may miss. */
  readonly prepare?: (workspaceDir: string) => Promise<void>;
  readonly settings?: Settings;
  /** The user's, as in keybindings.json. */
  readonly keybindings?: readonly unknown[];
  readonly env?: Readonly<Record<string, string>>;
  /** False opens the workspace in Restricted Mode. */
  readonly trusted?: boolean;
  readonly token?: string;
  /**
   * Where this VS Code's extension looks for its policy. The product has no way to say that, so it is written into what
   * was installed; unset, the machine's own counts.
   */
  readonly policyPath?: string;
  /** Changes what was installed, before VS Code starts: the extension's folder. */
  readonly change?: (folder: string) => Promise<void>;
  /** Folders of extensions that nobody has packaged, to be installed beside ours. */
  readonly extensions?: readonly string[];
}

/** A VS Code on a fresh profile, with the packaged extension installed as a user installs it. */
export class Host {
  readonly installation: Installation;
  /** Holds everything of this host; removed by `dispose`. */
  readonly scratchDir: string;
  #server: Server;
  readonly #serverOptions: ServerOptions;

  private constructor(
    installation: Installation,
    scratchDir: string,
    server: Server,
    options: ServerOptions,
  ) {
    this.installation = installation;
    this.scratchDir = scratchDir;
    this.#server = server;
    this.#serverOptions = options;
  }

  static async open(options: HostOptions): Promise<Host> {
    const installation = await install(options.edition ?? "newest");
    // On macOS the temporary folder is reached through a link, and VS Code speaks of where it leads.
    const scratchDir = await realpath(await mkdtemp(join(tmpdir(), "freight-workbench-")));
    try {
      const dataDir = join(scratchDir, "data");
      const extensionsDir = join(scratchDir, "extensions");
      await writeUserSettings(dataDir, options.settings);
      if (options.keybindings !== undefined) await writeKeybindings(dataDir, options.keybindings);
      await fillWorkspace(join(scratchDir, "workspace"), options);
      for (const vsix of [options.vsix, ...(options.others ?? [])])
        await installVsix(installation, { vsix, dataDir, extensionsDir });
      for await (const folder of glob(join(extensionsDir, "freight-mail.freight-mail-*")))
        await options.change?.(folder);
      if (options.policyPath !== undefined) await movePolicy(extensionsDir, options.policyPath);
      for (const folder of options.extensions ?? []) await installFolder(folder, extensionsDir);
      const { env, trusted = true, token } = options;
      const serverOptions = { installation, dataDir, extensionsDir, env, trusted, token };
      return new Host(installation, scratchDir, await startServer(serverOptions), serverOptions);
    } catch (error) {
      await remove(scratchDir);
      throw error;
    }
  }

  get server(): Server {
    return this.#server;
  }

  get dataDir(): string {
    return join(this.scratchDir, "data");
  }

  get workspaceDir(): string {
    return join(this.scratchDir, "workspace");
  }

  /** The workbench's address with the workspace open. */
  get address(): string {
    return this.#server.address(this.workspaceDir);
  }

  /** Ends the server and starts it again at the same address, on the same profile. */
  async restart(): Promise<void> {
    await this.#server.stop();
    this.#server = await startServer({ ...this.#serverOptions, port: this.#server.port });
  }

  async dispose(): Promise<void> {
    await this.#server.stop();
    await remove(this.scratchDir);
  }
}

/** The place that the product knows on Linux; see src/policy/policyFile.ts. */
const POLICY_PATH = "/etc/freight-mail/policy.json";

async function movePolicy(extensionsDir: string, path: string): Promise<void> {
  let places = 0;
  for await (const file of glob(join(extensionsDir, "freight-mail.freight-mail-*/dist/**/*.js"))) {
    const code = await readFile(file, "utf8");
    const parts = code.split(JSON.stringify(POLICY_PATH));
    places += parts.length - 1;
    if (parts.length > 1) await writeFile(file, parts.join(JSON.stringify(path)));
  }
  if (places !== 1) throw new Error(`The policy's path stands in ${places} places of the extension`);
}

async function fillWorkspace(dir: string, { folder, files = {}, prepare }: HostOptions): Promise<void> {
  await mkdir(dir, { recursive: true });
  if (folder) await cp(folder, dir, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), content);
  }
  await prepare?.(dir);
}

async function remove(dir: string): Promise<void> {
  if (existsSync(dir)) await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
