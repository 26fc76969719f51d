/** A SOCKS 5 proxy (RFC 1928, RFC 1929) for names that it alone knows. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

export interface SocksServerOptions {
  /** Where names lead: `host:port` to a port of this machine. */
  readonly routes: Readonly<Record<string, number>>;
  /** `name:password`; without it everybody may pass. */
  readonly credentials?: string;
}

/** What it does when it is asked for a way: opens it, answers with a status, breaks off, or says nothing. */
export type SocksMood = "open" | "reset" | "hang" | number;

export class SocksServer {
  readonly #server: Server;
  readonly #options: SocksServerOptions;
  readonly #sockets = new Set<Socket>();
  mood: SocksMood = "open";
  /** Each way that was asked for, by `host:port`. */
  readonly asked: string[] = [];

  private constructor(options: SocksServerOptions) {
    this.#options = options;
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => {}).on("close", () => this.#sockets.delete(socket));
      void this.#serve(socket).catch(() => socket.destroy());
    });
  }

  static async start(options: SocksServerOptions): Promise<SocksServer> {
    const server = new SocksServer(options);
    await new Promise<void>((done) => server.#server.listen(0, "127.0.0.1", done));
    return server;
  }

  /** @param credentials `name:password` */
  url(credentials?: string): string {
    const { port } = this.#server.address() as AddressInfo;
    return `socks5://${credentials === undefined ? "" : `${credentials}@`}127.0.0.1:${port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((done) => this.#server.close(done));
  }

  async #serve(socket: Socket): Promise<void> {
    const messages = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    // A client waits for each answer: what comes at once is one message.
    const next = async () => Buffer.from((await messages.next()).value ?? []);
    const { credentials, routes } = this.#options;
    const offered = [...(await next()).subarray(2)];
    const method = credentials === undefined ? 0 : offered.includes(2) ? 2 : 0xff;
    socket.write(Buffer.of(5, method));
    if (method === 0xff) return void socket.end();
    if (method === 2) {
      const said = await next();
      const name = said.subarray(2, 2 + (said[1] ?? 0));
      const password = said.subarray(3 + name.length);
      const right = `${name}:${password}` === credentials;
      socket.write(Buffer.of(1, right ? 0 : 1));
      if (!right) return void socket.end();
    }
    const request = await next();
    const host = request.subarray(5, 5 + (request[4] ?? 0)).toString();
    const target = `${host}:${request.readUInt16BE(request.length - 2)}`;
    this.asked.push(target);
    if (this.mood === "hang") return;
    if (this.mood === "reset") return void socket.destroy();
    const port = routes[target];
    const status = typeof this.mood === "number" ? this.mood : port === undefined ? 4 : 0;
    const answer = Buffer.of(5, status, 0, 1, 0, 0, 0, 0, 0, 0);
    if (status !== 0 || port === undefined) return void socket.end(answer);
    const way = connect(port, "127.0.0.1", () => socket.write(answer));
    way.on("error", () => socket.destroy()).on("close", () => socket.destroy());
    way.pipe(socket);
    socket.on("close", () => way.destroy());
    for (let chunk = await messages.next(); !chunk.done; chunk = await messages.next())
      way.write(chunk.value);
    way.end();
  }
}
