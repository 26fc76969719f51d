/** Servers as they stand between a company and the rest: an HTTP proxy, and TLS in front of a plain server. */
import { createServer, type IncomingMessage, STATUS_CODES } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, connect, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { Certificate } from "./certificates.ts";

export interface ProxyOptions {
  /** Where names lead that nobody else knows: `host:port` to a port of this machine. */
  readonly routes: Readonly<Record<string, number>>;
  /** `name:password`; without it everybody may pass. */
  readonly credentials?: string;
  /** Speaks TLS to its clients. */
  readonly secure?: Certificate;
}

/** What the proxy does with a CONNECT: opens the way (and cuts it), answers with a status, says nothing, or hangs up. */
export type Mood = "open" | "cut" | "hang" | "reset" | number;

export class LocalProxy {
  readonly #server: Server;
  readonly #options: ProxyOptions;
  readonly #sockets = new Set<Socket>();
  mood: Mood = "open";
  /** What it asks for with a 407. */
  challenge = 'Basic realm="proxy"';
  /** Each CONNECT that came, by `host:port`; also those that were not answered. */
  readonly asked: string[] = [];
  /** Each way that was opened. */
  readonly tunnels: string[] = [];
  /** The headers of the last CONNECT. */
  headers: IncomingMessage["headers"] = {};

  private constructor(options: ProxyOptions) {
    this.#options = options;
    const refuse = (_: IncomingMessage, response: { writeHead(status: number): { end(): void } }) =>
      response.writeHead(405).end();
    const server = options.secure ? createSecureServer(options.secure, refuse) : createServer(refuse);
    server.on("connect", (request: IncomingMessage, socket: Socket, head: Buffer) =>
      this.#connect(request, socket, head),
    );
    this.#server = server;
    track(server, this.#sockets);
  }

  static async start(options: ProxyOptions): Promise<LocalProxy> {
    const proxy = new LocalProxy(options);
    await listen(proxy.#server);
    return proxy;
  }

  get port(): number {
    return portOf(this.#server);
  }

  /** @param credentials `name:password` */
  url(credentials?: string): string {
    const who = credentials === undefined ? "" : `${credentials}@`;
    return `${this.#options.secure ? "https" : "http"}://${who}127.0.0.1:${this.port}`;
  }

  get openSockets(): number {
    return this.#sockets.size;
  }

  close(): Promise<void> {
    return close(this.#server, this.#sockets);
  }

  #connect(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const target = request.url ?? "";
    this.asked.push(target);
    this.headers = request.headers;
    socket.on("error", () => {});
    if (this.mood === "hang") return void socket.resume().on("end", () => socket.destroy());
    const refusal = this.#refusal(request);
    if (this.mood === "reset") socket.destroy();
    else if (this.mood === "cut") socket.end("HTTP/1.1 200 Connection established\r\n\r\n");
    else if (refusal !== undefined) answer(socket, refusal, `Proxy-Authenticate: ${this.challenge}\r\n`);
    else this.#open(target, socket, head);
  }

  /** The status that it says no with. */
  #refusal({ url = "", headers }: IncomingMessage): number | undefined {
    const { credentials, routes } = this.#options;
    if (typeof this.mood === "number") return this.mood;
    const expected = credentials && `Basic ${Buffer.from(credentials).toString("base64")}`;
    if (expected && headers["proxy-authorization"] !== expected) return 407;
    return routes[url] === undefined ? 502 : undefined;
  }

  #open(target: string, socket: Socket, head: Buffer): void {
    const way = connect(this.#options.routes[target] ?? 0, "127.0.0.1", () => {
      this.tunnels.push(target);
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      way.write(head);
      way.pipe(socket).pipe(way);
    });
    way.on("error", () => socket.destroy()).on("close", () => socket.destroy());
    socket.on("close", () => way.destroy());
  }
}

function answer(socket: Socket, status: number, headers = ""): void {
  const body = "<h1>The proxy says no</h1>";
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`,
  );
}

/** Takes TLS off and passes the bytes on: what stands in front of a service. */
export class TlsFront {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(certificate: Certificate, port: number) {
    this.#server = createTlsServer(certificate, (socket) => {
      const way = connect(port, "127.0.0.1");
      way.on("error", () => socket.destroy()).on("close", () => socket.destroy());
      socket.on("error", () => way.destroy()).on("close", () => way.destroy());
      way.pipe(socket).pipe(way);
    });
    track(this.#server, this.#sockets);
  }

  static async start(certificate: Certificate, port: number): Promise<TlsFront> {
    const front = new TlsFront(certificate, port);
    await listen(front.#server);
    return front;
  }

  get port(): number {
    return portOf(this.#server);
  }

  close(): Promise<void> {
    return close(this.#server, this.#sockets);
  }
}

function track(server: Server, sockets: Set<Socket>): void {
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
  });
  server.on("tlsClientError", () => {});
}

const listen = (server: Server) => new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
const portOf = (server: Server) => (server.address() as AddressInfo).port;

async function close(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy();
  await new Promise((done) => server.close(done));
}
