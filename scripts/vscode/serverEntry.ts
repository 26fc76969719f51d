// The program that serves a VS Code; started by server.ts, which sends it one ServerConfig and hears one Listening.
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { pathToFileURL } from "node:url";

/** What the server is to be; it travels as a message because a command line, with the token, can be read by anybody. */
export interface ServerConfig {
  readonly serverDir: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly dataDir: string;
  readonly extensionsDir: string;
  readonly developmentExtensions: readonly string[];
  readonly testsPath: string | undefined;
  /** Without a token everybody on this machine gets a terminal. */
  readonly token: string | undefined;
  readonly trusted: boolean;
}

export interface Listening {
  readonly port: number;
}

/** The part of VS Code's server that serves requests. */
interface CodeServer {
  handleRequest(request: IncomingMessage, response: ServerResponse): void;
  handleUpgrade(request: IncomingMessage, socket: Duplex): void;
  dispose(): void;
}
interface ServerMain {
  loadCodeWithNls(): Promise<{ createServer(address: null, args: object): Promise<CodeServer> }>;
}

process.once("message", (config: ServerConfig) => serve(config));
// The channel closes when the starter dies, however it dies. An extension host that is still starting would outlive its
// server by a minute, so the whole process group goes; the server leads it.
process.on("disconnect", () => process.kill(-process.pid, "SIGKILL"));
process.on("SIGTERM", () => process.exit(0));

async function serve(config: ServerConfig): Promise<void> {
  const main: ServerMain = await import(pathToFileURL(join(config.serverDir, "out/server-main.js")).href);
  const code = await (await main.loadCodeWithNls()).createServer(null, {
    _: [],
    host: "127.0.0.1",
    "accept-server-license-terms": true,
    compatibility: "1.64",
    "telemetry-level": "off",
    "server-data-dir": config.dataDir,
    "user-data-dir": config.dataDir,
    "extensions-dir": config.extensionsDir,
    ...(config.token ? { "connection-token": config.token } : { "without-connection-token": true }),
    ...(config.trusted && { "disable-workspace-trust": true }),
  });
  process.on("exit", () => code.dispose());

  const key = secretKey(config.dataDir);
  const server = createServer((request, response) => {
    const path = request.url?.split("?")[0];
    if (request.method === "POST" && path === "/mint-key") {
      response.end(key);
      return;
    }
    // The workbench sends the addresses of local servers here. Its browser is on this machine and can go there itself.
    const [, port, rest] = /^\/proxy\/(\d+)(\/.*)?$/.exec(request.url ?? "") ?? [];
    if (port) {
      response.writeHead(307, { location: `http://127.0.0.1:${port}${rest ?? "/"}` }).end();
      return;
    }
    if (request.method === "GET" && path === "/") configurePage(config, request, response);
    code.handleRequest(request, response);
  });
  server.on("upgrade", (request, socket) => code.handleUpgrade(request, socket));
  server.listen(config.port, "127.0.0.1", () => {
    const address = server.address();
    if (typeof address !== "object" || address === null) throw new Error("The server listens on no port.");
    const listening: Listening = { port: address.port };
    process.send?.(listening);
  });
}

/** The workbench keeps secrets in the browser, encrypted with a key of the server's; with it they survive a reload. */
function secretKey(dataDir: string): Buffer {
  const file = join(dataDir, "secret.key");
  if (existsSync(file)) return readFileSync(file);
  const key = randomBytes(32);
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(file, key, { mode: 0o600 });
  return key;
}

/** Rewrites the workbench's configuration, an attribute of its page, while the page passes. */
function configurePage(config: ServerConfig, request: IncomingMessage, response: ServerResponse): void {
  const { writeHead, end } = response;
  let head: unknown[] | undefined;
  delete request.headers["accept-encoding"];
  response.writeHead = (...parts: unknown[]) => {
    head = parts; // held back: the page is not there yet
    return response;
  };
  response.end = (body?: unknown) => {
    response.writeHead = writeHead;
    response.end = end;
    const attribute = /(id="vscode-workbench-web-configuration" data-settings=")([^"]*)"/;
    const html = String(body ?? "").replace(attribute, (_, start: string, escaped: string) => {
      const workbench = JSON.parse(escaped.replaceAll("&quot;", '"').replaceAll("&amp;", "&"));
      configureWorkbench(workbench, config, request.headers.host ?? "127.0.0.1");
      return `${start}${JSON.stringify(workbench).replaceAll("&", "&amp;").replaceAll('"', "&quot;")}"`;
    });
    if (head) Reflect.apply(writeHead, response, head);
    return response.end(html);
  };
}

interface WorkbenchConfiguration {
  productConfiguration?: Record<string, unknown>;
  developmentOptions?: Record<string, unknown>;
}

function configureWorkbench(
  workbench: WorkbenchConfiguration,
  config: ServerConfig,
  authority: string,
): void {
  const uri = (path: string) => ({ scheme: "vscode-remote", authority, path });
  // No requests to the marketplace, and none for a service worker that is not there.
  delete workbench.productConfiguration?.["extensionsGallery"];
  delete workbench.productConfiguration?.["serviceWorker"];
  if (config.developmentExtensions.length === 0) return;
  workbench.developmentOptions = {
    ...workbench.developmentOptions,
    extensions: config.developmentExtensions.map(uri),
    ...(config.testsPath && { extensionTestsPath: uri(config.testsPath) }),
  };
}
