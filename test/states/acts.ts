/** Every act of a person on a mail or a file, and where it is offered. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { DeliveryRunner } from "../../src/delivery/runner.ts";
import { panelSnapshot } from "../../src/delivery/words/describe.ts";
import { rowMenuKeys } from "../../src/delivery/words/rowMenuKeys.ts";
import type { AttachmentAction, PanelSnapshot } from "../../src/shared/contract/snapshot.ts";
import { accountIds } from "../support/window.ts";
import type { Scene } from "./scene.ts";

export interface Act {
  readonly name: string;
  readonly kind: "mail" | "file";
  /** @returns what a person is told that speaks against it */
  readonly perform: (scene: Scene) => Promise<{ readonly message: string } | undefined>;
  /** How often the service is asked for by the act itself. */
  readonly uses?: number;
  /** Whether the panel shows it. */
  readonly isShown: (panel: PanelSnapshot, file: PanelSnapshot["attachments"][number] | undefined) => boolean;
  /** The commands of the tree that do it. */
  readonly commands?: readonly string[];
}

/** What a person can have the engine do; the rest begins mails, or is the window's own. */
type Method = Exclude<
  keyof DeliveryRunner,
  "compose" | "attachToEvent" | "recover" | "noticed" | "shutdown" | "forgetOlder"
>;

const quiet = async (work: unknown) => {
  await work;
  return undefined;
};
const action =
  (...wanted: readonly AttachmentAction[]): Act["isShown"] =>
  (_panel, file) =>
    wanted.some((each) => file?.actions.includes(each) ?? false);
const remedied = ({ problem }: PanelSnapshot) => [problem?.remedy?.remedy, problem?.also?.remedy];
/** Retry does again what has failed. */
const retries = (panel: PanelSnapshot) => panel.phase === "failed" && remedied(panel).includes("retry");

