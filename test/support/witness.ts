/** Watches what windows claim and what the sandbox knows, and objects when the one says more than the other. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  type AttachmentRecord,
  type DeliveryRecord,
  secretName,
} from "../../src/delivery/record/delivery.ts";
import { placeInSet } from "../../src/delivery/record/mailSet.ts";
import { travelsInMail } from "../../src/delivery/words/sendMethod.ts";
import type { Sandbox } from "../../src/sandbox/server.ts";
import type { MemorySecrets } from "./engine.ts";
import type { Window } from "./window.ts";

export class Witness {
  readonly #sandbox: Sandbox;
  readonly #secrets: MemorySecrets;
  /** By file name: every content that the file ever had while it may be sent. */
  readonly #files = new Map<string, Set<string>>();
  readonly #claims = new Set<string>();
  readonly #newest = new Map<string, DeliveryRecord>();
  /** What records of each mail ever named. */
  readonly #known = new Map<
    string,
    {
      readonly drafts: Set<string>;
      readonly files: Set<string>;
      readonly marks: Set<string>;
      isOurs: boolean;
    }
  >();
  /** How often a person has had a mail sent again that may be out, by the mail's id. */
  readonly #repeats = new Map<string, number>();
  /** The sessions that records ever named. */
  readonly sessions = new Set<string>();

  constructor(sandbox: Sandbox, secrets: MemorySecrets) {
    this.#sandbox = sandbox;
    this.#secrets = secrets;
  }

  expectFile(name: string, bytes: Uint8Array): void {
    const versions = this.#files.get(name) ?? new Set();
    this.#files.set(name, versions.add(createHash("sha256").update(bytes).digest("hex")));
  }

  /** The file's content counts as wrong from now on unless it is expected again. */
  forgetFile(name: string): void {
    this.#files.delete(name);
  }

  /** The file is shown under another name from now on. */
  rename(from: string, to: string): void {
    const versions = this.#files.get(from) ?? new Set();
    this.#files.set(from, versions).set(to, versions);
  }

  /** Somebody has a mail sent once more, without a look whether it is out. */
  repeats(id: string): void {
    this.#repeats.set(id, (this.#repeats.get(id) ?? 0) + 1);
  }

  watch(window: Window): void {
    window.store.onDidChange(({ delivery }) => {
      if (delivery === undefined || window.isDead) return;
      this.#newest.set(delivery.id, delivery);
      // One that was replaced while it stood still, and does not know it yet, speaks of sessions that are gone.
      if (window.drives(delivery.id))
        for (const attachment of delivery.attachments) this.#look(attachment, delivery);
      this.#judge(window, delivery);
      // Files for an event are in no mail.
      if (delivery.event === null && delivery.phase === "sent" && this.#mailsOf(delivery).length === 0)
        this.#claims.add(`${delivery.id} counts as sent, and no mail went out`);
    });
  }

  /** @throws AssertionError for whatever was wrong */
  check(): void {
    assert.deepEqual([...this.#claims], []);
    for (const { logical_id, deliveries, attachments, subject } of this.#sandbox.mails) {
      const [, id = ""] = /\(([^)]*)\)$/.exec(subject) ?? [];
      const most = 1 + (this.#repeats.get(id) ?? 0);
      assert.ok(deliveries <= most, `“${subject}” (${logical_id}) was delivered ${deliveries} times`);
      for (const { filename, sha256 } of attachments)
        assert.ok(this.#files.get(filename)?.has(sha256), `${filename} was delivered with other bytes`);
    }
    for (const delivery of this.#newest.values()) {
      const { id, phase, event } = delivery;
      const mails = this.#mailsOf(delivery).length;
      if (event !== null) continue;
      assert.ok(mails <= 1 + (this.#repeats.get(id) ?? 0), `mail ${id} was delivered ${mails} times`);
      if (phase === "sent") assert.ok(mails > 0, `mail ${id} is said to be sent`);
    }
  }

  /** What is said not to have gone out has not. Who has it sent again, on their own word, may hear that of the second time. */
  #judge(window: Window, delivery: DeliveryRecord): void {
    const { id, phase, draft, attachments } = delivery;
    const known = this.#known.get(id) ?? {
      drafts: new Set(),
      files: new Set(),
      marks: new Set(),
      isOurs: true,
    };
    this.#known.set(id, known);
    if (draft !== null) known.drafts.add(draft.id);
    for (const attachment of attachments) {
      known.files.add(attachment.id);
      if (attachment.session?.attachmentId != null) known.marks.add(attachment.session.attachmentId);
      const secret = this.#secrets.values.get(`freightMail.upload.${secretName(attachment)}`);
      if (secret !== undefined) {
        const { pathname, search } = new URL(JSON.parse(secret).url);
        known.marks.add(pathname + search);
      }
    }
    if (!["composing", "waiting", "failed"].includes(phase)) known.isOurs = false;
    if ((phase !== "failed" && phase !== "composing") || !window.drives(id) || this.#repeats.has(id)) return;
    if (this.#mailsOf(delivery).length > 0) this.#claims.add(`${id} is said not to be sent, and went out`);
  }

  /** The drafts that records of a mail ever named. */
  draftsOf(id: string): readonly string[] {
    return [...(this.#known.get(id)?.drafts ?? [])];
  }

  /** The ids of the files that a mail ever had. */
  filesOf(id: string): readonly string[] {
    return [...(this.#known.get(id)?.files ?? [])];
  }

  /** What is in the paths of requests for a mail and for no other. */
  marksOf(id: string): readonly string[] {
    const { drafts = [], marks = [] } = this.#known.get(id) ?? {};
    return [...[...drafts].map((draft) => encodeURIComponent(draft)), ...marks];
  }

  /** True for a mail that no service was ever asked to take over. */
  isOurs(id: string): boolean {
    return this.#known.get(id)?.isOurs ?? true;
  }

  /** The mails of a set have one subject, and are told apart by the number in their text. */
  #mailsOf({ id, set }: Pick<DeliveryRecord, "id" | "set">) {
    const place = set === null ? "" : `(${placeInSet({ set })})`;
    return this.#sandbox.mails.filter(
      ({ subject, text }) => subject.endsWith(`(${set?.mails[0] ?? id})`) && text.includes(place),
    );
  }

  #look(attachment: AttachmentRecord, delivery: DeliveryRecord): void {
    const { id, name, accepted, status, session } = attachment;
    // Of a file that travels with its mail the service knows nothing before.
    if (session === null || travelsInMail(delivery)) return;
    this.sessions.add(`${id} ${session.createdAt}`);
    const confirmed = this.#confirmed(attachment);
    if (accepted > confirmed) this.#claims.add(`${name}: ${accepted} bytes claimed, ${confirmed} confirmed`);
    if (status !== "ready") return;
    if (session.attachmentId === null) this.#claims.add(`${name} counts as ready, and has no name`);
    // Where there is something to complete: a draft has a file with its last byte.
    else if (session.expiresAt !== null && !this.#wasCompleted(session.attachmentId))
      this.#claims.add(`${name} counts as ready, and was not completed`);
  }

  /** The most that the storage ever said it has of the session; of one that does not say, what it took. */
  #confirmed(attachment: AttachmentRecord): number {
    const { size } = attachment;
    // Not that of an upload which was abandoned, and whose service could not be told yet.
    const secret = this.#secrets.values.get(`freightMail.upload.${secretName(attachment)}`);
    if (secret === undefined) return size; // Dropped when it is complete, or when the session ends.
    const { url } = JSON.parse(secret);
    const { origin } = new URL(url);
    const requests = this.#sandbox.requests.filter(({ path }) => origin + path === url);
    if (origin !== this.#sandbox.storageOrigin)
      return requests.reduce((sum, { bytesReceived }) => sum + bytesReceived, 0);
    return requests.reduce((most, { status, range }) => {
      if (status === 200 || status === 201) return size;
      return Math.max(most, Number(/-(\d+)$/.exec(range ?? "")?.[1] ?? -1) + 1);
    }, 0);
  }

  #wasCompleted(session: string): boolean {
    return this.#sandbox.requests.some(
      ({ step, path, status }) =>
        step === "complete" && path.includes(session) && (status === 200 || status === 409),
    );
  }
}
