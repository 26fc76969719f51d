/** Checks whether sent mails came back: rarely, and with one request for all mails of a mailbox. */
import { asksPerson } from "../accounts/nylasTokens.ts";
import { FreightError } from "../base/errors.ts";
import { explain } from "../base/log.ts";
import type { InboxReader, IncomingMail } from "../services/inboxReader.ts";
import { addressKey } from "../shared/recipients.ts";
import { type InboxRead, isWatched, type ReturnNote, recipientsOf } from "./arrival/arrival.ts";
import { refusalReason } from "./arrival/refusal.ts";
import { isPostmaster, type ReturnReport, readReport } from "./arrival/returnReport.ts";
import type { OwnLimits } from "./compose/ownLimits.ts";
import type { EnginePorts } from "./ports/enginePorts.ts";
import type { DeliveryRecord } from "./record/delivery.ts";
import type { DeliveryStore } from "./store/store.ts";

interface Options extends Pick<EnginePorts, "accounts" | "serviceFor" | "log" | "watch"> {
  readonly store: Pick<DeliveryStore, "apply" | "find" | "flushed" | "list">;
  readonly clock: { now(): number };
  readonly ownLimits?: Pick<OwnLimits, "refused">;
}

const MINUTE_MS = 60_000;
/** Counted from the sending: mail that is too large comes back within minutes. */
const LOOKS_MS = [15_000, MINUTE_MS, 3 * MINUTE_MS, 10 * MINUTE_MS, 30 * MINUTE_MS];
/** Between later looks, which take place only while somebody is there to see the result. */
const SELDOM_MS = 60 * MINUTE_MS;
/** Mails of a mailbox that are due within this time are checked together. */
const TOGETHER_MS = 30_000;
/** After a failed look; doubled each time. */
const FIRST_PAUSE_MS = MINUTE_MS;
const LONGEST_PAUSE_MS = 30 * MINUTE_MS;
/** Most inbox mails read in one look; the next look reads on from there. */
const READ_AT_MOST = 30;
const REMEMBERED = 500;
/** A mail may appear in the inbox a little later than it was received. */
const OVERLAP_MS = 60_000;

export class ReturnWatch {
  readonly #options: Options;
  /** What inbox mails report, by account and the service's id; undefined for mails that are not reports. */
  readonly #reports = new Map<string, ReturnReport | undefined>();
  readonly #pauses = new Map<string, { readonly until: number; readonly count: number }>();

  constructor(options: Options) {
    this.#options = options;
  }

