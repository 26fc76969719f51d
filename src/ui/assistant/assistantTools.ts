/** What a language model can cause: uploads, and a filled-in form. It cannot send: only a person can. */

import * as vscode from "vscode";
import type { Emitter } from "../../base/lifecycle.ts";
import type { ComposeRequest } from "../../delivery/compose/composeRequest.ts";
import type { DeliveryRecord } from "../../delivery/record/delivery.ts";
import { isUnseen } from "../../delivery/record/provenance.ts";
import { isEditable, isUnderWay } from "../../delivery/record/queries.ts";
import { oneLine } from "../../shared/foreignText.ts";
import { sentences, t } from "../../shared/l10n.ts";
import { listFiles, type OfferedFilesOptions, offeredFiles } from "./offeredFiles.ts";
import { offeredMail } from "./offeredMail.ts";
import { ComposeInput, readInput, UploadInput } from "./toolInputs.ts";
import type { ToolName } from "./toolNames.ts";
import { listUploads, uploadSentence } from "./uploadList.ts";

export interface AssistantToolsOptions extends OfferedFilesOptions {
  /** Read-only access to deliveries. */
  readonly deliveries: {
    list(): readonly DeliveryRecord[];
    find(id: string): DeliveryRecord | undefined;
    readonly onDidChange: Emitter<{ readonly id: string }>["event"];
  };
  readonly hasAccount: () => boolean;
  /** Opens a filled-in form and queues its uploads. Undefined when the person declines. */
  readonly fill: (request: ComposeRequest) => Promise<{ readonly deliveryId: string } | undefined>;
  readonly now: () => number;
}

export class AssistantTools {
  readonly #options: AssistantToolsOptions;

  constructor(options: AssistantToolsOptions) {
    this.#options = options;
  }

  /** What the person is asked before a tool runs. No side effects. @throws Error in words for the model */
  async prepare(name: ToolName, input: unknown): Promise<vscode.PreparedToolInvocation> {
    switch (name) {
      case "freightMail_list_upload_sessions":
        return { invocationMessage: t("Listing Freight Mail's uploads") };
      case "freightMail_upload_attachment": {
        const files = await offeredFiles(readInput(UploadInput, input).files, this.#options);
        return {
          invocationMessage: asText(t("Uploading {0}", listFiles(files))),
          confirmationMessages: {
            title: t("Upload to your mail service?"),
            message: asText(
              t(
                "{0}. A mail opens with them. They are uploaded once you click or type in it, and nothing is sent until you press Send.",
                listFiles(files),
              ),
            ),
          },
        };
      }
      case "freightMail_compose_email": {
        const { words } = await offeredMail(readInput(ComposeInput, input), this.#options);
        return {
          invocationMessage: t("Filling in a mail"),
          confirmationMessages: {
            title: t("Open a filled-in mail?"),
            message: asText(sentences(words, t("Nothing is sent until you press Send in the mail."))),
          },
        };
      }
    }
  }

  /** @returns what to tell the model @throws Error in words for the model */
  async invoke(name: ToolName, input: unknown, token: vscode.CancellationToken): Promise<string> {
    switch (name) {
      case "freightMail_list_upload_sessions":
        return listUploads(this.#options);
      case "freightMail_upload_attachment":
        return this.#upload(readInput(UploadInput, input).files, token);
      case "freightMail_compose_email":
        return this.#compose(readInput(ComposeInput, input));
    }
  }

  async #upload(paths: readonly string[], token: vscode.CancellationToken): Promise<string> {
    const id = await this.#fill(paths, {});
    const delivery = await this.#settled(id, token);
    const now = this.#options.now();
    const waits = delivery !== undefined && isUnseen(delivery);
    return [
      ...(delivery?.attachments.map((attachment) => uploadSentence(delivery, attachment, now)) ?? [
        "The person has discarded the mail.",
      ]),
      ...(waits ? [NOTHING_UPLOADED_YET] : []),
      ONLY_A_PERSON_SENDS,
    ].join("\n");
  }

  async #compose(input: ComposeInput): Promise<string> {
    // Check again: the person may have ticked “always allow”, and files change.
    await offeredMail(input, this.#options);
    const { files, ...texts } = input;
    await this.#fill(files, texts);
    return `The mail is open and filled. ${NOTHING_UPLOADED_YET} ${ONLY_A_PERSON_SENDS}`;
  }

  async #fill(
    paths: readonly string[],
    texts: Omit<ComposeInput, "files"> | Record<string, never>,
  ): Promise<string> {
    if (!this.#options.hasAccount())
      throw new Error(
        "There is no account to send from. The person can add one: “Freight Mail: Add Account…”.",
      );
    const files = (await offeredFiles(paths, this.#options)).map(({ path }) => path);
    const filled = await this.#options.fill({ files, ...texts });
    if (filled === undefined) throw new Error("The person did not want this mail.");
    return filled.deliveryId;
  }

  /** Resolves with the mail once its uploads are done or need a person; undefined when it is gone. */
  #settled(id: string, token: vscode.CancellationToken): Promise<DeliveryRecord | undefined> {
    const { deliveries } = this.#options;
    return new Promise((resolve, reject) => {
      const done = () => {
        listening.dispose();
        cancelling.dispose();
      };
      const look = () => {
        const delivery = deliveries.find(id);
        const goesOn =
          delivery !== undefined &&
          isEditable(delivery) &&
          !isUnseen(delivery) &&
          delivery.attachments.some(({ status }) => isUnderWay(status));
        if (goesOn) return;
        done();
        resolve(delivery);
      };
      const listening = deliveries.onDidChange((change) => {
        if (change.id === id) look();
      });
      const cancelling = token.onCancellationRequested(() => {
        done();
        reject(new vscode.CancellationError());
      });
      look();
    });
  }
}

const NOTHING_UPLOADED_YET = "Its files are uploaded as soon as the person clicks or types in it.";
const ONLY_A_PERSON_SENDS =
  "Nothing was sent: the person reads the mail in its panel and presses Send there.";

/** As text, because the chat reads a string as Markdown; uncut, because the person must see all of it. */
function asText(text: string): vscode.MarkdownString {
  return new vscode.MarkdownString().appendText(oneLine(text));
}
