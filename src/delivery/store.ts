/** The only home of deliveries. A fact goes in by `apply`; whoever shows something hears `onDidChange` and asks. */
import type { SecretShelf } from "../accounts.ts";
import { FreightError } from "../errors.ts";
import { type Disposable, Emitter } from "../lifecycle.ts";
import { explain, type Log } from "../log.ts";
import { parseJson } from "../net/json.ts";
import { UploadTarget } from "../services/mailService.ts";
import { advance, Delivery, type DeliveryEvent, type DeliveryRecord, toSaved } from "./delivery.ts";
import type { Journal } from "./journal.ts";

export interface StoreOptions {
  readonly journal: Journal;
  readonly secrets: SecretShelf;
  readonly log: Log;
}

export interface DeliveryChange {
  readonly id: string;
  /** Undefined when the delivery was removed. */
  readonly delivery: DeliveryRecord | undefined;
}

export class DeliveryStore implements Disposable {
  readonly #journal: Journal;
  readonly #secrets: SecretShelf;
  readonly #log: Log;
  readonly #deliveries = new Map<string, DeliveryRecord>();
  /** The ids, newest first; unset when there are other ones than before. */
  #order: readonly string[] | undefined;
  /** The end of each record's chain of writes. */
  readonly #writes = new Map<string, Promise<void>>();
  /** Records whose newest state waits behind a write that is under way. */
  readonly #pending = new Set<string>();
  #mayWrite: (id: string) => Promise<boolean> = async () => true;
  readonly #didChange: Emitter<DeliveryChange>;
  readonly onDidChange: Emitter<DeliveryChange>["event"];

  constructor(options: StoreOptions) {
    this.#journal = options.journal;
    this.#secrets = options.secrets;
    this.#log = options.log;
    this.#didChange = new Emitter((reason) => options.log.error(explain(reason)));
    this.onDidChange = this.#didChange.event;
  }

