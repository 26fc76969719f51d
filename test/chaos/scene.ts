/** One run: a machine with its windows, somebody who works there, and what goes wrong meanwhile. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import type { Disposable } from "../../src/base/lifecycle.ts";
import type { DeliveryRecord, Purpose } from "../../src/delivery/record/delivery.ts";
import { isFinished } from "../../src/delivery/record/queries.ts";
import { LOG } from "../../src/delivery/store/disk/recordLog.ts";
import type { Form } from "../../src/shared/contract/form.ts";
import type { LineTrouble } from "../support/badLines.ts";
import { type Desk, isSettled } from "../support/desk.ts";
import type { Door } from "../support/doors.ts";
import { sample } from "../support/files.ts";
import type { Machine } from "../support/machine.ts";
import { leave, nextStep, shown, takeRemedy } from "../support/person.ts";
import type { Window } from "../support/window.ts";
import type { Act } from "./acts.ts";
import { assertNothingLeft, assertNothingRan } from "./afterDiscard.ts";
import { Agreements } from "./agreements.ts";
import { Deeds } from "./deeds.ts";
import { isOn } from "./kinds.ts";
import { Ledger } from "./ledger.ts";
import { assertLinks } from "./linkedFiles.ts";
import type { Schedule } from "./schedule.ts";

/** Remedies that a person follows while things still go wrong, and after nothing does any more. */
const patience = 12;
/** Long enough for any lease to grow old, and for whatever is tried again. */
const afterwardsMs = 10 * 60_000;
const twoDaysMs = 2 * 24 * 3_600_000;

export interface SceneOptions {
  readonly desk: Desk;
  readonly machine: Machine;
  readonly schedule: Schedule;
  /** Of the second account. */
  readonly otherDoor: Door;
  /** What is left of the schedule's. */
  readonly lines: LineTrouble;
}

export class Scene {
  readonly desk: Desk;
  readonly machine: Machine;
  readonly schedule: Schedule;
  readonly ledger = new Ledger();
  readonly agreements = new Agreements();
  /** How many requests there had been when each mail was discarded. */
  readonly discardedAt = new Map<string, number>();
  readonly #otherDoor: Door;
  readonly #lines: LineTrouble;
  readonly #deeds: Deeds;
  readonly #windows: (Window | undefined)[] = [];
  /** What was begun and not waited for. */
  readonly #loose: { readonly told: Promise<unknown>; readonly window: Window; readonly deed: string }[] = [];
  #texts = 0;
  /** The revision of the newest text that each page has typed, by the mail's id. */
  readonly #pages = new Map<Window, Map<string, number>>();
  /** The mail that somebody works on. */
  id = "";

  constructor({ desk, machine, schedule, otherDoor, lines }: SceneOptions) {
    this.desk = desk;
    this.machine = machine;
    this.#otherDoor = otherDoor;
    this.#lines = lines;
    this.schedule = schedule;
    this.#deeds = new Deeds(this);
  }

  /** Somebody begins a mail, and tries again where the disk is full. */
  async begin(): Promise<void> {
    const paths: string[] = [];
    for (const [index, size] of this.schedule.files.entries())
      paths.push(await this.desk.file(`${index}.bin`, size, index + 1));
    for (this.id = ""; this.id === ""; ) {
      const window = await this.at(0);
      const text = this.#text();
      const begin = async () => ({ ...text, format: "text", fillsIn: false, imageFolders: null }) as const;
      const composing = window.act(() => window.runner.compose(paths, "account", begin));
      const told = this.ledger.begins(window, composing, ({ deliveryId }) => deliveryId);
      const begun = await this.waitFor("beginning", this.#told("beginning", told), window);
      this.id = begun?.deliveryId ?? "";
    }
  }

  /** The same work, whose failure is noted and no more. */
  #told<T>(what: string, work: Promise<T>): Promise<T | undefined> {
    return work.catch((reason: unknown) => {
      this.ledger.failed(what, reason);
      return undefined;
    });
  }

  /** The window at one of the two places, opened when there is none. */
  async at(place: number): Promise<Window> {
    const present = this.#windows[place];
    if (present !== undefined && !present.isDead) return present;
    const window = await this.#open();
    this.#windows[place] = window;
    return window;
  }

  async #open(): Promise<Window> {
    const { machine, schedule } = this;
    const isAlone = this.#windows.every((window) => window === undefined || window.isDead);
    const options = { machine, otherDoor: this.#otherDoor, undoSendMs: () => schedule.undoSendMs };
    const window = await machine.during("opening", this.desk.open(options));
    // Nobody can have written on meanwhile.
    if (isAlone) for (const id of this.ledger.ids) this.ledger.checkText(id, window.store.find(id));
    return window;
  }

