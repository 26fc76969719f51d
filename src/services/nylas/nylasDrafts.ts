/** Drafts through Nylas. No key makes a second try safe, so we first look for what an earlier one created. */
import * as z from "zod";
import { FreightError } from "../../base/errors.ts";
import { assertOwn, parseAnswer } from "../../net/answers.ts";
import type { HttpAnswer, StreamBody } from "../../net/http.ts";
import { parseJson } from "../../net/json.ts";
import { t } from "../../shared/l10n.ts";
import { type Draft, type SavedDrafts, savedDraftLost } from "../drafts.ts";
import { type FrozenDraft, type Receipt, ServiceId } from "../mailService.ts";
import type { AskNylas } from "./nylasApi.ts";
import { accountError, isUnknown, sendError } from "./nylasErrors.ts";

/** Within this request Nylas moves the files from its storage to the mailbox, as it does when sending. */
const SAVE_TIMEOUT_MS = 180_000;
/** Nylas ends any request after this long: a draft that does not exist by then was not created. */
const SETTLED_MS = 90_000;
/** An answered request is over, but the draft that it created may take a moment to appear in the list. */
const ANSWERED_MS = 5_000;
/** The statuses of a gateway that gave up on a request: Nylas may still be working on it. */
const GATEWAY_GAVE_UP: readonly number[] = [408, 502, 504];
const LOOK_AGAIN_MS = 5_000;
/** The newest drafts to look at: more than anybody creates between a request and its lost answer. */
const DRAFTS_LOOKED_AT = 50;
/** What a draft is recognized by. The texts are not needed, and may be of any length. */
const LISTED_FIELDS = "id,subject,to,attachments,date,metadata";
/** For a service that lists the texts all the same. */
const MAX_LIST_BYTES = 32 * 1024 * 1024;
const CLOCK_TOLERANCE_MS = 5 * 60_000;
/** One of the five metadata keys by which drafts can be searched. */
const MARK_KEY = "key1";

const SavedAnswer = z.object({ request_id: z.string().nullish(), data: z.object({ id: ServiceId }) });
const Person = z.object({ email: z.string() });
const ListedDraft = z.object({
  id: ServiceId,
  subject: z.string().nullish(),
  to: z.array(Person).nullish().catch(null),
  attachments: z.array(z.unknown()).nullish(),
  date: z.number().nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish().catch(null),
});
type ListedDraft = z.infer<typeof ListedDraft>;
const DraftList = z.object({ data: z.array(ListedDraft) });
/** A draft as the request carries it. */
export interface DraftToSave
  extends Pick<FrozenDraft, "mark" | "startedAt" | "mayBeThere" | "saved" | "gate"> {
  /** What the draft is recognized by where the mailbox does not return its mark. */
  readonly letter: {
    readonly subject: string;
    readonly to: readonly { readonly email: string }[];
    readonly fileCount: number;
  };
  readonly contentType: string;
  /** Returns the same bytes each time. */
  readonly bytes: () => string | StreamBody;
  /** See `NylasSend`. */
  readonly echoedBytes?: number;
}

export class NylasDrafts implements SavedDrafts {
  readonly #ask: AskNylas;
  readonly #monotonicNow: () => number;
  /** By mark, when it becomes certain that a draft that is not there was not created. */
  readonly #settledAt = new Map<string, number>();

  /** @param monotonicNow milliseconds on a clock that does not jump */
  constructor(ask: AskNylas, monotonicNow: () => number) {
    this.#ask = ask;
    this.#monotonicNow = monotonicNow;
  }

  async save(draft: DraftToSave, signal: AbortSignal): Promise<Receipt> {
    const { mark, saved } = draft;
    // Writing the same letter into it twice is harmless.
    if (saved !== undefined) return this.#write(saved, draft, signal);
    if (draft.mayBeThere) {
      const found = await this.#find(draft, signal);
      if (found !== undefined) {
        this.#settledAt.delete(mark);
        return { messageId: found.id, requestId: null };
      }
      this.#waitUntilSettled(mark);
    }
    this.#settledAt.set(mark, this.#monotonicNow() + SETTLED_MS);
    const receipt = await this.#make(draft, signal);
    this.#settledAt.delete(mark);
    return receipt;
  }