  /** Ids of the mails to check now, one list for each account. */
  due(): readonly (readonly string[])[] {
    const { store, clock, watch } = this.#options;
    if (watch?.isOn() !== true) return [];
    const now = clock.now();
    const accounts = new Map<string, DeliveryRecord[]>();
    for (const mail of store.list()) {
      if (mail.accountId === null || !isWatched(mail, now)) continue;
      const account = this.#options.accounts.find(mail.accountId);
      // A look in the background must not ask anybody to sign in.
      if (account === undefined || asksPerson(account, now)) continue;
      accounts.set(mail.accountId, [...(accounts.get(mail.accountId) ?? []), mail]);
    }
    return [...accounts].flatMap(([accountId, mails]) => {
      const pauseMs = (this.#pauses.get(accountId)?.until ?? 0) - now;
      // A longer pause than we ever make: somebody has set the clock back.
      if (pauseMs > 0 && pauseMs <= LONGEST_PAUSE_MS) return [];
      if (!mails.some((mail) => this.#isDue(mail, now))) return [];
      return [mails.filter((mail) => this.#isDue(mail, now + TOGETHER_MS)).map(({ id }) => id)];
    });
  }

  /**
   * Checks whether mails of one account came back, and notes it. This window must own them.
   * @throws FreightError when the mailbox cannot be asked
   */
  async look(ids: readonly string[], signal: AbortSignal): Promise<void> {
    const { store, clock, accounts, log } = this.#options;
    const now = clock.now();
    // Another window may have looked a moment ago.
    const mails = ids.flatMap((id) => store.find(id) ?? []).filter((mail) => isWatched(mail, now));
    const [first] = mails;
    if (first === undefined || !mails.some((mail) => this.#isDue(mail, now))) return;
    const account = accounts.find(first.accountId);
    if (account === undefined) return;
    try {
      const inbox = (await this.#options.serviceFor(account)).inbox;
      if (inbox === undefined)
        throw new FreightError("scope-missing", "This account may not read its inbox.");
      await this.#read(inbox, account.id, mails, signal);
      this.#pauses.delete(account.id);
    } catch (reason) {
      if (!(reason instanceof FreightError && reason.is("scope-missing"))) {
        this.#pause(account.id);
        throw reason;
      }
      log.info(`Whether mail of this account comes back cannot be seen: ${explain(reason)}`);
      for (const { id } of mails) await this.#note(id, { at: now, readTo: 0, barred: true, returns: [] });
    }
  }

  async #read(
    inbox: InboxReader,
    accountId: string,
    mails: readonly DeliveryRecord[],
    signal: AbortSignal,
  ): Promise<void> {
    const after = mails
      .map(({ arrival }) => arrival?.readTo ?? 0)
      .reduce((one, other) => Math.min(one, other));
    const incoming = [...(await inbox.list(after, signal))].sort((a, b) => a.receivedAt - b.receivedAt);
    const found = new Map<string, ReturnNote[]>();
    let readTo = incoming.at(-1)?.receivedAt ?? 0;
    let reads = 0;
    for (const mail of incoming) {
      if (!mayBeReport(mail, mails)) continue;
      const key = `${accountId} ${mail.id}`;
      if (!this.#reports.has(key)) {
        if (reads++ === READ_AT_MOST) {
          readTo = mail.receivedAt;
          break;
        }
        this.#remember(key, readReport(await inbox.read(mail.id, signal)));
      }
      const report = this.#reports.get(key);
      const about = report && aboutWhich(mails, mail, report);
      if (report === undefined || about === undefined) continue;
      const notes = notesOf(about, report, this.#options.clock.now());
      found.set(about.id, [...(found.get(about.id) ?? []), ...notes]);
    }
    for (const { id } of mails)
      await this.#note(id, {
        at: this.#options.clock.now(),
        readTo: readTo - OVERLAP_MS,
        barred: false,
        returns: found.get(id) ?? [],
      });
  }

  async #note(id: string, read: InboxRead): Promise<void> {
    const { store, ownLimits } = this.#options;
    const mail = store.find(id);
    if (mail === undefined) return;
    store.apply(id, { type: "inboxRead", read });
    const fresh = store.find(id)?.arrival?.returns.slice(mail.arrival?.returns.length) ?? [];
    const own = fresh.find(({ reason }) => reason === "ownLimit");
    if (own !== undefined) ownLimits?.refused(mail, own.words);
    await store.flushed(id);
  }

  #isDue({ arrival, finishedAt }: DeliveryRecord, now: number): boolean {
    if (arrival === null || finishedAt === null) return false;
    const { lookedAt } = arrival;
    // Somebody has set the clock back: look now, which notes the present time.
    if (finishedAt > now + MINUTE_MS || (lookedAt ?? 0) > now + MINUTE_MS) return true;
    const planned = LOOKS_MS.find((ms) => lookedAt === null || finishedAt + ms > lookedAt);
    if (planned !== undefined) return now >= finishedAt + planned;
    return now >= (lookedAt ?? 0) + SELDOM_MS && this.#options.watch?.isFocused() === true;
  }

  #pause(accountId: string): void {
    const count = (this.#pauses.get(accountId)?.count ?? 0) + 1;
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (count - 1));
    this.#pauses.set(accountId, { until: this.#options.clock.now() + pauseMs, count });
  }

  #remember(key: string, report: ReturnReport | undefined): void {
    this.#reports.set(key, report);
    const [oldest] = this.#reports.keys();
    if (this.#reports.size > REMEMBERED && oldest !== undefined) this.#reports.delete(oldest);
  }
}

/** Whether a mail in the inbox may be a report. Others are not read: they are private. */
function mayBeReport(incoming: IncomingMail, mails: readonly DeliveryRecord[]): boolean {
  const { messageClass, from } = incoming;
  if (messageClass !== null && /^REPORT\..*\.(NDR|DR)$/i.test(messageClass)) return true;
  return isPostmaster(from) || mails.some((mail) => isNamed(mail, incoming.messageIds));
}

function isNamed({ arrival }: DeliveryRecord, messageIds: readonly string[]): boolean {
  return arrival?.messageId != null && messageIds.includes(arrival.messageId);
}

/** The mail that a report is about; undefined when it is about none of these. */
function aboutWhich(
  mails: readonly DeliveryRecord[],
  incoming: IncomingMail,
  report: ReturnReport,
): DeliveryRecord | undefined {
  const ids = [...incoming.messageIds, ...report.messageIds];
  const named = mails.find((mail) => isNamed(mail, ids));
  if (named !== undefined) return named;
  const inThread = ({ arrival }: DeliveryRecord) =>
    arrival?.threadId != null && arrival.threadId === incoming.threadId;
  const told = report.recipients.map(({ email, originally }) => addressKey(originally ?? email ?? ""));
  const isTo = (mail: DeliveryRecord) => {
    const keys = recipientsOf(mail).map(addressKey);
    return told.length > 0 && told.every((key) => keys.includes(key));
  };
  const threaded = mails.find((mail) => inThread(mail) && isTo(mail));
  if (threaded !== undefined) return threaded;
  // The report has no message id, or we do not know that of our mail: go by the recipients if only one fits.
  const nameless = mails.filter((mail) => ids.length === 0 || mail.arrival?.messageId === null).filter(isTo);
  return nameless.length === 1 ? nameless[0] : undefined;
}

function notesOf(mail: DeliveryRecord, { recipients }: ReturnReport, at: number): ReturnNote[] {
  const ours = new Map(recipientsOf(mail).map((email) => [addressKey(email), email]));
  const [only] = ours.values();
  return recipients.map(({ email, originally, action, status, words }) => {
    const known = [originally, email].flatMap((one) =>
      one === null ? [] : (ours.get(addressKey(one)) ?? []),
    )[0];
    // Anybody else whom a report names is not a recipient, and must not become one because of it.
    const whom = known ?? (ours.size === 1 ? only : undefined) ?? null;
    return { email: whom, action, reason: refusalReason(status, words), words: words || status, at };
  });
}
