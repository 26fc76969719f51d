/** Passes what the person does in a panel on to the code that carries it out. */
import * as vscode from "vscode";
import type { Memento } from "../../accounts/accountBook.ts";
import type { LinkLimits } from "../../delivery/links/linkLimits.ts";
import type { Purpose } from "../../delivery/record/delivery.ts";
import type { DeliveryRunner } from "../../delivery/runner.ts";
import type { DeliveryStore } from "../../delivery/store/store.ts";
import { undecided } from "../../delivery/words/undecidedWords.ts";
import type { Form } from "../../shared/contract/form.ts";
import type { FromPanel, ToPanel } from "../../shared/contract/messages.ts";
import { t } from "../../shared/l10n.ts";
import type { SentLinkActs } from "../actions/sentLinkActs.ts";
import { openFile } from "../commands/rowCommands.ts";
import type { People } from "../editor/people.ts";
import type { Dialogs } from "../notices/dialogs.ts";
import { pickLinkChoice } from "../notices/linkChoicePick.ts";
import type { RunRemedy } from "../notices/notify.ts";
import type { RefusedFiles } from "../notices/refusedFiles.ts";
import { pickSendTime } from "../notices/sendTimePick.ts";
import { PREVIEW_KEY } from "./bodyFeed.ts";
import type { DropReceiver } from "./dropReceiver.ts";
import type { WholeIntent } from "./pageForm.ts";
import type { PanelFeeds } from "./panelFeeds.ts";

export interface IntentOptions {
  readonly store: DeliveryStore;
  readonly runner: DeliveryRunner;
  readonly people: People;
  /** Keeps small preferences. */
  readonly memory: Memento;
  readonly runRemedy: RunRemedy;
  readonly dialogs: Dialogs;
  readonly refusedFiles: RefusedFiles;
  /** Lets the person pick files to attach. */
  readonly addFiles: (deliveryId: string) => Promise<void>;
  /** Attaches files that were dropped on the page. */
  readonly dropUris: (deliveryId: string, uris: readonly string[]) => Promise<void>;
  /** Cancels a scheduled mail. */
  readonly cancelScheduled: (deliveryId: string) => Promise<void>;
  readonly sendAgainTo: (deliveryId: string) => Promise<void>;
  readonly links: SentLinkActs;
  readonly linkLimits: () => LinkLimits;
  readonly openPracticeMailbox: () => Promise<void>;
  /** Replaces with a zip each file of a mail that a zip makes smaller. */
  readonly shrink: (deliveryId: string) => Promise<void>;
}

/** The parts of the panel that intents act on. */
interface PanelParts {
  readonly feeds: PanelFeeds;
  readonly drops: DropReceiver;
  readonly post: (message: ToPanel) => void;
}

/** Intents that the page sends on its own, without the person. */
const OF_THE_PAGE: ReadonlySet<FromPanel["type"]> = new Set(["ready", "areYouThere", "peopleWanted"]);

export class PanelIntents {
  readonly #id: string;
  readonly #options: IntentOptions;
  readonly #parts: PanelParts;

  constructor(deliveryId: string, options: IntentOptions, parts: PanelParts) {
    this.#id = deliveryId;
    this.#options = options;
    this.#parts = parts;
  }

  /** Carries out an intent. One that the page sent on its own does not count as touching the mail. */
  async actOf(intent: WholeIntent): Promise<void> {
    if (!OF_THE_PAGE.has(intent.type)) await this.#options.runner.touch(this.#id);
    await this.#act(intent);
  }

