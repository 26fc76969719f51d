/** From an account to the service that carries its mail: every request and every byte goes through here. */
import type { Http } from "../net/http.ts";
import { Slots } from "../net/slots.ts";
import type { AccountFacts } from "../policy/accountRules.ts";
import { DriveLinks } from "../services/drive/driveLinks.ts";
import { GraphService } from "../services/graph/graph.ts";
import type { MailService } from "../services/mailService.ts";
import { nylasService } from "../services/nylas/nylasService.ts";
import { NylasSessions } from "../services/nylas/nylasSessions.ts";
import type { PracticeMailbox } from "../services/practice.ts";
import type { Account } from "./accountBook.ts";
import { GRAPH, graphFacts, NYLAS, nylasFacts, PRACTICE, unknownService } from "./accountFacts.ts";

export interface MailServicesOptions {
  readonly http: Http;
  readonly practice: Pick<PracticeMailbox, "addresses">;
  /** @throws FreightError when the policy allows no mail from such an account */
  readonly permit: (facts: AccountFacts) => void;
  /** @throws FreightError `credential-missing` */
  readonly credential: (account: Account) => Promise<string>;
  /** The access token of an account whose tokens are renewed. @throws FreightError `credential-missing` */
  readonly nylasToken: (accountId: string) => Promise<string>;
  /** The token of an account's sign-in, renewed if due. @throws FreightError `credential-missing` */
  readonly signInToken: (account: Account, challenge?: string) => Promise<string>;
}

/** How the accounts of one service are handled. */
interface Kind {
  facts(account: Account): AccountFacts | Promise<AccountFacts>;
  service(account: Account): Promise<MailService>;
}

export class MailServices {
  readonly #options: MailServicesOptions;
  readonly #kinds: ReadonlyMap<string, Kind>;
  /** By account: all work on one mailbox shares the few requests that it takes at once. */
  readonly #turns = new Map<string, Slots>();

  constructor(options: MailServicesOptions) {
    this.#options = options;
    this.#kinds = new Map<string, Kind>([
      [NYLAS.service, { facts: nylasFacts, service: (account) => this.#nylas(account) }],
      [
        GRAPH.service,
        { facts: (account) => this.#graphFacts(account), service: async (account) => this.#graph(account) },
      ],
      [PRACTICE.service, { facts: () => PRACTICE, service: (account) => this.#practice(account) }],
    ]);
  }

  /** @throws FreightError `credential-missing`, `no-account`, `policy-refused`, `policy-unusable` */
  async serviceOf(account: Account): Promise<MailService> {
    const kind = this.#kinds.get(account.service);
    if (kind === undefined) throw unknownService(account);
    this.#options.permit(await kind.facts(account));
    return kind.service(account);
  }

  async #nylas(account: Account): Promise<MailService> {
    const { http, credential, nylasToken } = this.#options;
    const key = account.renewal === undefined ? await credential(account) : () => nylasToken(account.id);
    return nylasService({ apiUri: account.apiUri, credential: key }, account, http);
  }

  /** It has its own key, and speaks to us as Nylas does. */
  async #practice({ grantId }: Account): Promise<MailService> {
    const { http, practice } = this.#options;
    const { apiUri, apiKey } = (await practice.addresses()).nylas;
    return new NylasSessions({ apiUri, credential: apiKey }, grantId, http);
  }

  async #graphFacts(account: Account): Promise<AccountFacts> {
    const { signIn, apiUri } = account;
    return graphFacts(apiUri, signIn ?? (await this.#options.credential(account).catch(() => "")));
  }

  #graph(account: Account): MailService {
    const { http, credential, signInToken } = this.#options;
    const turns = this.#turns.get(account.id) ?? new Slots();
    this.#turns.set(account.id, turns);
    let known: string | undefined;
    const token = async (isRefused: boolean, challenge?: string) => {
      if (known === undefined || isRefused)
        known = await (account.signIn === undefined ? credential(account) : signInToken(account, challenge));
      return known;
    };
    const endpoint = { baseUrl: account.apiUri, mailbox: account.grantId, token, turns };
    return new GraphService(endpoint, http, undefined, new DriveLinks(endpoint, http));
  }
}