/** This does not compile when the engine learns an act that has no row here. */
const acts: Readonly<Record<Method, readonly Act[]>> = {
  edit: [
    {
      name: "types",
      kind: "mail",
      perform: ({ window, id }) => {
        const { form } = window.store.get(id);
        return quiet(window.runner.edit(id, { ...form, revision: form.revision + 1, body: "Another text" }));
      },
      isShown: ({ editable }) => editable,
    },
  ],
  touch: [
    {
      name: "clicks into it",
      kind: "mail",
      perform: ({ window, id }) => quiet(window.runner.touch(id)),
      isShown: ({ unseen }) => unseen,
    },
  ],
  chooseWay: [
    {
      name: "has it go as a link",
      kind: "file",
      perform: ({ window, id, file }) => quiet(window.runner.chooseWay(id, file ?? "", true)),
      isShown: action("asLink"),
    },
  ],
  chooseLinks: [
    {
      name: "chooses who can open the links",
      kind: "mail",
      perform: ({ window, id }) =>
        quiet(window.runner.chooseLinks(id, { audience: "organization", days: 7 })),
      isShown: ({ links }) => links?.editable === true,
    },
  ],
  attach: [
    {
      name: "attaches a file",
      kind: "mail",
      perform: async ({ window, id, desk }) =>
        (await window.runner.attach(id, [await desk.file("more.bin", 10, 7)]))[0],
      isShown: ({ editable }) => editable,
    },
  ],
  chooseAccount: [
    {
      name: "chooses another account",
      kind: "mail",
      perform: ({ window, id }) => quiet(window.runner.chooseAccount(id, accountIds[1])),
      isShown: ({ editable, accounts }) => editable && accounts.length > 1,
    },
  ],
  chooseMethod: [
    {
      name: "has them go in the mail",
      kind: "mail",
      perform: ({ window, id }) => quiet(window.runner.chooseMethod(id, true)),
      isShown: ({ otherMethod }) => otherMethod?.inMail === true,
    },
  ],
  send: [
    {
      name: "sends",
      kind: "mail",
      perform: (scene) => send(scene, { type: "send" }),
      isShown: ({ send: { enabled } }) => enabled,
    },
    {
      name: "sends in several mails",
      kind: "mail",
      perform: (scene) => send(scene, { type: "send", inMails: true }),
      // Offered by the page, where the mail is too large for somebody.
      isShown: () => false,
    },
    {
      name: "saves as a draft",
      kind: "mail",
      perform: (scene) => send(scene, { type: "draft" }),
      isShown: ({ ways }) => ways.others,
    },
    {
      name: "sends later",
      kind: "mail",
      perform: (scene) => send(scene, scene.later()),
      // For the time; and where a click begins the uploads, for those as well.
      uses: 2,
      isShown: ({ ways }) => ways.others,
    },
  ],
  withdraw: [
    {
      name: "takes it back",
      kind: "mail",
      perform: ({ window, id }) => quiet(window.runner.withdraw(id)),
      isShown: ({ send: { withdrawable } }) => withdrawable,
    },
  ],
  cancelScheduled: [
    {
      name: "cancels the schedule",
      kind: "mail",
      perform: ({ window, id }) => quiet(window.runner.cancelScheduled(id)),
      uses: 1,
      isShown: ({ ways }) => ways.cancelScheduled,
      commands: ["cancelScheduled"],
    },
  ],
  sendAgain: [
    {
      name: "sends again",
      kind: "mail",
      perform: ({ window, id }) => quiet(window.runner.sendAgain(id)),
      isShown: (panel) => remedied(panel).some((remedy) => remedy === "sendAgain" || remedy === "saveAgain"),
    },
  ],
  sendAgainTo: [
    {
      name: "sends again to others",
      kind: "mail",
      perform: ({ window, id }) => quiet(window.runner.sendAgainTo(id)),
      uses: 1,
      isShown: ({ ways }) => ways.sendAgainTo,
      commands: ["sendAgainTo"],
    },
  ],
  forget: [
    {
      name: "discards",
      kind: "mail",
      perform: ({ window, id }) => quiet(window.runner.forget(id)),
      isShown: () => false,
      commands: ["forget", "discard"],
    },
  ],
  pause: [
    {
      name: "pauses",
      kind: "file",
      perform: ({ window, id, file }) => quiet(window.runner.pause(id, file)),
      isShown: action("pause"),
      commands: ["pause"],
    },
  ],
  tryNow: [
    {
      name: "tries now",
      kind: "file",
      perform: ({ window, file }) => quiet(window.runner.tryNow(file)),
      isShown: action("tryNow"),
    },
  ],
  resume: [
    {
      name: "goes on",
      kind: "file",
      perform: ({ window, id, file }) => quiet(window.runner.resume(id, file)),
      isShown: action("resume", "retry"),
      commands: ["resume", "retry"],
    },
  ],
  keepVersion: [
    {
      name: "keeps the version",
      kind: "file",
      perform: ({ window, id, file }) => quiet(window.runner.keepVersion(id, file)),
      isShown: action("keepVersion"),
      commands: ["keepVersion"],
    },
  ],
  uploadNewVersion: [
    {
      name: "wants the new version",
      kind: "file",
      perform: ({ window, id, file }) => quiet(window.runner.uploadNewVersion(id, file)),
      isShown: (_panel, file) => file?.problem?.remedy?.remedy === "uploadNewVersion",
      commands: ["uploadNewVersion"],
    },
  ],
  sendAsItIs: [
    {
      name: "wants it as it is now",
      kind: "file",
      perform: ({ window, id, file }) => quiet(window.runner.sendAsItIs(id, file)),
      isShown: (_panel, file) => file?.problem?.also?.remedy === "sendAsItIs",
      commands: ["sendAsItIs"],
    },
  ],
  cancel: [
    {
      name: "cancels",
      kind: "file",
      perform: ({ window, id, file }) => quiet(window.runner.cancel(id, file)),
      isShown: action("cancel"),
      commands: ["cancel"],
    },
  ],
  detach: [
    {
      name: "takes it out",
      kind: "file",
      perform: ({ window, id, file }) => quiet(window.runner.detach(id, file)),
      isShown: action("remove"),
      commands: ["removeFile"],
    },
  ],
  replace: [
    {
      name: "replaces it",
      kind: "file",
      perform: async ({ window, id, file, desk }) =>
        quiet(window.runner.replace(id, file, await desk.file("other.bin", 10, 8))),
      isShown: (_panel, file) => file?.problem?.remedy?.remedy === "compress",
    },
  ],
  extendLink: [
    {
      name: "extends its link",
      kind: "file",
      perform: ({ window, id, file }) => quiet(window.runner.extendLink(id, file, 90)),
      uses: 1,
      isShown: action("extendLink"),
      commands: ["extendLink"],
    },
  ],
  stopSharing: [
    {
      name: "stops sharing it",
      kind: "file",
      perform: ({ window, id, file }) => quiet(window.runner.stopSharing(id, file)),
      isShown: action("stopSharing"),
      commands: ["stopSharing"],
    },
  ],
  deleteLinked: [
    {
      name: "deletes it where it is stored",
      kind: "file",
      perform: ({ window, id, file }) => quiet(window.runner.deleteLinked(id, file)),
      isShown: action("deleteLinked"),
      commands: ["deleteLinked"],
    },
  ],
  rename: [
    {
      name: "renames it",
      kind: "file",
      perform: ({ window, id, file }) => quiet(window.runner.rename(id, file, "renamed.bin")),
      isShown: action("rename"),
    },
  ],
};

