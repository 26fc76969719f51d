/**
 * Google Cloud Storage's resumable uploads, as a client sees them that has nothing but a session URI: which ranges it
 * takes, and what it answers. What it keeps of them: `uploads.ts`.
 */
import * as z from "zod";
import { alignDown, gridBytes } from "../base/appender.ts";
import { type ByteRange, parseRange } from "../base/contentRange.ts";
import type { Exchange, Reply } from "../http/exchange.ts";
import { ConnectionLost } from "../http/faultInjection.ts";
import type { Step } from "../http/faultRules.ts";
import type { Upload, Uploads } from "./uploads.ts";

/** What is not known about the real storage; tests switch it. */
export interface StorageBehaviour {
  /** A chunk, not the last, that is no multiple of 256 KiB: refused with 400, or its aligned part is kept. */
  oddChunk: "refuse" | "keep";
  /** Answer to any request after a cancel. */
  afterCancel: 499 | 404;
  /** Answer to the request that finishes an upload. */
  finished: 200 | 201;
  /** Content of that answer: the object as JSON or, as in the XML API, a header with one or both hashes. */
  lastAnswer: "json" | "header" | "crc32c";
  /** Session URIs also have the signature of the signed URL through which they were opened. */
  signedUris: boolean;
}

/** Switches of the storage as `Control` accepts them. */
export const StorageSwitches = z.strictObject({
  oddChunk: z.enum(["refuse", "keep"]).optional(),
  afterCancel: z.literal([499, 404]).optional(),
  finished: z.literal([200, 201]).optional(),
  lastAnswer: z.enum(["json", "header", "crc32c"]).optional(),
  signedUris: z.boolean().optional(),
});

export const usualStorage: Readonly<StorageBehaviour> = {
  oddChunk: "refuse",
  afterCancel: 499,
  finished: 200,
  lastAnswer: "json",
  signedUris: false,
};

const bucket = "nylas-attachment-uploads";
const uploadPath = `/upload/storage/v1/b/${bucket}/o`;

export class Storage {
  readonly name = "storage";
  readonly behaviour: StorageBehaviour = { ...usualStorage };
  readonly #uploads: Uploads;

  constructor(uploads: Uploads) {
    this.#uploads = uploads;
  }

  /** The session URI without its origin. */
  uriPath(upload: Upload): string {
    const query = new URLSearchParams({ uploadType: "resumable", name: upload.name, upload_id: upload.id });
    if (this.behaviour.signedUris) {
      query.set("X-Goog-Algorithm", "GOOG4-RSA-SHA256");
      query.set("X-Goog-Signature", upload.id.slice(0, 32));
    }
    return `${uploadPath}?${query}`;
  }

  stepOf(exchange: Exchange): Step | undefined {
    if (exchange.method === "DELETE") return "cancel";
    if (exchange.method !== "PUT") return undefined;
    return /^bytes\s+\*\//i.test(exchange.header("content-range") ?? "") ? "probe" : "upload";
  }

  async handle(exchange: Exchange): Promise<Reply> {
    return exchange.act(() => this.#route(exchange));
  }

  refusal(status: number, message: string, reason = "invalid"): Reply {
    return {
      status,
      json: { error: { code: status, message, errors: [{ domain: "global", reason, message }] } },
    };
  }

  async #route(exchange: Exchange): Promise<Reply> {
    // The URI alone gives the right to write; a bearer token that shows up here has leaked from somewhere.
    if (exchange.header("authorization") !== undefined)
      return this.refusal(401, "Invalid Credentials", "authError");
    if (exchange.url.pathname !== uploadPath) return this.refusal(404, "Not Found", "notFound");
    if (exchange.method === "POST")
      return this.refusal(401, "Anonymous caller does not have storage.objects.create access", "required");
    if (exchange.method !== "PUT" && exchange.method !== "DELETE")
      return this.refusal(405, "Method Not Allowed", "httpMethodNotAllowed");
    const upload = this.#uploads.get(exchange.url.searchParams.get("upload_id") ?? "");
    if (!upload) return this.refusal(404, "Not Found", "notFound");
    const over = this.#over(upload);
    if (over) return over;
    await upload.forget(exchange.faultInjection.remembersAtMost());
    if (exchange.method === "DELETE") {
      // A finished object stays: the session's URI does not give the right to delete it.
      if (upload.state === "open") upload.cancel();
      return { status: 499 };
    }
    return this.stepOf(exchange) === "probe" ? this.#probe(exchange, upload) : this.#put(exchange, upload);
  }