  /** Reads what earlier sessions left. Records that cannot be read are set aside. @returns how many were */
  async load(): Promise<number> {
    let unreadable = 0;
    for (const { id, value, failure } of await this.#journal.readAll()) {
      if (failure !== undefined) {
        // It may be whole: the next start looks again.
        this.#log.error(`The saved record ${id} could not be read: ${explain(failure)}`);
        continue;
      }
      const parsed = Delivery.safeParse(value);
      if (parsed.success && parsed.data.id === id) {
        // What this process already knows is newer than what it finds on disk.
        if (!this.#deliveries.has(id)) this.#put(parsed.data);
        continue;
      }
      unreadable++;
      this.#log.warn(`The saved record ${id} cannot be read and was set aside.`);
      await this.#journal.setAside(id).catch((reason: unknown) => this.#log.error(explain(reason)));
    }
    for (const delivery of this.#deliveries.values()) this.#didChange.fire({ id: delivery.id, delivery });
    return unreadable;
  }

  /** Takes a record as another window left it; one that is gone or cannot be read is forgotten here. */
  async reload(id: string): Promise<void> {
    const { data } = Delivery.safeParse(await this.#journal.read(id));
    const delivery = data?.id === id ? data : undefined;
    if (delivery !== undefined) this.#put(delivery);
    else if (!this.#drop(id)) return;
    this.#didChange.fire({ id, delivery });
  }

  /** Has each write ask first whether this window still drives the record. */
  fence(mayWrite: (id: string) => Promise<boolean>): void {
    this.#mayWrite = mayWrite;
  }

  /**
   * Looks whether this window still drives the record; when not, takes it as the other one has left it.
   * @throws FreightError `driven-elsewhere`
   */
  async assertOurs(id: string): Promise<void> {
    if (await this.#mayWrite(id)) return;
    await this.reload(id);
    throw drivenElsewhere();
  }

  /** Newest first. */
  list(): DeliveryRecord[] {
    this.#order ??= [...this.#deliveries.values()]
      .sort((a, b) => b.createdAt - a.createdAt)
      .map(({ id }) => id);
    return this.#order.map((id) => this.get(id));
  }

  find(id: string): DeliveryRecord | undefined {
    return this.#deliveries.get(id);
  }

  /** @throws Error for an unknown id: a bug of the caller */
  get(id: string): DeliveryRecord {
    const delivery = this.#deliveries.get(id);
    if (delivery === undefined) throw new Error(`No delivery ${id}`);
    return delivery;
  }

  add(delivery: DeliveryRecord): void {
    this.#put(delivery);
    this.#save(delivery.id);
    this.#didChange.fire({ id: delivery.id, delivery });
  }

  /** Notes a fact. It is shown at once and saved soon; `flushed` waits until it is durable. */
  apply(id: string, event: DeliveryEvent): DeliveryRecord {
    const before = this.get(id);
    const delivery = advance(before, event);
    if (delivery === before) return delivery;
    this.#put(delivery);
    if (!isFleeting(before, event)) this.#save(id);
    this.#didChange.fire({ id, delivery });
    return delivery;
  }

  /**
   * Resolves when everything applied so far is on disk. Await it before a request that the record protects.
   * @throws FreightError `journal-unwritable`, or `driven-elsewhere` when another window has taken the record over
   */
  async flushed(id: string): Promise<void> {
    await this.#writes.get(id);
  }

  /** Forgets deliveries with everything that belongs to them. */
  async remove(id: string): Promise<void> {
    const delivery = this.#deliveries.get(id);
    if (delivery === undefined) return;
    this.#drop(id);
    this.#didChange.fire({ id, delivery: undefined });
    await this.#writes.get(id)?.catch(() => {}); // Its failure was reported to whoever waited for it.
    await this.#journal.remove(id);
    for (const attachment of delivery.attachments) await this.dropTarget(attachment.id);
  }

  /** Keeps where an attachment's bytes go, in secret storage. */
  async keepTarget(attachmentId: string, target: UploadTarget): Promise<void> {
    await this.#secrets.store(targetKey(attachmentId), JSON.stringify(target));
  }

  /** Undefined when it was never kept, or cannot be read. */
  async target(attachmentId: string): Promise<UploadTarget | undefined> {
    const text = await this.#secrets.get(targetKey(attachmentId));
    if (text === undefined) return undefined;
    return UploadTarget.safeParse(parseJson(text)).data;
  }

  async dropTarget(attachmentId: string): Promise<void> {
    await this.#secrets.delete(targetKey(attachmentId));
  }

  dispose(): void {
    this.#didChange.dispose();
  }

  #put(delivery: DeliveryRecord): void {
    if (this.#deliveries.get(delivery.id)?.createdAt !== delivery.createdAt) this.#order = undefined;
    this.#deliveries.set(delivery.id, delivery);
  }

  #drop(id: string): boolean {
    this.#order = undefined;
    return this.#deliveries.delete(id);
  }

  /** One write at a time for each record; the facts that come meanwhile share the next one. */
  #save(id: string): void {
    if (this.#pending.has(id)) return;
    this.#pending.add(id);
    const previous = this.#writes.get(id) ?? Promise.resolve();
    const write = previous
      .catch(() => {}) // Reported below, and to whoever awaited it.
      .then(async () => {
        // Facts that come while this is asked are in the state that is written then.
        await this.assertOurs(id).finally(() => this.#pending.delete(id));
        const delivery = this.#deliveries.get(id);
        if (delivery !== undefined) await this.#journal.write(id, toSaved(delivery));
      });
    this.#writes.set(id, write);
    write.catch((reason: unknown) => this.#log.error(explain(reason)));
  }
}

export function drivenElsewhere(): FreightError {
  return new FreightError(
    "driven-elsewhere",
    "Another window is working on this mail. Go on there, or close that window first.",
  );
}

/** True for what is gone with this process anyway: speed, waiting, bytes on their way. */
function isFleeting(before: DeliveryRecord, event: DeliveryEvent): boolean {
  if (event.type !== "attachment") return false;
  const inner = event.event;
  if (inner.type === "waited") return true;
  if (inner.type !== "progressed") return false;
  return before.attachments.some(
    ({ id, accepted }) => id === event.attachmentId && accepted === inner.accepted,
  );
}

function targetKey(attachmentId: string): string {
  return `freightMail.upload.${attachmentId}`;
}
