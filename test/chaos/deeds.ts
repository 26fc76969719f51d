/** What each deed of a schedule does. */
import { randomUUID } from "node:crypto";
import { closeSync, openSync, statSync, utimesSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { click, shown, takeRemedy } from "../support/person.ts";
import { accountIds, type Window } from "../support/window.ts";
import type { Act } from "./acts.ts";
import { requestsSoFar } from "./afterDiscard.ts";
import { doAboutLinks } from "./linkDeeds.ts";
import type { Scene } from "./scene.ts";

const hourMs = 3_600_000;

export class Deeds {
  readonly #scene: Scene;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** @returns undefined where it is not offered just now, or there is nothing to do it to */
  perform(window: Window, act: Act): Promise<unknown> | undefined {
    const { id, machine } = this.#scene;
    const { runner } = window;
    const { attachments = [] } = window.store.find(id) ?? {};
    const attachment = attachments[act.file % Math.max(1, attachments.length)]?.id ?? "";
    switch (act.deed) {
      case "kill":
        return window.kill();
      case "close":
        return window.close();
      case "stop":
        return this.#stop(window, act.seconds);
      case "sleep":
        return this.#sleep(window, Math.abs(act.seconds) * 1000);
      case "jump":
        machine.time.jump(act.seconds * 1000);
        return machine.rest();
      case "full disk":
        machine.disk.trouble.full += 1 + (act.file % 3);
        return undefined;
      case "busy files":
        machine.disk.trouble.busy += 1 + (act.file % 3);
        return undefined;
      case "rewrite":
        this.#rewrite(act.file);
        return undefined;
      case "scribble":
        this.#scribble(act.file);
        return undefined;
      case "pause":
      case "resume":
      case "cancel":
        return click(window, id, attachment, act.deed) ?? click(window, id, attachment, "retry");
      case "keep version":
        return this.#agreeing(window, click(window, id, attachment, "keepVersion"));
      case "new version":
        return this.#agreeing(window, takeRemedy(window, id, "uploadNewVersion", attachment));
      case "detach":
        // A mail that has no file any more says little about the rest.
        return attachments.length < 2 ? undefined : click(window, id, attachment, "remove");
      case "edit":
        return this.#edit(window);
      case "attach":
        return shown(window, id)?.editable ? this.#agreeing(window, this.#attach(window)) : undefined;
      case "replace":
        return shown(window, id)?.editable
          ? this.#agreeing(window, this.#replace(window, attachment))
          : undefined;
      case "rename":
        return this.#rename(window, attachment);
      case "choose account":
        return shown(window, id)?.editable
          ? window.act(() => runner.chooseAccount(id, accountIds[act.file % 2] ?? ""))
          : undefined;
      case "withdraw":
        return shown(window, id)?.send.withdrawable ? window.act(() => runner.withdraw(id)) : undefined;
      case "send":
        return this.#scene.send(window, id);
      case "draft":
        return this.#scene.send(window, id, { type: "draft" });
      case "later":
        return this.#scene.send(window, id, { type: "later", at: machine.time.now() + 2 * hourMs });
      case "cancel scheduled":
        return shown(window, id)?.ways.cancelScheduled
          ? window.act(() => runner.cancelScheduled(id))
          : undefined;
      case "send again":
        return this.#sendAgain(window);
      case "send again to":
        return shown(window, id)?.ways.sendAgainTo ? this.#sendAgainTo(window) : undefined;
      case "discard":
        return this.#discard(window);
      case "as link":
      case "as attachment":
      case "choose links":
      case "extend link":
      case "stop sharing":
      case "delete linked":
        return doAboutLinks(window, id, attachment, { ...act, deed: act.deed });
    }
  }

  #agreeing(window: Window, act: Promise<unknown> | undefined): Promise<unknown> | undefined {
    return act === undefined ? act : this.#scene.agreements.agrees(window, this.#scene.id, act);
  }

  /** No network holds a request back for hours: a send that is on its way arrives, or does not, before the machine sleeps. */
  async #sleep(window: Window, ms: number): Promise<void> {
    const { id, machine } = this.#scene;
    if (window.store.find(id)?.phase === "sending") await machine.rest();
    await machine.sleep(ms);
  }

  /** The window stands still while the other one, and the world, go on. */
  async #stop(window: Window, seconds: number): Promise<void> {
    const { machine } = this.#scene;
    window.stop();
    await machine.pass(Math.min(60, Math.abs(seconds)) * 1000);
    window.goOn();
    machine.time.fire();
  }

  #rewrite(file: number): void {
    const { desk, schedule } = this.#scene;
    const index = file % schedule.files.length;
    const name = `${index}.bin`;
    const bytes = this.#scene.version(name, schedule.files[index] ?? 1);
    writeFileSync(join(desk.files.path, name), bytes);
    this.#scene.agreements.changed();
  }

  /** As who has the file mapped into memory, or sets its time back. */
  #scribble(file: number): void {
    const { desk, schedule } = this.#scene;
    const index = file % schedule.files.length;
    const name = `${index}.bin`;
    const path = join(desk.files.path, name);
    const { size, atime, mtime } = statSync(path);
    const handle = openSync(path, "r+");
    writeSync(handle, this.#scene.version(name, size));
    closeSync(handle);
    utimesSync(path, atime, mtime);
    this.#scene.agreements.changed();
  }

  #edit(window: Window): Promise<unknown> | undefined {
    const { id, ledger } = this.#scene;
    const delivery = window.store.find(id);
    if (delivery === undefined || !shown(window, id)?.editable) return undefined;
    const form = this.#scene.nextForm(window, delivery);
    const refused = ledger.types(window, id, form);
    const act = window.act(() => window.runner.edit(id, form));
    act.catch(refused);
    return act;
  }

  async #attach(window: Window): Promise<void> {
    const path = await this.#another();
    const problems = await window.act(() => window.runner.attach(this.#scene.id, [path]));
    for (const problem of problems) this.#scene.ledger.failed("attach", problem);
  }

  async #replace(window: Window, attachment: string): Promise<void> {
    const path = await this.#another();
    await window.act(() => window.runner.replace(this.#scene.id, attachment, path));
  }

  #another(): Promise<string> {
    return this.#scene.desk.file(`${randomUUID().slice(0, 8)}.bin`, 20_000, 7);
  }

  #rename(window: Window, attachmentId: string): Promise<void> | undefined {
    const { id, desk } = this.#scene;
    const attachment = window.store.find(id)?.attachments.find((one) => one.id === attachmentId);
    const view = shown(window, id)?.attachments.find((one) => one.id === attachmentId);
    if (attachment === undefined || !view?.actions.includes("rename")) return undefined;
    const name = `renamed ${randomUUID().slice(0, 8)}.bin`;
    desk.witness.rename(attachment.name, name);
    return window.act(() => window.runner.rename(id, attachmentId, name));
  }

  #sendAgain(window: Window): Promise<unknown> | undefined {
    const { id, desk } = this.#scene;
    const act = takeRemedy(window, id, "sendAgain") ?? takeRemedy(window, id, "saveAgain");
    if (act !== undefined) desk.witness.repeats(id);
    return act;
  }

  async #sendAgainTo(window: Window): Promise<void> {
    const { id, ledger } = this.#scene;
    const copying = window.act(() => window.runner.sendAgainTo(id));
    const copy = await ledger.begins(window, copying, (begun) => begun);
    if (copy !== undefined) this.#scene.id = copy;
  }

  /** The person begins another mail then. */
  async #discard(window: Window): Promise<void> {
    const { id, ledger } = this.#scene;
    if (window.store.find(id) === undefined) return;
    ledger.mayDiscard(id);
    await window.act(() => window.runner.forget(id));
    if (window.store.find(id) !== undefined) return;
    ledger.discards(id);
    this.#scene.discardedAt.set(id, requestsSoFar(this.#scene.desk));
  }
}
