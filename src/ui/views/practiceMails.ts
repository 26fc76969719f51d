/** The mails in the practice mailbox as they arrived, compared with what was sent. */
import * as z from "zod";
import type { DeliveryRecord } from "../../delivery/record/delivery.ts";
import type { hashFile } from "../../files/fileHash.ts";
import { parseAnswer } from "../../net/answers.ts";
import type { Http } from "../../net/http.ts";
import { Here, type PracticeMailbox } from "../../services/practice.ts";
import { type Comparison, compareFiles, recordOf } from "./practiceLetter.ts";

const Address = z.object({ name: z.string().nullish(), email: z.string() });
const Mail = z.object({
  id: z.string(),
  date: z.iso.datetime(),
  from: z.array(Address),
  to: z.array(Address),
  cc: z.array(Address),
  bcc: z.array(Address),
  subject: z.string(),
  body: z.string(),
  is_plaintext: z.boolean(),
  deliveries: z.number(),
  attachments: z.array(
    z.object({
      filename: z.string(),
      content_type: z.string(),
      size: z.number(),
      sha256: z.string(),
      is_inline: z.boolean(),
      content_id: z.string().nullable(),
      url: Here,
    }),
  ),
  /** URL of the whole mail, as every mail program reads it. */
  eml: Here,
});
export type PracticeMail = z.infer<typeof Mail>;

const LIST_TIMEOUT_MS = 10_000;
/** Even the largest file takes only seconds. */
const HASH_TIMEOUT_MS = 60_000;

export interface PracticeMailsOptions {
  readonly practice: Pick<PracticeMailbox, "addresses">;
  readonly http: Http;
  readonly deliveries: () => readonly DeliveryRecord[];
  /** SHA-256 of a file. */
  readonly hash: typeof hashFile;
}

export class PracticeMails {
  readonly #options: PracticeMailsOptions;

  constructor(options: PracticeMailsOptions) {
    this.#options = options;
  }

  /** Newest first. */
  async list(): Promise<PracticeMail[]> {
    const { practice, http } = this.#options;
    const { outbox } = await practice.addresses();
    const signal = AbortSignal.timeout(LIST_TIMEOUT_MS);
    const headers = { accept: "application/json" };
    const answer = await http.send({
      method: "GET",
      url: outbox,
      headers,
      mayQuote: true,
      timeoutMs: LIST_TIMEOUT_MS,
      signal,
    });
    return parseAnswer(z.array(Mail), answer, "list of mails in the practice mailbox");
  }

  /** How one of our mails arrived; undefined while it has not. */
  async arrivalOf(
    deliveryId: string,
  ): Promise<{ readonly times: number; readonly files: readonly Comparison[] } | undefined> {
    const deliveries = this.#options.deliveries();
    const since = deliveries.find(({ id }) => id === deliveryId)?.createdAt ?? 0;
    // Another mail may look the same: one sent in an earlier try.
    const arrived = (await this.list()).filter(
      (each) => Date.parse(each.date) >= since && recordOf(each, deliveries)?.id === deliveryId,
    );
    const [mail] = arrived;
    return mail === undefined ? undefined : { times: arrived.length, files: await this.compare(mail) };
  }

  /** Compares what arrived with the files on this machine, in the order of the mail's files. */
  async compare(mail: PracticeMail): Promise<Comparison[]> {
    const { deliveries, hash } = this.#options;
    const sent = recordOf(mail, deliveries())?.attachments;
    return Promise.all(
      mail.attachments.map(async (file) => {
        const own = sent?.find(({ name }) => name === file.filename);
        // Deleted, unreadable or only partly sent: compare with what is recorded of the sending.
        const isWhole = own !== undefined && own.part === undefined;
        const onDisk = isWhole
          ? await hash(own.path, AbortSignal.timeout(HASH_TIMEOUT_MS)).catch(() => undefined)
          : undefined;
        return compareFiles(file, own, onDisk?.sha256);
      }),
    );
  }
}
