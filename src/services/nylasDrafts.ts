/** Drafts through Nylas. There is no key that makes a second try safe: what may be there is looked for first. */
import * as z from "zod";
import { FreightError } from "../errors.ts";
import { parseAnswer, type StreamBody } from "../net/http.ts";
import { parseJson } from "../net/json.ts";
import { type FrozenDraft, type Receipt, ServiceId } from "./mailService.ts";
import type { AskNylas } from "./nylasApi.ts";
import { accountError, sendError } from "./nylasErrors.ts";

/** Nylas moves the files from its storage to the mailbox within this request, as when it sends. */
const SAVE_TIMEOUT_MS = 180_000;
/** Nylas ends any request after this long: a draft that is not there by then is not made. */
const SETTLED_MS = 90_000;
const LOOK_AGAIN_MS = 5_000;
/** The newest drafts; more than anybody makes between a request and its lost answer. */
const DRAFTS_LOOKED_AT = 50;
const CLOCK_TOLERANCE_MS = 5 * 60_000;

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
export interface DraftToSave extends Pick<FrozenDraft, "mark" | "startedAt" | "mayBeThere"> {
  /** By which it is known where the mailbox does not tell its mark. */
  readonly letter: {
    readonly subject: string;
    readonly to: readonly { readonly email: string }[];
    readonly fileCount: number;
  };
  readonly contentType: string;
  /** The same bytes each time. */
  readonly bytes: () => string | StreamBody;
}

export class NylasDrafts {
  readonly #ask: AskNylas;
  readonly #monotonicNow: () => number;
  /** Since when a draft is being looked for, by its mark. */
  readonly #doubts = new Map<string, number>();

  /** @param monotonicNow milliseconds on a clock that does not jump */
  constructor(ask: AskNylas, monotonicNow: () => number) {
    this.#ask = ask;
    this.#monotonicNow = monotonicNow;
  }

  async save(draft: DraftToSave, signal: AbortSignal): Promise<Receipt> {
    const { mark, contentType, bytes } = draft;
    if (draft.mayBeThere) {
      const found = await this.#find(draft, signal);
      if (found !== undefined) {
        this.#doubts.delete(mark);
        return { messageId: found.id, requestId: null };
      }
      this.#stayInDoubt(mark);
    }
    const answer = await this.#ask("POST", "/drafts", signal, {
      body: bytes(),
      headers: { "content-type": contentType },
      timeoutMs: SAVE_TIMEOUT_MS,
    });
    if (answer.status !== 200 && answer.status !== 201) throw sendError(answer, false);
    const saved = SavedAnswer.safeParse(parseJson(answer.text));
    if (!saved.success)
      throw new FreightError("service-fault", "The answer to the saving of the draft cannot be read.", {
        cause: saved.error,
        requestId: answer.requestId,
        mayHaveActed: true,
        remedy: "retry",
      });
    return {
      messageId: saved.data.data.id,
      requestId: answer.requestId ?? saved.data.request_id ?? null,
    };
  }

  /** Deletes the drafts that carry a mark. @returns how many there were */
  async discardMarked(mark: string, signal: AbortSignal): Promise<number> {
    const marked = (await this.#list(signal)).filter((draft) => markOf(draft) === mark);
    for (const { id } of marked) {
      const answer = await this.#ask("DELETE", `/drafts/${encodeURIComponent(id)}`, signal);
      if (answer.status !== 200 && answer.status !== 404) throw accountError(answer);
    }
    return marked.length;
  }

  /** @throws FreightError `rate-limited` until it is certain that an earlier try has made none */
  #stayInDoubt(mark: string): void {
    const since = this.#doubts.get(mark) ?? this.#monotonicNow();
    this.#doubts.set(mark, since);
    if (this.#monotonicNow() - since >= SETTLED_MS) {
      this.#doubts.delete(mark);
      return;
    }
    throw new FreightError("rate-limited", "Nylas is asked whether the draft is there.", {
      retryAfterMs: LOOK_AGAIN_MS,
      mayHaveActed: true,
      remedy: "retry",
    });
  }

  async #find(
    { mark, letter, startedAt }: DraftToSave,
    signal: AbortSignal,
  ): Promise<ListedDraft | undefined> {
    const drafts = await this.#list(signal);
    const looksLikeIt = (draft: ListedDraft) =>
      markOf(draft) === undefined &&
      draft.subject === letter.subject &&
      addresses(draft.to ?? []) === addresses(letter.to) &&
      (draft.attachments ?? []).length === letter.fileCount &&
      (draft.date ?? 0) * 1000 >= startedAt - CLOCK_TOLERANCE_MS;
    // Where the mailbox does not tell the mark, the letter itself has to do.
    return drafts.find((draft) => markOf(draft) === mark) ?? drafts.find(looksLikeIt);
  }

  async #list(signal: AbortSignal): Promise<readonly ListedDraft[]> {
    const answer = await this.#ask("GET", `/drafts?limit=${DRAFTS_LOOKED_AT}`, signal);
    if (answer.status !== 200) throw accountError(answer);
    return parseAnswer(DraftList, answer, "drafts").data;
  }
}

/** Nylas keeps it beside the message; readers never see it. */
export function markMetadata(mark: string): { readonly key1: string } {
  return { key1: mark };
}

function markOf({ metadata }: ListedDraft): string | undefined {
  const mark = metadata?.["key1"];
  return typeof mark === "string" ? mark : undefined;
}

function addresses(people: readonly { readonly email: string }[]): string {
  return people
    .map(({ email }) => email.toLowerCase())
    .sort()
    .join();
}
