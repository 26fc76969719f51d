/** Just enough of HTTP/1.1 to count bodies without touching their bytes. Node's own server would be the bottleneck. */

export interface Head {
  readonly method: string;
  readonly path: string;
  readonly headers: ReadonlyMap<string, string>;
}

export interface Handler {
  onHead(head: Head): void;
  /** So many bytes of the body have come. */
  onBody(length: number): void;
  onEnd(): void;
}

const END_OF_HEAD = "\r\n\r\n";

export class RequestReader {
  readonly #handler: Handler;
  /** What has come of a head, or of the line with a chunk's size, while it is incomplete. */
  #text = "";
  #state: "head" | "body" | "chunkSize" | "chunk" | "trailer" = "head";
  #left = 0;

  constructor(handler: Handler) {
    this.#handler = handler;
  }

  /** Whether a request has begun and not ended. */
  get isInside(): boolean {
    return this.#state !== "head" || this.#text !== "";
  }

  take(bytes: Uint8Array, length: number): void {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, length);
    for (let at = 0; at < length; ) {
      if (this.#state === "body" || this.#state === "chunk") at += this.#takeBody(length - at);
      else at += this.#takeText(buffer.subarray(at));
    }
  }

  #takeBody(available: number): number {
    const taken = Math.min(available, this.#left);
    this.#left -= taken;
    this.#handler.onBody(taken);
    if (this.#left === 0) {
      if (this.#state === "body") this.#end();
      else this.#state = "chunkSize";
    }
    return taken;
  }

  #takeText(buffer: Buffer): number {
    const mark = this.#state === "head" ? END_OF_HEAD : "\r\n";
    const before = this.#text.length;
    this.#text += buffer.toString("latin1", 0, Math.min(buffer.length, 16 * 1024));
    // Behind a chunk's bytes there is an end of line before the next size.
    const from = this.#state === "chunkSize" && this.#text.startsWith("\r\n") ? 2 : 0;
    const end = this.#text.indexOf(mark, from);
    if (end < 0) return Math.min(buffer.length, 16 * 1024);
    const line = this.#text.slice(from, end);
    this.#text = "";
    this.#onText(line);
    return end + mark.length - before;
  }

  #onText(line: string): void {
    if (this.#state === "trailer") this.#end();
    else if (this.#state === "chunkSize") {
      this.#left = Number.parseInt(line, 16);
      this.#state = this.#left === 0 ? "trailer" : "chunk";
    } else this.#begin(line);
  }

  #begin(text: string): void {
    const [first = "", ...lines] = text.split("\r\n");
    const [method = "", path = ""] = first.split(" ");
    const headers = new Map(
      lines.map((line) => {
        const colon = line.indexOf(":");
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    );
    this.#handler.onHead({ method, path, headers });
    this.#left = Number(headers.get("content-length") ?? 0);
    if (headers.get("transfer-encoding") === "chunked") this.#state = "chunkSize";
    else if (this.#left > 0) this.#state = "body";
    else this.#end();
  }

  #end(): void {
    this.#state = "head";
    this.#handler.onEnd();
  }
}
