/** The connections that this process opens, as the system would end them: with an error of any name, at any moment. */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { Socket } from "node:net";

const CHANNEL = "net.client.socket";

export class OpenSockets {
  readonly #sockets = new Set<Socket>();
  /** Told of each connection before it stands. */
  onOpening: (socket: Socket) => void = () => {};

  readonly #note = (message: unknown): void => {
    const socket = typeof message === "object" && message !== null && "socket" in message && message.socket;
    if (!(socket instanceof Socket)) return;
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    this.onOpening(socket);
  };

  constructor() {
    subscribe(CHANNEL, this.#note);
  }

  /** Ends those to a port, as a read does that fails. */
  break(port: number, code: string): void {
    for (const socket of this.#sockets) if (socket.remotePort === port) breakOff(socket, code);
  }

  dispose(): void {
    unsubscribe(CHANNEL, this.#note);
  }
}

export function breakOff(socket: Socket, code: string): void {
  socket.destroy(Object.assign(new Error(`read ${code}`), { code, syscall: "read" }));
}