  async #make(draft: DraftToSave, signal: AbortSignal): Promise<Receipt> {
    const { mark } = draft;
    const answer = await this.#ask("POST", "/drafts", signal, requestOf(draft));
    if (!GATEWAY_GAVE_UP.includes(answer.status))
      this.#settledAt.set(mark, this.#monotonicNow() + ANSWERED_MS);
    return receiptOf(answer);
  }

  /**
   * Writes the whole letter again; the list of attachments replaces the existing one.
   * https://developer.nylas.com/docs/reference/api/drafts/put-drafts-id/
   */
  async #write(id: string, draft: DraftToSave, signal: AbortSignal): Promise<Receipt> {
    const answer = await this.#ask("PUT", draftPath(id), signal, requestOf(draft));
    if (isUnknown(answer)) throw savedDraftLost({ status: answer.status, requestId: answer.requestId });
    return receiptOf(answer);
  }

  async assertUnsent({ id }: Draft, signal: AbortSignal): Promise<void> {
    // The status is enough: the text of the draft may be of any length.
    const answer = await this.#ask("GET", draftPath(id), signal, { statusCounts: true });
    if (isUnknown(answer)) throw savedDraftLost({ status: answer.status, requestId: answer.requestId });
    if (answer.status !== 200) throw accountError(answer);
    assertOwn(answer, "draft");
  }

  async remove(id: string, signal: AbortSignal): Promise<void> {
    const answer = await this.#ask("DELETE", draftPath(id), signal);
    if (isUnknown(answer)) return;
    if (answer.status !== 200) throw accountError(answer);
    assertOwn(answer, "deleted draft");
  }

  /** Deletes the drafts with a mark. @returns how many there were */
  async discardMarked(mark: string, signal: AbortSignal): Promise<number> {
    const marked = (await this.#candidates(mark, signal)).filter((draft) => markOf(draft) === mark);
    for (const { id } of marked) await this.remove(id, signal);
    return marked.length;
  }

  /** @throws FreightError `unsettled` until it is certain that an earlier try created none */
  #waitUntilSettled(mark: string): void {
    const now = this.#monotonicNow();
    // A previous process may have sent the request a moment ago.
    const settledAt = this.#settledAt.get(mark) ?? now + SETTLED_MS;
    this.#settledAt.set(mark, settledAt);
    if (now < settledAt)
      throw new FreightError("unsettled", t("Checking with Nylas whether the draft was saved."), {
        retryAfterMs: Math.min(LOOK_AGAIN_MS, settledAt - now),
        mayHaveActed: true,
        remedy: "retry",
      });
  }

  async #find(
    { mark, letter, startedAt }: DraftToSave,
    signal: AbortSignal,
  ): Promise<ListedDraft | undefined> {
    const drafts = await this.#candidates(mark, signal);
    const looksLikeIt = (draft: ListedDraft) =>
      markOf(draft) === undefined &&
      draft.subject === letter.subject &&
      addresses(draft.to ?? []) === addresses(letter.to) &&
      (draft.attachments ?? []).length === letter.fileCount &&
      (draft.date ?? 0) * 1000 >= startedAt - CLOCK_TOLERANCE_MS;
    // Where the mailbox does not return marks, the letter itself has to do.
    return drafts.find((draft) => markOf(draft) === mark) ?? drafts.find(looksLikeIt);
  }

  /**
   * The drafts with the mark; if none is listed with it, the newest ones: not every mailbox returns marks.
   * https://developer.nylas.com/docs/dev-guide/metadata/
   */
  async #candidates(mark: string, signal: AbortSignal): Promise<readonly ListedDraft[]> {
    const pair = encodeURIComponent(`${MARK_KEY}:${mark}`);
    const answer = await this.#list(`&metadata_pair=${pair}`, signal);
    const marked = answer.status === 400 ? [] : readList(answer);
    if (marked.some((draft) => markOf(draft) === mark)) return marked;
    return readList(await this.#list("", signal));
  }

  #list(filter: string, signal: AbortSignal): Promise<HttpAnswer> {
    const query = `limit=${DRAFTS_LOOKED_AT}&select=${LISTED_FIELDS}${filter}`;
    return this.#ask("GET", `/drafts?${query}`, signal, { ownBytes: MAX_LIST_BYTES });
  }
}

function draftPath(id: string): string {
  return `/drafts/${encodeURIComponent(id)}`;
}

function requestOf({ contentType, bytes, echoedBytes, gate }: DraftToSave) {
  return {
    body: bytes(),
    headers: { "content-type": contentType },
    timeoutMs: SAVE_TIMEOUT_MS,
    ...(echoedBytes === undefined ? {} : { echoedBytes }),
    gate,
  };
}

/** @throws FreightError for any answer other than success */
function receiptOf(answer: HttpAnswer): Receipt {
  if (answer.status !== 200 && answer.status !== 201) throw sendError(answer, false);
  const saved = SavedAnswer.safeParse(parseJson(answer.text));
  if (!saved.success)
    throw new FreightError("service-fault", t("The answer to saving the draft could not be read."), {
      cause: saved.error,
      requestId: answer.requestId,
      mayHaveActed: true,
      remedy: "retry",
    });
  return { messageId: saved.data.data.id, requestId: answer.requestId ?? saved.data.request_id ?? null };
}

function readList(answer: HttpAnswer): readonly ListedDraft[] {
  if (answer.status !== 200) throw accountError(answer);
  return parseAnswer(DraftList, answer, "drafts").data;
}

/** Nylas keeps this beside the message; recipients never see it. */
export function markMetadata(mark: string): Readonly<Record<string, string>> {
  return { [MARK_KEY]: mark };
}

function markOf({ metadata }: ListedDraft): string | undefined {
  const mark = metadata?.[MARK_KEY];
  return typeof mark === "string" ? mark : undefined;
}

function addresses(people: readonly { readonly email: string }[]): string {
  return people
    .map(({ email }) => email.toLowerCase())
    .sort()
    .join();
}
