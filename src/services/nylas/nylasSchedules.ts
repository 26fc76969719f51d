/** Mail that waits at Nylas or in the mailbox. https://developer.nylas.com/docs/v3/email/schedule-send/ */
import * as z from "zod";
import { FreightError } from "../../base/errors.ts";
import { assertOwn, parseAnswer, serverNow } from "../../net/answers.ts";
import { formatMoment } from "../../shared/format.ts";
import { t } from "../../shared/l10n.ts";
import type { Draft } from "../drafts.ts";
import { ServiceId } from "../mailService.ts";
import {
  type ListedSchedule,
  type Schedule,
  type ScheduleState,
  type Schedules,
  tooLateToCancel,
  type Wait,
} from "../scheduling.ts";
import type { AskNylas } from "./nylasApi.ts";
import type { NylasDrafts } from "./nylasDrafts.ts";
import { accountError, isUnknown } from "./nylasErrors.ts";

const DAY_MS = 24 * 3_600_000;
/** How long Nylas itself keeps a mail at most. */
const LONGEST_AT_NYLAS_MS = 30 * DAY_MS;
/** How long Nylas may take to fetch the files when it sends. */
const FETCHING_MS = 3 * 60_000;
/** Providers whose mailboxes can keep a mail, as a draft. */
const KEEPING_PROVIDERS = new Set(["microsoft", "google"]);

const Entry = z.object({
  schedule_id: ServiceId,
  status: z.object({ code: z.string(), description: z.string().nullish() }),
  close_time: z.number().nullish().catch(null),
  send_at: z.number().nullish().catch(null),
});
type Entry = z.infer<typeof Entry>;
/** The contract shows a bare list, the CLI reads `data`, and the SDK's types have `data.schedules`. */
const EntryList = z
  .union([
    z.array(Entry),
    z.object({ data: z.array(Entry) }).transform(({ data }) => data),
    z.object({ data: z.object({ schedules: z.array(Entry) }) }).transform(({ data }) => data.schedules),
  ])
  .transform((entries): readonly Entry[] => entries);
const OneEntry = z.union([z.object({ data: Entry }).transform(({ data }) => data), Entry]);

export class NylasSchedules implements Schedules {
  readonly #ask: AskNylas;
  readonly #drafts: NylasDrafts;
  readonly #provider: string;

  constructor(ask: AskNylas, drafts: NylasDrafts, provider: string) {
    this.#ask = ask;
    this.#drafts = drafts;
    this.#provider = provider;
  }

  keeperOf(wait: Wait): Schedule["keeper"] {
    return nylasKeeper(this.#provider, wait);
  }

  async list(signal: AbortSignal): Promise<readonly ListedSchedule[]> {
    const answer = await this.#ask("GET", "/messages/schedules", signal);
    if (answer.status !== 200) throw accountError(answer);
    return parseAnswer(EntryList, answer, "scheduled mails").map((entry) => {
      const at = entry.send_at ?? entry.close_time;
      return { id: entry.schedule_id, sendAt: at == null ? null : at * 1000, ...stateOf(entry) };
    });
  }

  async look({ id }: Schedule, _draft: Draft | null, signal: AbortSignal): Promise<ScheduleState> {
    if (id === null) return { state: "unknown" };
    const answer = await this.#ask("GET", schedulePath(id), signal);
    const now = serverNow(answer);
    if (isUnknown(answer)) return { state: "unknown", now };
    if (answer.status !== 200) throw accountError(answer);
    return { ...stateOf(parseAnswer(OneEntry, answer, "scheduled mail")), now };
  }

  async cancel(
    schedule: Schedule,
    mark: string | null,
    draft: Draft | null,
    signal: AbortSignal,
    gate?: () => void,
  ): Promise<boolean> {
    const { id, keeper } = schedule;
    if (id === null)
      throw new FreightError(
        "request-refused",
        t("Nylas gave this scheduled mail no ID, so it cannot be cancelled here."),
      );
    const answer = await this.#ask("DELETE", schedulePath(id), signal, { gate });
    if (isUnknown(answer)) {
      // Gone: it was sent, or an earlier call or somebody else cancelled it.
      const { state } = await this.look(schedule, draft, signal);
      if (state === "sent") throw tooLateToCancel();
    } else if (answer.status !== 202 && answer.status !== 200) throw accountError(answer);
    else assertOwn(answer, "cancelled mail");
    // Nylas does not delete the draft.
    return keeper === "provider" && (mark === null || !(await this.#discardDraft(mark, signal)));
  }

  /** The mail is cancelled whether or not this works. @returns false when the draft may still be there */
  async #discardDraft(mark: string, signal: AbortSignal): Promise<boolean> {
    try {
      return (await this.#drafts.discardMarked(mark, signal)) > 0;
    } catch (reason) {
      if (reason instanceof FreightError) return false;
      throw reason;
    }
  }
}

const schedulePath = (id: string) => `/messages/schedules/${encodeURIComponent(id)}`;

function stateOf({ status: { code, description } }: Entry): ScheduleState {
  if (code === "pending" || code === "scheduled") return { state: "pending" };
  if (code === "success") return { state: "sent" };
  return { state: "failed", reason: (description ?? code).slice(0, 500) };
}

/** Who keeps the mail: Nylas while it has the files, otherwise the mailbox, which gets them immediately. */
export function nylasKeeper(provider: string, { at, now, filesUntil }: Wait): Schedule["keeper"] {
  const outlivesFiles = filesUntil !== null && at + FETCHING_MS >= filesUntil;
  if (at - now <= LONGEST_AT_NYLAS_MS && !outlivesFiles) return "service";
  if (KEEPING_PROVIDERS.has(provider)) return "provider";
  throw new FreightError(
    "schedule-refused",
    outlivesFiles
      ? t(
          "Nylas keeps the uploaded files only until {0}. Choose an earlier time.",
          formatMoment(filesUntil, now),
        )
      : t("Nylas schedules mail from this mailbox at most 30 days ahead. Choose an earlier time."),
  );
}
