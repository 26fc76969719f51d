/** The tabs of mails: what they show, what closing one does to its mail, and tabs lost in a crash. */
import { randomUUID } from "node:crypto";
import { Emitter } from "../base/lifecycle.ts";
import { explain } from "../base/log.ts";
import { isRunning } from "../base/processIdentity.ts";
import { LinkTrials } from "../delivery/links/linkTrials.ts";
import type { DeliveryRunner } from "../delivery/runner.ts";
import { TrialNotes } from "../delivery/store/disk/trialNotes.ts";
import { People } from "../ui/editor/people.ts";
import { linkLimits } from "../ui/editor/settings.ts";
import { RefusedFiles } from "../ui/notices/refusedFiles.ts";
import { ComposePanels } from "../ui/panel/composePanels.ts";
import { KeptMails } from "../ui/panel/keptMails.ts";
import { OpenTabs } from "../ui/panel/openTabs.ts";
import { offerUndo } from "../ui/views/notKeptItem.ts";
import type { Accounts } from "./createAccounts.ts";
import type { Acts } from "./createActs.ts";
import type { Checks } from "./createChecks.ts";
import type { Records } from "./createEngine.ts";
import type { WaysIn } from "./createWaysIn.ts";
import type { AppWindow } from "./createWindow.ts";

export function createPanels(
  window: AppWindow,
  parts: Accounts & Records & Checks & Acts & WaysIn & { readonly runner: DeliveryRunner },
) {
  const { context, log, own, folder, dialogs, notifier, failed, isTrusted, git, runCommand, clock } = window;
  const { extensionUri, globalState: memory } = context;
  const { http, book, practice, serviceFor, store, runner, practiceMails } = parts;
  const { accounts, mails, remedies, show, attach, made, incomingFiles, put } = parts;
  const people = own(new People({ store, book, git, isTrusted, now: Date.now, log }));
  const openTabs = new OpenTabs({
    folder: folder("tabs"),
    memory: context.workspaceState,
    hostId: randomUUID(),
    pid: process.pid,
    parentPid: process.ppid,
    isRunning,
  });
  const trials = new LinkTrials({
    ...{ serviceFor, clock, log, limits: linkLimits },
    notes: new TrialNotes(folder("trials")),
    find: (id) => book.find(id),
  });
  const refusedFiles = new RefusedFiles();
  const closed = own(new Emitter<string>(failed));
  const panels = own(
    new ComposePanels({
      extensionUri,
      store,
      runner,
      book,
      sendLimit: parts.sendLimit,
      mailHosts: parts.mailHosts,
      people,
      memory,
      notifier,
      runRemedy: (remedy, remedyContext) => remedies.run(remedy, remedyContext),
      dialogs,
      refusedFiles,
      addFiles: (deliveryId) => attach.addFiles(deliveryId),
      loadSimulator: async (deliveryId, post) => {
        const { createSimulator } = await import("../ui/panel/practice/createSimulator.ts");
        return createSimulator(deliveryId, {
          ...{ store, memory, practice, http, mails: practiceMails, dialogs, log, post },
        });
      },
      made,
      put,
      dropUris: (deliveryId, uris) => incomingFiles.dropOnPanel(deliveryId, uris),
      cancelScheduled: (deliveryId) => parts.scheduledMails.cancel(deliveryId),
      noteTabs: (tabs) => {
        try {
          openTabs.note(tabs);
        } catch (reason) {
          log.warn(`After a crash, open mails will have to be reopened by hand: ${explain(reason)}`);
        }
      },
      onClosed: (deliveryId) => closed.fire(deliveryId),
      sendAgainTo: (deliveryId) => mails.sendAgainTo(deliveryId),
      links: parts.links,
      linkLimits,
      linkRefusals: async (accountId, days) => {
        const account = book.find(accountId);
        return account === undefined ? [] : trials.refusals(account, days);
      },
      openPracticeMailbox: () => accounts.openPracticeMailbox(),
      shrink: (deliveryId) => remedies.shrink(deliveryId),
      log,
    }),
  );
  own(parts.onDidShow((deliveryId) => panels.show(deliveryId)));
  own(
    parts.onDidRefuse(({ problem, deliveryId }) => {
      // Shown in the panel only if it is visible; otherwise nobody would see it.
      if (deliveryId === undefined || !panels.isVisible(deliveryId)) return failed(problem);
      log.error(explain(problem));
      refusedFiles.add(deliveryId, problem.message);
    }),
  );
  const kept = own(
    new KeptMails({
      store,
      runner,
      show,
      discard: (deliveryId) => mails.forget(deliveryId, true),
      isOpen: (deliveryId) => panels.isOpen(deliveryId),
      offerUndo,
      failed,
      dialogs,
      runCommand,
      log,
    }),
  );
  own(closed.event((deliveryId) => kept.closed(deliveryId)));
  return { panels, kept, openTabs, trials };
}
