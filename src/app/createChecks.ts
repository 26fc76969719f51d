/** The checks before a mail leaves: limits, secrets, an organization's rules, and the questions at Send. */
import { userInfo } from "node:os";
import type { Account } from "../accounts/accountBook.ts";
import { MailHosts } from "../delivery/compose/mailHosts.ts";
import { OwnLimits } from "../delivery/compose/ownLimits.ts";
import { messageLimit } from "../delivery/rules/messageLimit.ts";
import { SecretDoor } from "../delivery/rules/secretDoor.ts";
import { SendRules } from "../delivery/rules/sendRules.ts";
import { inspectFile } from "../files/fileSource.ts";
import { mailServersOf } from "../net/mailServers.ts";
import { AuditLog } from "../policy/auditLog.ts";
import { verdictOn } from "../policy/mailRules.ts";
import { machinePolicy } from "../policy/policyFile.ts";
import { Packer } from "../ui/attach/zip/packer.ts";
import { askAboutSecrets } from "../ui/attach/zip/secretQuestion.ts";
import { gitPath } from "../ui/editor/gitExtension.ts";
import { isManagedSetting, managedSetting, setting } from "../ui/editor/settings.ts";
import { SendQuestions } from "../ui/notices/sendQuestions.ts";
import { showProgress } from "../ui/views/progress.ts";
import type { Accounts } from "./createAccounts.ts";
import { type Records, shownCopy } from "./createEngine.ts";
import type { AppWindow } from "./createWindow.ts";

export type Checks = ReturnType<typeof createChecks>;

export function createChecks(
  { context, log, folder, program, dialogs, notifier, isTrusted, git, showWork }: AppWindow,
  { book, store, archives, keeper }: Pick<Accounts, "book"> & Records,
) {
  const secretDoor = new SecretDoor({
    ask: (found, hasOthers) => askAboutSecrets(dialogs, found, hasOthers),
    originOf: (path) => archives.originOf(path),
  });
  const rules = new SendRules({
    store,
    policy: () => machinePolicy.rules,
    audit: new AuditLog({
      folder: () => machinePolicy.rules.auditLog,
      noteFolder: folder("audit"),
      user: userInfo().username,
      now: Date.now,
    }),
    log,
  });
  const packer = new Packer({
    archives,
    secretDoor,
    settle: (path) => keeper.settle(path),
    inspect: (path, { bytes, limitOf }) => inspectFile(path, bytes, limitOf),
    takeCopy: (path) => shownCopy(keeper, path, showWork),
    showProgress,
    threadProgram: program("packThread"),
    isTrusted,
    git: () => gitPath(git()),
    dialogs,
    notifier,
    log,
  });
  const ownLimits = new OwnLimits({ memory: context.globalState, accounts: book, log });
  const mailHosts = new MailHosts({
    isOn: () => managedSetting("lookUpMailServers"),
    serversOf: (domain) => mailServersOf(domain),
    now: Date.now,
    log,
  });
  const sendLimit = (account: Account | undefined) =>
    account === undefined ? null : messageLimit(account, setting("messageLimits"), ownLimits.of(account));
  const questions = new SendQuestions({
    dialogs,
    store,
    book,
    sendLimit,
    mailHosts,
    recipients: () => ({
      outside: managedSetting("ask.outside"),
      firstTime: managedSetting("ask.firstTime"),
      manyRecipients: managedSetting("ask.manyRecipients"),
      isAsked: (email) => verdictOn(email, machinePolicy.rules.recipients) === "asked",
      ownDomains: managedSetting("ownDomains"),
      isManaged: (["ask.outside", "ask.firstTime", "ask.manyRecipients"] as const).some(isManagedSetting),
    }),
    zip: (file, limit, give) => packer.zip(file, limit.bytes, give),
  });
  return { secretDoor, rules, packer, ownLimits, mailHosts, sendLimit, questions };
}
