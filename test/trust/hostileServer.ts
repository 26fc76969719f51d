/** A server that says over a raw socket whatever it likes, and counts what it hears. */
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

export interface Heard {
  readonly method: string;
  readonly path: string;
  /** The request line and headers as they came. */
  readonly head: string;
}

/** Says something to one request; what it starts ends with the socket. */
export type Say = (socket: Socket, heard: Heard) => void;

export class HostileServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly heard: Heard[] = [];
  /** Everything that was ever received, heads and bodies. */
  received = "";
  connections = 0;
  /** Bytes that were written in answers. */
  sent = 0;

  private constructor(say: Say) {
    this.#server = createServer((socket) => {
      this.connections++;
      this.#sockets.add(socket);
      let head = "";
      let rest = 0;
      socket.on("error", () => {}); // Whoever asked has heard enough.
      socket.on("close", () => {
        this.#sockets.delete(socket);
        this.sent += socket.bytesWritten;
      });
      socket.on("data", (chunk) => {
        const text = chunk.toString("latin1");
        if (this.received.length < 10_000_000) this.received += text;
        if (rest > 0) {
          rest -= text.length;
          if (rest > 0) return;
          const heard = this.heard.at(-1);
          if (heard !== undefined) say(socket, heard);
          return;
        }
        head += text;
        const end = head.indexOf("\r\n\r\n");
        if (end === -1) return;
        const [method = "", path = ""] = head.split(" ");
        const heard = { method, path, head: head.slice(0, end) };
        const length = Number(/^content-length: (\d+)/im.exec(heard.head)?.[1] ?? 0);
        rest = length - (head.length - end - 4);
        head = "";
        this.heard.push(heard);
        if (rest <= 0) say(socket, heard);
      });
    });
  }

  static async start(say: Say): Promise<HostileServer> {
    const hostile = new HostileServer(say);
    await new Promise<void>((resolve) => hostile.#server.listen(0, "127.0.0.1", resolve));
    return hostile;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** An honest answer. */
export function reply(status: number, body: unknown, headers: readonly string[] = []): string {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const lines = [`HTTP/1.1 ${status} X`, `content-length: ${Buffer.byteLength(text)}`, ...headers];
  return `${lines.join("\r\n")}\r\n\r\n${text}`;
}

/** Writes the head, then chunks as fast as they are taken, until the socket or the patience ends. */
export function pour(socket: Socket, head: string, chunk: Buffer, times = Number.POSITIVE_INFINITY): void {
  socket.write(head);
  let left = times;
  const more = () => {
    while (left-- > 0 && !socket.destroyed) if (!socket.write(chunk)) return;
  };
  socket.on("drain", more);
  more();
}

/** Writes the pieces again and again, with pauses. */
export function drip(socket: Socket, head: string, piece: string, everyMs = 20): void {
  socket.write(head);
  const timer = setInterval(() => {
    if (socket.destroyed) clearInterval(timer);
    else socket.write(piece);
  }, everyMs);
  socket.on("close", () => clearInterval(timer));
}
