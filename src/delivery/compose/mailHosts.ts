/** Asks DNS which provider hosts a domain's mail, if the person allows that and a mail may be too large. */
import { Emitter } from "../../base/lifecycle.ts";
import { explain, type Log } from "../../base/log.ts";
import type { PanelSnapshot } from "../../shared/contract/snapshot.ts";
import { domainOf } from "../../shared/outsiders.ts";
import { parseRecipients } from "../../shared/recipients.ts";
import { providerOf, providerOfServer } from "../../shared/summary/mailboxLimits.ts";
import { ALWAYS_TAKEN } from "../../shared/summary/sizeDoubts.ts";
import type { DeliveryRecord } from "../record/delivery.ts";
import { isEditable } from "../record/queries.ts";
import { sentBytes } from "./learnedLimits.ts";

export interface MailHostsOptions {
  /** Whether the person and their organization allow it. Checked before each question. */
  readonly isOn: () => boolean;
  /** Names of a domain's mail servers, the preferred one first. */
  readonly serversOf: (domain: string) => Promise<readonly string[]>;
  readonly now: () => number;
  readonly log: Log;
}

type Learned = NonNullable<PanelSnapshot["learned"]>;

interface Answer {
  readonly limit: Learned[number] | undefined;
  /** Milliseconds since the epoch; after that, it is asked again. */
  readonly until: number;
}

const DAY_MS = 24 * 3_600_000;
/** Until a question that failed is asked again. */
const PAUSE_MS = 10 * 60_000;
const REMEMBERED = 500;
/** How many domains are asked about for one mail. */
const MOST_DOMAINS = 20;
/** What DNS can look up: not an IP address, and not the name of a machine in a local network. */
const DOMAIN = /^(?=.{4,253}$)([a-z0-9_](-*[a-z0-9])*\.)+[a-z](-*[a-z0-9])+$/;
/** Names that are not in public DNS. https://www.rfc-editor.org/rfc/rfc6761 */
const LOCAL = /\.(local|localhost|internal|lan|home\.arpa|test|invalid|example|onion)$/;

export class MailHosts {
  readonly #options: MailHostsOptions;
  readonly #answers = new Map<string, Answer>();
  readonly #asking = new Set<string>();
  readonly #didLearn: Emitter<string>;
  /** Fires with a domain whose provider was found since `of` answered. */
  readonly onDidLearn: Emitter<string>["event"];

  constructor(options: MailHostsOptions) {
    this.#options = options;
    this.#didLearn = new Emitter((reason) => options.log.error(explain(reason)));
    this.onDidLearn = this.#didLearn.event;
  }

  /** The limits of recipients' providers, known by their mail servers. Begins to ask for unknown ones. */
  of(mail: Pick<DeliveryRecord, "attachments" | "form" | "phase">): Learned {
    const { isOn, now } = this.#options;
    if (!isOn() || !isEditable(mail) || sentBytes(mail) <= ALWAYS_TAKEN) return [];
    const { to, cc, bcc } = mail.form;
    const emails = [to, cc, bcc].flatMap((list) =>
      parseRecipients(list).recipients.map(({ email }) => email),
    );
    const domains = new Set(emails.flatMap((email) => domainOf(email)?.toLowerCase() ?? []));
    return [...domains]
      .filter(isUnknown)
      .slice(0, MOST_DOMAINS)
      .flatMap((domain) => {
        const answer = this.#answers.get(domain);
        if (answer === undefined || answer.until <= now()) void this.#ask(domain);
        return answer?.limit ?? [];
      });
  }

  async #ask(domain: string): Promise<void> {
    if (this.#asking.has(domain)) return;
    this.#asking.add(domain);
    const { serversOf, now, log } = this.#options;
    try {
      const [server] = await serversOf(domain);
      const provider = server === undefined ? undefined : providerOfServer(server);
      this.#keep(domain, {
        limit: provider && {
          domain,
          bytes: provider.takes,
          ...(provider.mayDiffer ? { isGuess: true } : {}),
        },
        until: now() + DAY_MS,
      });
      if (provider !== undefined) this.#didLearn.fire(domain);
    } catch (reason) {
      // The person need not know: the limit stays a guess.
      log.info(`The mail servers of a recipient were not found: ${explain(reason)}`);
      this.#keep(domain, { limit: undefined, until: now() + PAUSE_MS });
    } finally {
      this.#asking.delete(domain);
    }
  }

  #keep(domain: string, answer: Answer): void {
    this.#answers.delete(domain);
    this.#answers.set(domain, answer);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > REMEMBERED && oldest !== undefined) this.#answers.delete(oldest);
  }
}

function isUnknown(domain: string): boolean {
  return providerOf(domain) === undefined && DOMAIN.test(domain) && !LOCAL.test(domain);
}
