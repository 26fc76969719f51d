/**
 * Sends files in several mails. First the plan is saved in the first mail's record; then the others are made
 * from it, if this window crashes by the next one; only then is anything sent, each as any mail is.
 */
import { FreightError } from "../../base/errors.ts";
import { explain } from "../../base/log.ts";
import { formatBytes } from "../../shared/format.ts";
import { t } from "../../shared/l10n.ts";
import { largestFile, MOST_MAILS } from "../../shared/summary/mailsNeeded.ts";
import { partsIn, readCut, wholeFiles } from "../compose/cutFiles.ts";
import { sentBytes } from "../compose/learnedLimits.ts";
import { mailOfSet, planSet, reuseMargin } from "../compose/planSet.ts";
import { copyOfFile } from "../compose/sendAgain.ts";
import type { EnginePorts } from "../ports/enginePorts.ts";
import type { DeliveryRecord, Purpose, SavedAttachment } from "../record/delivery.ts";
import { type CutFile, gives, type MailSet } from "../record/mailSet.ts";
import { isEditable } from "../record/queries.ts";
import type { Ownership } from "../store/ownership.ts";
import type { RemoteCleanup } from "../upload/remoteCleanup.ts";
import type { FileTurns } from "./fileTurns.ts";

type Options = Pick<EnginePorts, "openSource" | "mostBoth" | "store" | "clock" | "newId" | "sleep" | "log">;

/** The parts of the engine that it uses. */
export interface MailSetsParts {
  readonly ownership: Pick<Ownership, "begin" | "claim">;
  readonly turns: Pick<FileTurns, "haltAll">;
  readonly remoteCleanup: Pick<RemoteCleanup, "abandon">;
  /** Takes back a mail before anything of it has left. @throws FreightError `send-late` */
  readonly withdraw: (deliveryId: string) => Promise<void>;
  /** Stops all work on a mail and forgets it. */
  readonly discard: (deliveryId: string) => Promise<void>;
  readonly kick: (deliveryId: string) => void;
  /** Aborted when the window closes. */
  readonly signal: AbortSignal;
}

const LOOK_AGAIN_MS = 5_000;

export class MailSets {
  readonly #options: Options;
  readonly #parts: MailSetsParts;
  /** The set being made or taken apart, by its first mail. */
  readonly #working = new Map<string, Promise<void>>();
  /** The mail of a set that is being left out with its files, by the set's first mail. */
  readonly #unwanted = new Map<string, string>();

  constructor(options: Options, parts: MailSetsParts) {
    this.#options = options;
    this.#parts = parts;
  }

