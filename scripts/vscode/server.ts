import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Installation } from "./install.ts";
import type { Listening, ServerConfig } from "./serverEntry.ts";

export interface ServerOptions extends Partial<Omit<ServerConfig, "serverDir">> {
  readonly installation: Pick<Installation, "serverDir" | "node">;
  readonly dataDir: string;
  readonly extensionsDir: string;
  /** Added to our own environment; extensions inherit it. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** A VS Code that serves its workbench on the loopback interface. */
export interface Server {
  /** The workbench's address with the token, if there is one, and the folder to open, if one is named. */
  address(folder?: string): string;
  readonly port: number;
  readonly pid: number;
  /** What the server has said so far. */
  output(): string;
  /** Ends the server and every process of it. */
  stop(): Promise<void>;
}

/** Starts a VS Code and waits until it listens. It ends with this process, however this process ends. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { installation, env, ...given } = options;
  const child = fork(join(import.meta.dirname, "serverEntry.ts"), [], {
    execPath: installation.node,
    execArgv: ["--disable-warning=ExperimentalWarning"], // type stripping, on Node 22
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    detached: true, // a process group of its own, which can be ended as a whole
    // The variable keeps VS Code's program from starting by itself when it is loaded.
    env: { ...process.env, ...env, CODE_SERVER_PARENT_PID: "1" },
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (text) => {
      said += String(text);
    });
  }
  const config: ServerConfig = {
    port: 0,
    developmentExtensions: [],
    testsPath: undefined,
    token: undefined,
    trusted: true,
    ...given,
    serverDir: installation.serverDir,
  };
  child.send(config);
  const { port } = await listening(child, () => said);
  const { pid } = child;
  if (pid === undefined) throw new Error("The server listens but has no process id.");
  return {
    port,
    pid,
    output: () => said,
    address(folder) {
      const url = new URL(`http://127.0.0.1:${port}/`);
      if (config.token) url.searchParams.set("tkn", config.token);
      if (folder) url.searchParams.set("folder", folder);
      else url.searchParams.set("ew", "true");
      return url.href;
    },
    stop: () => stop(child, pid),
  };
}

function listening(child: ChildProcess, said: () => string): Promise<Listening> {
  return new Promise((done, fail) => {
    child.once("message", (message: Listening) => done(message));
    child.once("error", fail);
    child.once("exit", (code, signal) =>
      fail(new Error(`VS Code's server ended (${code ?? signal}):\n${said()}`)),
    );
  });
}

async function stop(child: ChildProcess, group: number): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await Promise.race([ended, delay(2_000)]);
  }
  // Left alone, extension hosts stay for 5 s more.
  try {
    process.kill(-group, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error; // all gone already
  }
}