  async #act(intent: WholeIntent): Promise<void> {
    const { runner, runRemedy, store, addFiles, people, dialogs } = this.#options;
    const { feeds, drops, post } = this.#parts;
    const { body, hashes, simulator } = feeds;
    switch (intent.type) {
      case "ready":
        hashes.show(false);
        drops.stop(); // It belongs to an earlier page.
        simulator.restart();
        return body.restart();
      case "touched":
        return; // `actOf` has noted it.
      case "areYouThere":
        return;
      case "edit":
        return runner.edit(this.#id, intent.form);
      case "chooseAccount":
        return runner.chooseAccount(this.#id, intent.accountId);
      case "chooseMethod":
        return runner.chooseMethod(this.#id, intent.inMail);
      case "addAccount":
        return runRemedy("addAccount", { deliveryId: this.#id });
      case "addFiles":
        return addFiles(this.#id);
      case "dismissRefused":
        return this.#options.refusedFiles.clear(this.#id);
      case "dropUris":
        return this.#options.dropUris(this.#id, intent.uris);
      case "dropBegin":
        return drops.begin(intent);
      case "dropChunk":
        return drops.chunk(intent);
      case "dropCancel":
        return drops.cancel(intent.id);
      case "peopleWanted": {
        // For a mail without files, or with made ones, use the folder that it was started in as well.
        const { attachments, imageFolders } = store.get(this.#id);
        const paths = [...attachments.map(({ path }) => path), ...(imageFolders ? [imageFolders.root] : [])];
        return people.find(
          paths.map((path) => vscode.Uri.file(path)),
          (found) => post({ type: "people", people: found }),
        );
      }
      case "send":
        await this.#decide(intent.undecided);
        // If Send was pressed before, this decision was all it was waiting for.
        return store.find(this.#id)?.phase === "waiting"
          ? undefined
          : this.#leave(intent.form, { type: "send" });
      case "sendInMails":
        return this.#leave(intent.form, { type: "send", inMails: true, inParts: intent.inParts });
      case "saveDraft":
        return this.#leave(intent.form, { type: "draft" });
      case "sendLater": {
        await runner.edit(this.#id, intent.form);
        const at = await pickSendTime(dialogs, Date.now);
        // Meanwhile somebody may have edited the mail or discarded it.
        const form = store.find(this.#id)?.form;
        return at === undefined || form === undefined ? undefined : this.#leave(form, { type: "later", at });
      }
      case "cancelScheduled":
        return this.#options.cancelScheduled(this.#id);
      case "sendAgainTo":
        return this.#options.sendAgainTo(this.#id);
      case "chooseLinks": {
        const { refused } = this.#parts.feeds.links;
        const known = store.get(this.#id).links;
        const chosen = await pickLinkChoice(dialogs, known, this.#options.linkLimits(), refused);
        return chosen === undefined ? undefined : runner.chooseLinks(this.#id, chosen);
      }
      case "copyAdminCommands":
        return runRemedy("copyAdminCommand", { accountId: store.get(this.#id).accountId });
      case "shrink":
        return this.#options.shrink(this.#id);
      case "openPracticeMailbox":
        return this.#options.openPracticeMailbox();
      case "makeItHard":
      case "lineSpeed":
        return simulator.act(intent);
      case "showHashes":
        return hashes.show(intent.shown);
      case "copyHashes":
        return dialogs.copy(hashes.lines, t("SHA-256 of the files copied"), 3000);
      case "showPreview":
        await this.#options.memory.update(PREVIEW_KEY, intent.shown);
        return body.updateSoon();
      case "withdraw":
        return runner.withdraw(this.#id);
      case "openFile":
        return openFile(store.get(this.#id).attachments.find(({ id }) => id === intent.attachmentId));
      case "rename":
        return runner.rename(this.#id, intent.attachmentId, intent.name);
      case "attachment":
        return this.#attachmentAction(intent.attachmentId, intent.action);
      case "remedy": {
        const { remedy, attachmentId } = intent;
        const context = { deliveryId: this.#id, accountId: store.get(this.#id).accountId };
        return runRemedy(remedy, attachmentId === null ? context : { ...context, attachmentId });
      }
    }
  }

  async #decide(decision: (FromPanel & { type: "send" })["undecided"]): Promise<void> {
    const { runner, store } = this.#options;
    const delivery = store.find(this.#id);
    if (decision === undefined || delivery === undefined) return;
    const { way, files } = decision;
    for (const { id } of undecided(delivery, files))
      if (way === "retry") await runner.resume(this.#id, id);
      else await runner.detach(this.#id, id);
  }

  async #leave(form: Form, purpose: Purpose): Promise<void> {
    const problem = await this.#options.runner.send(this.#id, form, purpose);
    if (problem !== undefined) this.#parts.post({ type: "focus", ...problem });
  }

  async #attachmentAction(id: string, action: (FromPanel & { type: "attachment" })["action"]): Promise<void> {
    const { runner, links } = this.#options;
    switch (action) {
      case "tryNow":
        return runner.tryNow(id);
      case "pause":
        return runner.pause(this.#id, id);
      case "resume":
      case "retry":
        return runner.resume(this.#id, id);
      case "keepVersion":
        return runner.keepVersion(this.#id, id);
      case "asLink":
      case "asAttachment":
        return runner.chooseWay(this.#id, id, action === "asLink");
      case "extendLink":
        return links.extend(this.#id, id);
      case "stopSharing":
      case "deleteLinked":
        return links.end(this.#id, id, action === "deleteLinked");
      case "cancel":
        return runner.cancel(this.#id, id);
      case "remove":
        return runner.detach(this.#id, id);
    }
  }
}
