/** The accounts, how each reaches its mail service, and the wizard that adds and repairs them. */
import { randomUUID } from "node:crypto";
import * as vscode from "vscode";
import { type Account, AccountBook } from "../accounts/accountBook.ts";
import { MailServices } from "../accounts/mailServices.ts";
import { NylasTokens } from "../accounts/nylasTokens.ts";
import { explain } from "../base/log.ts";
import type { Network } from "../net/connect/dialler.ts";
import { HttpLine } from "../net/http.ts";
import { LoopbackListener } from "../net/loopbackListener.ts";
import { permit } from "../policy/accountRules.ts";
import { tokenEnd } from "../services/nylas/nylasSignIn.ts";
import { PracticeMailbox } from "../services/practice.ts";
import * as quickInput from "../ui/accounts/pages/quickInput.ts";
import type { PageTools } from "../ui/accounts/pages/servicePages.ts";
import { silentToken } from "../ui/accounts/pages/signInToken.ts";
import { askToSignInAgain } from "../ui/actions/accountActs.ts";
import { editorBrowser } from "../ui/editor/editorBrowser.ts";
import { networkSettings, readSetting, writeSetting } from "../ui/editor/settings.ts";
import { systemProxy } from "../ui/editor/systemProxy.ts";
import type { AppWindow } from "./createWindow.ts";

export type Accounts = ReturnType<typeof createAccounts>;

export function createAccounts({ context, log, own, folder, program, dialogs, failed }: AppWindow) {
  const pac = systemProxy(log);
  const network = (): Network => ({
    settings: networkSettings(),
    env: process.env,
    ...(pac === undefined ? {} : { systemProxy: pac }),
  });
  const http = own(new HttpLine({ network }));
  const book = own(new AccountBook(context.globalState, context.secrets));
  const practice = own(
    new PracticeMailbox({ program: program("sandbox"), dataFolder: folder("practice"), log }),
  );
  const { authentication } = vscode;
  const credential = (account: Account) => book.credential(account);
  const pageTools: PageTools = {
    http,
    credential,
    save: (account, secret) => book.save(account, secret),
    newId: randomUUID,
    noted: (reason) => log.error(explain(reason)),
    report: (reason) => failed(reason),
    input: quickInput,
    authentication,
    dialogs,
    browser: editorBrowser,
    listen: LoopbackListener.open,
    remoteName: vscode.env.remoteName,
    readSetting,
    writeSetting,
  };
  const nylasTokens = new NylasTokens({
    book,
    now: Date.now,
    endOf: (account, token) => tokenEnd(http, account.apiUri, token, AbortSignal.timeout(10_000)),
    renew: async (account) => {
      // A broker renews without asking anybody.
      if (account.renewal === "signIn" && !(await askToSignInAgain(dialogs, account, Date.now())))
        return undefined;
      const { NylasSignInPages } = await import("../ui/accounts/nylas/nylasSignInPages.ts");
      return new NylasSignInPages(pageTools).tokenFor(account);
    },
    failed,
  });
  const services = new MailServices({
    http,
    practice,
    permit,
    credential,
    nylasToken: (accountId) => nylasTokens.of(accountId),
    signInToken: ({ signIn, email }, challenge) => silentToken(authentication, signIn, email, challenge),
  });
  const serviceFor = (account: Account) => services.serviceOf(account);
  /** Loaded only to add or repair an account: a window that just resumes an upload does not need it. */
  const wizard = async () => {
    const { AccountWizard } = await import("../ui/accounts/accountWizard.ts");
    return new AccountWizard({ ...pageTools, practice, serviceFor });
  };
  return { network, http, book, practice, serviceFor, wizard };
}