  /** The answer of a session that was cancelled or has failed, and so accepts nothing more. */
  #over(upload: Upload): Reply | undefined {
    if (upload.state === "cancelled")
      return this.behaviour.afterCancel === 499
        ? { status: 499 }
        : this.refusal(404, "Not Found", "notFound");
    if (upload.state === "failed") return this.refusal(410, "The upload session was terminated", "gone");
    return undefined;
  }

  /** A status check; with the total, it also finishes an upload whose bytes are all here. */
  async #probe(exchange: Exchange, upload: Upload): Promise<Reply> {
    const total = /^bytes\s+\*\/(\d+|\*)$/i.exec(exchange.header("content-range") ?? "")?.[1];
    if (total === undefined) return this.refusal(400, "Failed to parse Content-Range header");
    if ((await exchange.bytes(0)) === undefined) return this.refusal(400, "A status check has no body");
    if (upload.state === "done") return this.#resource(upload, 200);
    if (total === "*") return this.#incomplete(exchange, upload);
    const conflict = this.#totalConflict(upload, Number(total));
    if (conflict) return conflict;
    upload.declareTotal(Number(total));
    if (upload.stored < Number(total)) return this.#incomplete(exchange, upload);
    return upload.exclusively(() => this.#finish(exchange, upload));
  }

  async #put(exchange: Exchange, upload: Upload): Promise<Reply> {
    const range = parseRange(exchange.header("content-range"), exchange.announcedBytes);
    if (range === undefined) return this.refusal(400, "Failed to parse Content-Range header");
    return upload.exclusively(async (preempted) => {
      const drop = () => exchange.drop();
      if (preempted.aborted) drop();
      preempted.addEventListener("abort", drop);
      try {
        return await this.#take(exchange, upload, range);
      } finally {
        preempted.removeEventListener("abort", drop);
      }
    });
  }

  async #take(exchange: Exchange, upload: Upload, range: ByteRange): Promise<Reply> {
    if (upload.state === "done") return this.#resource(upload, 200);
    const over = this.#over(upload);
    if (over) return over;
    const total = range.total ?? upload.total;
    const refusal = this.#refuseRange(exchange, upload, range, total);
    if (refusal) return refusal;
    if (range.total !== undefined) upload.declareTotal(range.total);

    const limit = range.end ?? total ?? Number.POSITIVE_INFINITY;
    const end = await this.#store(exchange, upload, range, limit);
    if (upload.state === "cancelled") throw new ConnectionLost();
    if (end > limit) return this.refusal(400, "The body is longer than was announced");
    const complete = range.last && (total === undefined || end === total) && upload.stored === end;
    return complete ? this.#finish(exchange, upload) : this.#incomplete(exchange, upload);
  }

  #refuseRange(
    exchange: Exchange,
    upload: Upload,
    { first, end, last }: ByteRange,
    total: number | undefined,
  ): Reply | undefined {
    const announced = exchange.announcedBytes;
    if (total !== undefined) {
      const conflict = this.#totalConflict(upload, total);
      if (conflict) return conflict;
      if (end !== undefined && (end > total || (last && end < total)))
        return this.refusal(400, `The range does not fit a total of ${total}`);
    }
    if (first > upload.stored)
      return this.refusal(400, `The range starts at ${first}, but only ${upload.stored} bytes are stored`);
    if (end === undefined) return undefined;
    if (announced !== undefined && announced !== end - first)
      return this.refusal(400, "Content-Length and Content-Range disagree");
    if (!last && (end - first) % gridBytes !== 0 && this.behaviour.oddChunk === "refuse")
      return this.refusal(400, `The chunk is no multiple of ${gridBytes} bytes`);
    return undefined;
  }

  #totalConflict(upload: Upload, total: number): Reply | undefined {
    if (upload.total !== undefined && upload.total !== total)
      return this.refusal(400, `The total was declared as ${upload.total} before`);
    if (total < upload.stored) return this.refusal(400, `${upload.stored} bytes are stored already`);
    return undefined;
  }

  /** Reads the body and returns where it ended; bytes that are already stored are not replaced. */
  async #store(exchange: Exchange, upload: Upload, range: ByteRange, limit: number): Promise<number> {
    let position = range.first;
    const keepBefore = alignDown(range.first + exchange.faultInjection.keepAtMost());
    const appender = await upload.appender();
    try {
      const start = upload.stored;
      for await (const piece of exchange.body()) {
        const from = Math.min(Math.max(0, start - position), piece.length);
        const to = Math.max(from, Math.min(piece.length, limit - position, keepBefore - position));
        await appender.write(exchange.faultInjection.asStored(piece.subarray(from, to)));
        position += piece.length;
      }
      const atEnd = range.last && (position === limit || limit === Number.POSITIVE_INFINITY);
      if (atEnd && position <= keepBefore) await appender.flush();
    } finally {
      await appender.close();
    }
    return position;
  }

  async #finish(exchange: Exchange, upload: Upload): Promise<Reply> {
    if (upload.state === "done") return this.#resource(upload, 200);
    const wanted = exchange.header("x-goog-hash") ?? "";
    const md5 = /(?:^|[,\s])md5=([^,\s]+)/i.exec(wanted)?.[1] ?? exchange.header("content-md5");
    const crc32c = /(?:^|[,\s])crc32c=([^,\s]+)/i.exec(wanted)?.[1];
    const accepted = await upload.finish(
      (sums) =>
        (md5 === undefined || md5 === sums.md5Base64) &&
        (crc32c === undefined || crc32c === sums.crc32cBase64),
    );
    if (!accepted) return this.refusal(400, "The provided hash does not match the uploaded data");
    return this.#resource(upload, this.behaviour.finished);
  }

  /** 308 means "resume incomplete" here, not a redirect: it has no `Location`. */
  #incomplete(exchange: Exchange, upload: Upload): Reply {
    const range = upload.stored > 0 ? { Range: `bytes=0-${upload.stored - 1}` } : {};
    const uploader = { "X-GUploader-UploadID": upload.id };
    if (exchange.header("x-guploader-no-308")?.toLowerCase() === "yes")
      return { status: 200, headers: { ...range, ...uploader, "X-HTTP-Status-Code-Override": "308" } };
    return { status: 308, headers: { ...range, ...uploader } };
  }

  #resource(upload: Upload, status: number): Reply {
    const object = upload.object;
    if (!object) return this.refusal(500, "The object has vanished", "backendError");
    const generation = String(object.finishedAt * 1000);
    const at = new Date(object.finishedAt).toISOString();
    const { lastAnswer } = this.behaviour;
    const md5 = lastAnswer === "crc32c" ? "" : `,md5=${object.md5Base64}`;
    const headers = {
      "X-GUploader-UploadID": upload.id,
      "X-Goog-Hash": `crc32c=${object.crc32cBase64}${md5}`,
      ETag: `"${Buffer.from(generation).toString("base64")}"`,
    };
    if (lastAnswer !== "json") return { status, headers };
    return {
      status,
      headers,
      json: {
        kind: "storage#object",
        id: `${bucket}/${upload.name}/${generation}`,
        name: upload.name,
        bucket,
        generation,
        metageneration: "1",
        contentType: upload.contentType,
        storageClass: "STANDARD",
        size: String(object.size),
        md5Hash: object.md5Base64,
        crc32c: object.crc32cBase64,
        etag: Buffer.from(generation).toString("base64"),
        timeCreated: at,
        updated: at,
      },
    };
  }
}