  /**
   * Plans several mails if that is wanted and one is not enough. Reads the files that have to be cut.
   * @returns undefined if several mails are not wanted or not needed, or this one already belongs to a set
   * @throws FreightError `message-too-large` if no number of mails is enough; `file-changed`, or why a file
   * cannot be read
   */
  async plan(delivery: DeliveryRecord, purpose: Purpose): Promise<MailSet | undefined> {
    const { mostBoth, newId, openSource } = this.#options;
    if (purpose.type !== "send" || purpose.inMails !== true || delivery.set !== null) return undefined;
    const most = mostBoth?.(delivery) ?? Number.POSITIVE_INFINITY;
    const plan = planSet(delivery, most, newId, purpose.inParts);
    if (plan === undefined) {
      if (sentBytes(delivery) <= most) return undefined;
      throw tooLarge(delivery, most, purpose.inParts === true);
    }
    const { cut: planned, ...set } = plan;
    const cut: CutFile[] = [];
    for (const each of planned) {
      const source = await openSource(each.file, Number.MAX_SAFE_INTEGER);
      try {
        cut.push(await readCut(each, source, this.#parts.signal));
      } finally {
        await source.close();
      }
    }
    return cut.length === 0 ? set : { ...set, cut };
  }

  /** Does for a mail what its set needs now; what fails is tried again. */
  async proceed(deliveryId: string): Promise<void> {
    const { log, sleep } = this.#options;
    try {
      await this.#proceed(deliveryId);
    } catch (reason) {
      const { signal, kick } = this.#parts;
      if (signal.aborted) return;
      if (!(reason instanceof FreightError && reason.is("driven-elsewhere"))) log.warn(explain(reason));
      sleep(LOOK_AGAIN_MS, signal).then(
        () => kick(deliveryId),
        () => {}, // The window closes: the next one goes on.
      );
    }
  }

  async #proceed(deliveryId: string): Promise<void> {
    const { store } = this.#options;
    const mail = store.find(deliveryId);
    if (mail === undefined || mail.set === null) return;
    if (mail.set.at > 0) return this.#follow(mail);
    if (isEditable(mail)) return this.takeApart(deliveryId);
    if (mail.phase === "waiting" && mail.set.moving.length > 0)
      return this.#alone(deliveryId, () => this.#handOn(deliveryId));
    if (mail.phase === "sent") this.wakeOthers(mail);
  }

  /** Has the other mails of a set checked again, after something happened to the first that they wait for. */
  wakeOthers({ set }: Pick<DeliveryRecord, "set">): void {
    if (set?.at === 0) for (const id of set.mails.slice(1)) this.#parts.kick(id);
  }

  /** Id of the first mail of a set while it is unsent; undefined for a mail that goes, or may go, alone. */
  firstUnsent(deliveryId: string): string | undefined {
    const { store } = this.#options;
    const set = store.find(deliveryId)?.set;
    const [first] = set?.mails ?? [];
    if (set == null || set.answers !== null || first === undefined) return undefined;
    const phase = store.find(first)?.phase;
    return phase === undefined || phase === "sent" || phase === "unconfirmed" ? undefined : first;
  }

  /** Undoes an unsent set: puts the files of the other mails back into the first, and discards the others. */
  takeApart(firstId: string): Promise<void> {
    return this.#alone(firstId, () => this.#takeApart(firstId));
  }

  /**
   * Discards one mail of an unsent set with its files. The others become one mail again, which is not sent.
   * @throws FreightError `send-late`
   */
  async leaveOut(firstId: string, deliveryId: string): Promise<void> {
    this.#unwanted.set(firstId, deliveryId);
    try {
      // Once it is withdrawn, `proceed` may take the set apart as well: `#unwanted` must be set by then.
      await this.#parts.withdraw(firstId);
      await this.takeApart(firstId);
    } finally {
      this.#unwanted.delete(firstId);
    }
  }

  async #takeApart(firstId: string): Promise<void> {
    const { store, newId, clock } = this.#options;
    const { ownership, turns, discard } = this.#parts;
    const first = store.find(firstId);
    if (first?.set?.at !== 0 || !isEditable(first)) return;
    const others = first.set.mails.slice(1).filter((id) => store.find(id) !== undefined);
    for (const id of [firstId, ...others]) await ownership.claim(id);
    for (const id of others) await turns.haltAll(id, () => {});
    const now = store.find(firstId);
    if (now?.set?.at !== 0 || !isEditable(now)) return;
    const found = others.flatMap((id) => store.find(id) ?? []);
    const isHandedOn = now.set.moving.length === 0;
    // A mail that has some of the files was not read yet: its files would be lost. The set stays.
    if (isHandedOn && found.length < now.set.mails.length - 1) return;
    const { mails, moving, cut = [] } = now.set;
    const without = this.#unwanted.get(firstId);
    const unwantedAt = mails.indexOf(without ?? "");
    // A file is of no use without one of its parts.
    const spoilt = cut.filter(({ parts }) => parts.some(({ mail }) => mail === unwantedAt));
    const unwanted = [...(moving[unwantedAt - 1] ?? []), ...spoilt.map(({ file }) => file)];
    // If the files were not handed on yet, the first still has them.
    const back = isHandedOn
      ? found.flatMap(({ id, attachments }) => (id === without ? [] : attachments))
      : [];
    const attachments = back
      .filter(({ part }) => part === undefined)
      .map(({ flight: _, ...file }): SavedAttachment => {
        // An upload that the other mail made itself is deleted with it; only a reused one can be kept.
        return copyOfFile({ ...file, id: newId() }, clock.now(), file.reused ? reuseMargin(now) : undefined);
      });
    const wanted = cut.filter((whole) => !spoilt.includes(whole));
    const whole = isHandedOn ? wholeFiles([...now.attachments, ...back], wanted, newId) : [];
    for (const { id, part } of now.attachments)
      if (part !== undefined) this.#parts.remoteCleanup.abandon(firstId, id);
    for (const attachmentId of unwanted) {
      this.#parts.remoteCleanup.abandon(firstId, attachmentId);
      store.apply(firstId, { type: "removed", attachmentId });
    }
    store.apply(firstId, { type: "setEnded", attachments: [...attachments, ...whole] });
    // Only then discard the others: a crash in between would lose their files.
    await store.flushed(firstId);
    for (const id of others) await discard(id);
    this.#parts.kick(firstId);
  }