  /** Does what the schedule says, when it is time to. */
  async perform(act: Act): Promise<void> {
    if (this.ledger.isDiscarded(this.id) === "yes") await this.begin();
    const window = await this.at(act.window);
    await this.#moment(window, act);
    const work = this.#deeds.perform(window, act);
    if (work === undefined) return; // It is not offered just now.
    const told = this.#told(act.deed, work);
    if (act.isAwaited) await this.waitFor(act.deed, told, window);
    else this.#loose.push({ told, window, deed: act.deed });
  }

  /** Resolves when it is time for an act: in the middle of whatever is going on. */
  async #moment(window: Window, { after, inWait }: Act): Promise<void> {
    let changes = 0;
    let listening: Disposable | undefined;
    const reached = new Promise<void>((resolve) => {
      listening = window.store.onDidChange(({ id }) => {
        if (id === this.id && ++changes >= after) resolve();
      });
      if (after === 0) resolve();
    });
    const isIdle = () => {
      const delivery = window.isDead ? undefined : window.store.find(this.id);
      const isWaiting = inWait && this.machine.time.isAwaited;
      return isWaiting || window.isStopped || delivery === undefined || isSettled(delivery);
    };
    await Promise.race([reached, this.machine.passUntil(() => changes >= after || isIdle(), 60_000)]);
    listening?.dispose();
  }

  /** What is typed next in the page of a mail: no text is typed twice. */
  nextForm(window: Window, { form, id }: DeliveryRecord): Form {
    const pages = this.#pages.get(window) ?? new Map<string, number>();
    // A page counts on from the newest text that it has shown, whoever has typed that.
    const revision = Math.max(pages.get(id) ?? 0, form.revision) + 1;
    this.#pages.set(window, pages.set(id, revision));
    return { ...form, revision, to: "reader@example.com", ...this.#text(id) };
  }

  #text(id = ""): { subject: string; body: string } {
    const long = this.schedule.isLong ? "\n1,2,3,4,5,6,7,8,9,".repeat(12_000) : "";
    return { subject: `A mail (${id})`, body: `Text ${this.#texts++}.${long}` };
  }

  /** Lets time pass until something is done; a window that was killed or stopped is not waited for. */
  async waitFor<T>(what: string, work: Promise<T>, window?: Window): Promise<T | undefined> {
    let isOver = false;
    const end = () => {
      isOver = true;
    };
    work.then(end, end);
    const isInVain = () => window !== undefined && (window.isDead || window.isStopped);
    assert.ok(await this.machine.passUntil(() => isOver || isInVain()), `${what} does not end`);
    return isOver ? work : undefined;
  }

  /** The person goes on until each mail is out: past what still goes wrong, then on a day when nothing does. */
  async end(): Promise<void> {
    for (const window of this.#windows) window?.goOn();
    await this.machine.rest();
    await this.#insistOnAll(false);
    this.heal();
    await this.machine.pass(60_000);
    await this.#insistOnAll(true);
    for (const { told, window, deed } of this.#loose) await this.waitFor(deed, told, window);
    for (const window of this.#windows)
      if (window !== undefined) await this.waitFor("closing", window.close());
    await this.#inspect();
  }

  /** From now on nothing goes wrong any more. */
  heal(): void {
    this.desk.sandbox.faults.clear();
    this.machine.disk.heal();
    this.#lines.broken.length = 0;
    this.#lines.unopened.length = 0;
  }

  async #insistOnAll(isQuietDay: boolean): Promise<void> {
    for (const id of this.ledger.ids)
      if (this.ledger.isDiscarded(id) !== "yes") await this.#insist(id, isQuietDay);
  }

  async #insist(id: string, isQuietDay: boolean): Promise<void> {
    for (let left = patience, place = 0; left > 0; left--) {
      const window = await this.at(place % 2);
      await this.machine.passUntil(() => {
        const delivery = window.store.find(id);
        return delivery === undefined || isSettled(delivery) || delivery.phase === "scheduled";
      });
      if (window.isDead) continue; // It was closed or killed meanwhile.
      if (window.store.find(id) === undefined) {
        if (this.ledger.mayBeGone(id)) return;
        // It was begun in the other window, and this one is about to hear of it.
        await this.machine.pass(5_000);
        place++;
        continue;
      }
      const step = nextStep(window, id);
      const isDone = await this.#told(`going on by “${step.type}”`, this.#take(window, id, step));
      if (isDone === true) return;
      if (isDone === undefined) place++; // Another window has it, say.
    }
    assert.ok(!isQuietDay, `nothing leads to an end: ${JSON.stringify(shown(await this.at(0), id))}`);
  }

  /** @returns true when the person finds that nothing is left to do */
  async #take(window: Window, id: string, step: ReturnType<typeof nextStep>): Promise<boolean> {
    switch (step.type) {
      case "done":
        return true;
      case "act":
        await this.waitFor("a remedy", this.agreements.agrees(window, id, step.act), window);
        return false;
      case "wait":
        await this.#waitUntil(step.until);
        return false;
      case "send":
        await this.waitFor("Send", this.send(window, id) ?? Promise.resolve(), window);
        return false;
      case "look": {
        // "Check Sent Items before you send it again." People are slow: what is on its way has arrived by then.
        await this.machine.rest();
        // Who does not find it in Scheduled Mails, where some services tell no subject, sees when its time has come.
        const purpose = window.store.find(id)?.purpose;
        if (purpose?.type === "later") await this.#waitUntil(purpose.at);
        if (this.mailsOf(id).length > 0) return true;
        const remedy = shown(window, id)?.problem?.remedy?.remedy ?? "showLog";
        const act = takeRemedy(window, id, remedy);
        assert.ok(act, "an unconfirmed mail has no way out");
        await this.waitFor("sending again", act, window);
        return false;
      }
      case "stuck":
        assert.fail(`nothing that is offered leads on: ${JSON.stringify(shown(window, id), undefined, 1)}`);
    }
  }

  /** Nobody sits and waits for hours. A mail leaves by the service's clock, and is asked about by this machine's. */
  async #waitUntil(instant: number | undefined): Promise<void> {
    if (instant !== undefined) {
      const now = Math.min(this.desk.sandbox.clock.now(), this.machine.time.now());
      await this.machine.sleep(Math.max(0, instant - now));
    }
    await this.machine.pass(30_000);
  }

  /** Presses Send, or chooses another way, with a new text. */
  send(window: Window, id: string, purpose: Purpose = { type: "send" }): Promise<unknown> | undefined {
    const delivery = window.store.find(id);
    if (delivery === undefined) return undefined;
    const form = this.nextForm(window, delivery);
    const act = leave(window, id, form, purpose);
    if (act === undefined) return undefined;
    const refused = this.ledger.types(window, id, form);
    act.then((problem) => problem === undefined || refused(), refused);
    return this.agreements.agrees(window, id, act);
  }

  mailsOf(id: string) {
    return this.desk.sandbox.mails.filter(({ subject }) => subject.endsWith(`(${id})`));
  }

  /** What the disk has in the end. */
  async #inspect(): Promise<void> {
    const window = await this.#open();
    await this.machine.pass(afterwardsMs);
    for (const id of this.ledger.ids) this.ledger.check(id, window.store.find(id));
    for (const [id, at] of this.discardedAt) {
      assertNothingRan(this.desk, id, at);
      await assertNothingLeft(this.desk, id);
    }
    this.agreements.check(this.desk.sandbox, this.ledger.ids);
    await assertLinks(this, window.store.list());
    // What a window does now and then: nobody looks after what was left behind within the hour.
    // And of a clock that was put nobody believes it before it has gone on for days.
    for (let day = 0; day < 3; day++) {
      await this.machine.sleep(twoDaysMs);
      // It is awake for a moment: what could not be said by a clock that was put back is said now.
      await this.machine.pass(20_000);
      await this.waitFor(
        "tidying",
        window.act(() => window.runner.forgetOlder(0)),
      );
    }
    await this.waitFor("closing", window.close());
    if (isOn("tidy folder")) this.#assertTidy(window.store.list());
    this.ledger.checkAll(window.store.list().map(({ id }) => id));
    this.ledger.finish();
  }

  /** A lease, and a log, may be there of a mail that somebody goes on with. */
  #assertTidy(mails: readonly DeliveryRecord[]): void {
    const wanted = new Set(mails.map(({ id }) => `${id}.json`));
    for (const mail of mails) if (!isFinished(mail)) wanted.add(`${mail.id}.lease`);
    const isLog = (name: string) => name.endsWith(LOG) && wanted.has(name.replace(/\..*/, ".lease"));
    const left = readdirSync(this.desk.folder).filter((name) => !wanted.has(name) && !isLog(name));
    assert.deepEqual(left, [], "files are left in the folder");
  }

  /** The bytes of another version of a file. */
  version(name: string, size: number): Buffer {
    const bytes = sample(size, 100 + this.#texts++);
    this.desk.witness.expectFile(name, bytes);
    return bytes;
  }
}