export const allActs: readonly Act[] = Object.values(acts).flat();

async function send(scene: Scene, purpose: Parameters<Scene["send"]>[0]) {
  const { window, id } = scene;
  const { form } = window.store.get(id);
  const change = { revision: form.revision + 1, to: "reader@example.com", subject: `Mail (${id})` };
  return window.runner.send(id, { ...form, ...change }, purpose);
}

/** The tree's commands with the pattern that shows each. */
const menus = readFile(join(import.meta.dirname, "../../package.json"), "utf8").then((text) => {
  const manifest: { contributes: { menus: Record<string, { command: string; when?: string }[]> } } =
    JSON.parse(text);
  return (manifest.contributes.menus["view/item/context"] ?? []).flatMap(({ command, when = "" }) => {
    const pattern = /^view == freightMail\.sessions && viewItem =~ \/(.*)\/$/.exec(when)?.[1];
    return pattern === undefined
      ? []
      : [{ name: command.replace("freightMail.", ""), pattern: new RegExp(pattern) }];
  });
});

/** Whether the panel or the tree offers an act now. */
export async function isOffered(act: Act, scene: Scene): Promise<boolean> {
  const { record, now, file } = scene;
  if (record === undefined) return false;
  const accounts = accountIds.map((id) => ({ id, label: `${id}@example.com`, hasMethodChoice: true }));
  const panel = panelSnapshot(record, { accounts, notice: null, now });
  const view = panel.attachments.find(({ id }) => id === file);
  if (act.isShown(panel, act.kind === "file" ? view : undefined)) return true;
  // The button says "Retry", and does what the mail was for.
  if (act.name === "sends" && record.purpose.type === "send" && retries(panel)) return true;
  const attachment = record.attachments.find(({ id }) => id === file);
  const row = rowMenuKeys(record, attachment, now).join(" ");
  const shown = (await menus).filter(({ pattern }) => pattern.test(row)).map(({ name }) => name);
  return act.commands?.some((command) => shown.includes(command)) ?? false;
}

/** What the panel shows that leads on outside the mail: to the account, the settings, an administrator. */
export function waysOutside(scene: Scene): string[] {
  const { record, now } = scene;
  if (record === undefined) return [];
  const { problem } = panelSnapshot(record, { accounts: [], notice: null, now });
  const outside = ["addAccount", "checkAccount", "updateKey", "openProxySettings", "copyAdminCommand"];
  return problem?.remedy != null && outside.includes(problem.remedy.remedy) ? [problem.remedy.label] : [];
}
