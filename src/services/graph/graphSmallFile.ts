/** Uploads a file under 3 MB into a draft: in one request, with the bytes as base64 in its JSON. */

import * as z from "zod";
import { FreightError } from "../../base/errors.ts";
import { parseAnswer } from "../../net/answers.ts";
import type { Http } from "../../net/http.ts";
import { t } from "../../shared/l10n.ts";
import { asBase64, base64Length } from "../../transfer/base64.ts";
import type { Position, Range, UploadProtocol } from "../../transfer/upload.ts";
import type { Draft } from "../drafts.ts";
import { type FileToUpload, ServiceId } from "../mailService.ts";
import { callGraph, challengeOf, type GraphEndpoint } from "./graphApi.ts";
import { graphError, readGraphRefusal } from "./graphErrors.ts";

const Attached = z.object({ id: ServiceId });
/** As long as a range may take: the request carries the whole file. */
const TIMEOUT_MS = 120_000;
/** "The maximum request length supported is 4MB." */
export const MAX_REQUEST_BYTES = 4_000_000;

export interface SmallFile {
  readonly endpoint: GraphEndpoint;
  readonly file: FileToUpload;
  /** The path of the list of attachments, below the mailbox. */
  readonly path: string;
  readonly kind: Draft["kind"];
  /** The id of the attachment if the service already has it: the answer that said so may have been lost. */
  readonly findStored: (signal: AbortSignal) => Promise<string | undefined>;
  /** See `GraphMessages`. */
  readonly whyRefused: (reason: FreightError, signal: AbortSignal) => Promise<unknown>;
}

export class GraphSmallFile implements UploadProtocol {
  readonly #http: Http;
  readonly #options: SmallFile;

  constructor(http: Http, options: SmallFile) {
    this.#http = http;
    this.#options = options;
  }

  async locate(signal: AbortSignal): Promise<Position> {
    const stored = await this.#options.findStored(signal);
    return stored === undefined
      ? { next: 0, done: false }
      : { next: this.#options.file.size, done: true, attachmentId: stored };
  }

  async put(range: Range, signal: AbortSignal): Promise<Position> {
    const { endpoint, file, path } = this.#options;
    const [head, tail] = envelope(file);
    const length = head.length + base64Length(range.length) + tail.length;
    const body = { length, chunks: enveloped(head, range.chunks, tail) };
    const answer = await callGraph(this.#http, endpoint, "POST", path, signal, {
      body,
      timeoutMs: TIMEOUT_MS,
      // The answer repeats the whole request. https://learn.microsoft.com/graph/api/message-post-attachments
      echoedBytes: length,
    });
    if (answer.status === 201) {
      const { id } = parseAnswer(Attached, answer, "attachment");
      return { next: range.total, done: true, attachmentId: id };
    }
    // The body can be read only once; with the new token the caller's retry sends it again.
    if (answer.status === 401) {
      await endpoint.token(true, challengeOf(answer));
      throw new FreightError("service-fault", t("Microsoft requires a new sign-in."), {
        status: answer.status,
        requestId: answer.requestId,
        remedy: "retry",
      });
    }
    if (answer.status === 413 && length > MAX_REQUEST_BYTES && readGraphRefusal(answer).code === "BadRequest")
      throw new FreightError(
        "request-refused",
        t(
          "Microsoft accepts {0} neither whole nor in pieces: it is a few bytes short of the size at which pieces start. Zip it together with another file.",
          file.name,
        ),
        { status: answer.status, requestId: answer.requestId },
      );
    throw await this.#options.whyRefused(graphError(answer, "attach the file", this.#options.kind), signal);
  }

  /** The whole file: it is smaller than a range of other uploads. */
  chunkBytes(): number {
    return this.#options.file.size;
  }
}

/** The JSON before and after the base64. */
function envelope({ name, contentType, inline }: FileToUpload): [Buffer, Buffer] {
  const json = JSON.stringify({
    "@odata.type": "#microsoft.graph.fileAttachment",
    name,
    contentType,
    ...(inline === undefined ? {} : { isInline: true, contentId: inline.contentId }),
    contentBytes: "",
  });
  return [Buffer.from(json.slice(0, -2)), Buffer.from('"}')];
}

async function* enveloped(
  head: Uint8Array,
  chunks: AsyncIterable<Uint8Array>,
  tail: Uint8Array,
): AsyncGenerator<Uint8Array> {
  yield head;
  yield* asBase64(chunks);
  yield tail;
}
