/** What a person can do with accounts and mails, whichever surface asks for it. */
import type { FreightError } from "../base/errors.ts";
import { Emitter } from "../base/lifecycle.ts";
import { isOpen } from "../delivery/record/queries.ts";
import type { DeliveryRunner } from "../delivery/runner.ts";
import { hashFile } from "../files/fileHash.ts";
import { revokeToken } from "../services/nylas/nylasSignIn.ts";
import * as quickInput from "../ui/accounts/pages/quickInput.ts";
import { AccountActs } from "../ui/actions/accountActs.ts";
import { MailActs } from "../ui/actions/mailActs.ts";
import { Remedies } from "../ui/actions/remedies.ts";
import { SentLinkActs } from "../ui/actions/sentLinkActs.ts";
import { linkLimits } from "../ui/editor/settings.ts";
import { copyAdminCommands } from "../ui/notices/sendQuestions.ts";
import { PracticeMails } from "../ui/views/practiceMails.ts";
import { PracticeOutbox } from "../ui/views/practiceOutbox.ts";
import { ScheduledMails } from "../ui/views/scheduledMails.ts";
import type { Accounts } from "./createAccounts.ts";
import type { Checks } from "./createChecks.ts";
import type { Records } from "./createEngine.ts";
import type { AppWindow } from "./createWindow.ts";

export type Acts = ReturnType<typeof createActs>;

export function createActs(
  { context, log, own, dialogs, notifier, failed, runCommand }: AppWindow,
  parts: Accounts & Records & Pick<Checks, "packer"> & { readonly runner: DeliveryRunner },
) {
  const { http, book, practice, serviceFor, wizard, store, leases, packer, runner } = parts;
  const { extensionUri } = context;
  const practiceMails = new PracticeMails({ practice, http, deliveries: () => store.list(), hash: hashFile });
  const outbox = new PracticeOutbox({ mails: practiceMails, extensionUri, failed });
  const shown = own(new Emitter<string>(failed));
  const show = (deliveryId: string) => shown.fire(deliveryId);
  const accounts = new AccountActs({
    book,
    runner,
    wizard,
    serviceFor,
    openMails: (accountId) =>
      store
        .list()
        .filter((mail) => mail.accountId === accountId && isOpen(mail) && mail.event === null)
        .flatMap(({ id }) => (leases.holds(id) ? [id] : [])),
    busy: quickInput.busy,
    openOutbox: () => outbox.open(),
    sendFile: () => runCommand("freightMail.send"),
    failed,
    signOut: async (account) => {
      const token = await book.credential(account);
      await revokeToken(http, account.apiUri, token, AbortSignal.timeout(5_000));
    },
    log,
    dialogs,
  });
  const refused = own(
    new Emitter<{ readonly problem: FreightError; readonly deliveryId: string | undefined }>(failed),
  );
  const mails = new MailActs({
    store,
    runner,
    book,
    packer,
    addAccount: async () => (await wizard()).run(),
    show,
    refused: (problem, deliveryId) => refused.fire({ problem, deliveryId }),
    dialogs,
  });
  const remedies = new Remedies({
    store,
    runner,
    book,
    packer,
    accounts,
    copyAdminCommands: (mailbox) => copyAdminCommands(dialogs, mailbox),
    runCommand,
    show,
    failed,
    dialogs,
    now: Date.now,
  });
  own(notifier.onDidChooseRemedy(({ remedy, context }) => void remedies.run(remedy, context).catch(failed)));
  const scheduledMails = new ScheduledMails({
    store,
    runner,
    book,
    serviceFor,
    show,
    dialogs,
    notifier,
    log,
  });
  const links = new SentLinkActs({ store, runner, dialogs, now: Date.now, limits: linkLimits });
  return {
    practiceMails,
    accounts,
    mails,
    remedies,
    scheduledMails,
    links,
    show,
    onDidShow: shown.event,
    /** A file that the person wanted to attach was not attached. */
    onDidRefuse: refused.event,
  };
}