  /** Makes the other mails, and takes the files that they carry out of the first. */
  async #handOn(firstId: string): Promise<void> {
    const { store, newId } = this.#options;
    const { ownership, turns, remoteCleanup } = this.#parts;
    await turns.haltAll(firstId, async () => {
      const first = store.get(firstId);
      const { set, message } = first;
      if (set?.at !== 0 || message === null || first.phase !== "waiting") return;
      for (const [index, id] of set.mails.slice(1).entries()) {
        if (store.find(id) !== undefined) continue;
        await ownership.begin(id);
        store.add(mailOfSet({ ...first, set, message }, index + 1, newId));
      }
      for (const id of set.mails.slice(1)) await store.flushed(id);
      if (store.find(firstId)?.set?.moving.length !== set.moving.length) return;
      const kept = new Set(
        set.mails
          .slice(1)
          .flatMap((id) => store.find(id)?.attachments ?? [])
          .flatMap(({ reused, session }) => (reused ? (session?.attachmentId ?? []) : [])),
      );
      const given = gives(set);
      for (const file of first.attachments) {
        // An upload that another mail reuses stays at the service.
        if (given.includes(file.id) && !kept.has(file.session?.attachmentId ?? ""))
          remoteCleanup.abandon(firstId, file.id);
      }
      const parts = partsIn(0, set.cut ?? [], first.attachments);
      store.apply(firstId, { type: "handedOn", parts });
    });
    for (const id of this.#options.store.find(firstId)?.set?.mails ?? []) this.#parts.kick(id);
  }

  /** Lets one of the other mails go once its turn has come, or discards it if the set was undone. */
  async #follow({ id, set, phase }: DeliveryRecord): Promise<void> {
    const { store } = this.#options;
    if (set === null || set.answers !== null || phase !== "waiting") return;
    const [firstId = ""] = set.mails;
    const first = store.find(firstId);
    if (first === undefined) {
      // It may be among the records that could not be read.
      if (!store.isComplete) return;
      // It was forgotten, and nobody saw it sent: a person decides whether this one is sent without it.
      await this.#parts.withdraw(id);
      store.apply(id, { type: "setBegun", answers: { messageId: null, internetMessageId: null } });
    } else if (first.set === null || !first.set.mails.includes(id)) {
      // The set was undone: the first has the files again.
      await this.#parts.discard(id);
    } else if (first.phase === "sent") {
      const internetMessageId = first.arrival?.messageId ?? null;
      store.apply(id, { type: "setBegun", answers: { messageId: first.messageId, internetMessageId } });
    }
  }

  /** One operation at a time for each set. */
  async #alone(firstId: string, work: () => Promise<void>): Promise<void> {
    for (let before = this.#working.get(firstId); before !== undefined; before = this.#working.get(firstId))
      await before.catch(() => {}); // Its caller was told of the failure.
    const turn = work().finally(() => this.#working.delete(firstId));
    this.#working.set(firstId, turn);
    await turn;
  }
}

function tooLarge({ attachments }: DeliveryRecord, most: number, inParts: boolean): FreightError {
  const size = formatBytes(most);
  const large = attachments.find(({ inline, asLink, size: bytes }) => {
    return inline === null && !asLink && bytes > largestFile(most);
  });
  return new FreightError(
    "message-too-large",
    large === undefined || inParts
      ? t(
          "More than {0} mails of {1} would be needed. Compress the files, send them as links, or remove some.",
          MOST_MAILS,
          size,
        )
      : t(
          "“{0}” alone is larger than a mail can be ({1}). Compress it, send it as a link, or remove it.",
          large.name,
          size,
        ),
  );
}
