/** The services that an engine can be tried with: the account, and the way to the sandbox. */
import type { Account } from "../../src/accounts/accountBook.ts";
import type { Http } from "../../src/net/http.ts";
import { Slots } from "../../src/net/slots.ts";
import type { Sandbox } from "../../src/sandbox/server.ts";
import { DriveLinks } from "../../src/services/drive/driveLinks.ts";
import { GraphService } from "../../src/services/graph/graph.ts";
import type { MailService } from "../../src/services/mailService.ts";
import { NylasSessions } from "../../src/services/nylas/nylasSessions.ts";
import { NylasStandard } from "../../src/services/nylas/nylasStandard.ts";

export interface Door {
  readonly name: string;
  /** The largest mail that the mailbox sends; unset: nobody knows. */
  readonly mostBytes?: number;
  account(sandbox: Sandbox): Account;
  /** @param monotonicNow milliseconds on a clock that does not jump */
  service(sandbox: Sandbox, http: Http, monotonicNow: () => number): MailService;
}

const account = {
  id: "account",
  email: "practice@freight-mail.example",
  provider: "microsoft",
  hasCalendar: false,
};

export const nylas: Door = {
  name: "Nylas",
  account: ({ nylas: { apiUri, grants } }) => ({
    ...account,
    service: "nylas",
    serviceName: "Nylas",
    apiUri,
    grantId: grants[0]?.id ?? "",
  }),
  service: ({ nylas: { apiUri, apiKey, grants } }, http, monotonicNow) =>
    new NylasSessions({ apiUri, credential: apiKey }, grants[0]?.id ?? "", http, monotonicNow),
};

/** A mailbox whose files travel in the mail itself. */
export const google: Door = {
  name: "Nylas, a Google mailbox",
  account: ({ nylas: { apiUri, grants } }) => ({
    ...account,
    email: grants[1]?.email ?? "",
    provider: "google",
    service: "nylas",
    serviceName: "Nylas",
    apiUri,
    grantId: grants[1]?.id ?? "",
  }),
  service: ({ nylas: { apiUri, apiKey, grants } }, http, monotonicNow) =>
    new NylasStandard(
      { apiUri, credential: apiKey },
      { grantId: grants[1]?.id ?? "", provider: "google" },
      http,
      undefined,
      monotonicNow,
    ),
};

/** A mailbox of Microsoft's whose sign-in may only send. */
export const graphSendOnly: Door = {
  name: "Microsoft Graph, Mail.Send only",
  account: (sandbox) => ({ ...graph.account(sandbox), sendOnly: true }),
  service: (sandbox, http, monotonicNow) => {
    const scopes = ["Mail.Send", "User.Read"];
    const accessToken = sandbox.graph.issueToken({ scopes });
    return graphAt(sandbox, accessToken, http, monotonicNow);
  },
};

/** A mailbox of Microsoft's whose files can go as links. */
export const graphLinks: Door = {
  name: "Microsoft Graph, with links",
  account: (sandbox) => ({ ...graph.account(sandbox), hasLinks: true }),
  service: (sandbox, http, monotonicNow) => {
    const scopes = ["Mail.ReadWrite", "Mail.Send", "User.Read", "Files.ReadWrite", "Calendars.ReadWrite"];
    return graphAt(sandbox, sandbox.graph.issueToken({ scopes }), http, monotonicNow);
  },
};

/** The same, where no file fits in a mail. */
export const graphAsLinks: Door = { ...graphLinks, name: "Microsoft Graph, all as links", mostBytes: 1 };

/** One that may only send, with a place for files that go as links; its token cannot be read, as a personal account's. */
export const graphLinksOnly: Door = {
  name: "Microsoft Graph, Mail.Send and Files.ReadWrite only",
  account: (sandbox) => ({ ...graph.account(sandbox), sendOnly: true, hasLinks: true }),
  service: (sandbox, http, monotonicNow) => {
    const scopes = ["Mail.Send", "User.Read", "Files.ReadWrite"];
    return graphAt(sandbox, sandbox.graph.issueToken({ scopes, opaque: true }), http, monotonicNow);
  },
};

export const graph: Door = {
  name: "Microsoft Graph",
  account: ({ graph: { baseUrl } }) => ({
    ...account,
    service: "graph",
    serviceName: "Microsoft 365",
    hasCalendar: true,
    apiUri: baseUrl,
    grantId: "me",
  }),
  service: (sandbox, http, monotonicNow) => graphAt(sandbox, sandbox.graph.accessToken, http, monotonicNow),
};

function graphAt(
  { graph: { baseUrl } }: Sandbox,
  accessToken: string,
  http: Http,
  monotonicNow: () => number,
): MailService {
  const endpoint = { baseUrl, mailbox: "me", token: async () => accessToken, turns: new Slots() };
  return new GraphService(endpoint, http, monotonicNow, new DriveLinks(endpoint, http, monotonicNow));
}
